/**
 * Letters drawn as strokes, so that a watermark looks the same on every machine, also on one without a single font.
 * A letter stands on a grid four units wide and six high, y downwards; below the line, descenders reach to 8.
 */
const LETTER_HEIGHT = 6;
const SPACING = 1.9;
const SPACE_WIDTH = 3;

interface Letter {
  readonly width: number;
  readonly path: string;
}

const letter = (width: number, path: string): Letter => ({ width, path });

const LETTERS: Readonly<Record<string, Letter>> = {
  A: letter(4, "M0 6L2 0L4 6M0.8 4H3.2"),
  B: letter(3.6, "M0 0V6H2.1A1.5 1.5 0 0 0 2.1 3H0M2 3A1.5 1.5 0 0 0 2 0H0"),
  C: letter(4, "M4 1.2A2.6 3 0 1 0 4 4.8"),
  D: letter(3.8, "M0 0V6H1.3A2.5 3 0 0 0 1.3 0Z"),
  E: letter(3.2, "M3.2 0H0V6H3.2M0 3H2.6"),
  F: letter(3.2, "M3.2 0H0V6M0 3H2.6"),
  G: letter(4.2, "M4 1.2A2.6 3 0 1 0 4.2 4.4V3.2H2.6"),
  H: letter(3.6, "M0 0V6M3.6 0V6M0 3H3.6"),
  I: letter(0, "M0 0V6"),
  J: letter(2.6, "M2.6 0V4.4A1.3 1.6 0 0 1 0 4.4"),
  K: letter(3.6, "M0 0V6M3.6 0L0 3.8M1.3 2.6L3.6 6"),
  L: letter(3, "M0 0V6H3"),
  M: letter(4.4, "M0 6V0L2.2 4L4.4 0V6"),
  N: letter(3.8, "M0 6V0L3.8 6V0"),
  O: letter(4.4, "M2.2 0A2.2 3 0 0 0 2.2 6A2.2 3 0 0 0 2.2 0"),
  P: letter(3.4, "M0 6V0H1.8A1.6 1.6 0 0 1 1.8 3.2H0"),
  Q: letter(4.4, "M2.2 0A2.2 3 0 0 0 2.2 6A2.2 3 0 0 0 2.2 0M2.6 4.2L4.4 6.4"),
  R: letter(3.6, "M0 6V0H1.8A1.6 1.6 0 0 1 1.8 3.2H0M1.8 3.2L3.6 6"),
  S: letter(3.4, "M3.3 1A1.7 1.4 0 0 0 1.7 0A1.5 1.5 0 0 0 1.7 3A1.5 1.5 0 0 1 1.7 6A1.8 1.4 0 0 1 0 4.9"),
  T: letter(3.8, "M0 0H3.8M1.9 0V6"),
  U: letter(3.6, "M0 0V4A1.8 2 0 0 0 3.6 4V0"),
  V: letter(4, "M0 0L2 6L4 0"),
  W: letter(5.6, "M0 0L1.4 6L2.8 1L4.2 6L5.6 0"),
  X: letter(3.8, "M0 0L3.8 6M3.8 0L0 6"),
  Y: letter(3.8, "M0 0L1.9 3L3.8 0M1.9 3V6"),
  Z: letter(3.6, "M0 0H3.6L0 6H3.6"),
  0: letter(3.6, "M1.8 0A1.8 3 0 0 0 1.8 6A1.8 3 0 0 0 1.8 0"),
  1: letter(1.6, "M0 1.2L1.6 0V6"),
  2: letter(3.4, "M0 1.7A1.7 1.7 0 1 1 3 2.7L0 6H3.4"),
  3: letter(3.4, "M0.2 0.9A1.6 1.5 0 1 1 1.5 2.9A1.6 1.55 0 1 1 0 5.1"),
  4: letter(3.8, "M2.8 6V0L0 4.2H3.8"),
  5: letter(3.4, "M3.2 0H0.5L0.2 2.7A1.8 1.8 0 1 1 0 5.2"),
  6: letter(3.4, "M2.8 0Q0 1.8 0 4.3A1.7 1.7 0 1 0 3.4 4.3A1.7 1.7 0 0 0 0 4.3"),
  7: letter(3.4, "M0 0H3.4L1.2 6"),
  8: letter(3.4, "M1.7 2.8A1.4 1.4 0 1 0 1.7 0A1.4 1.4 0 1 0 1.7 2.8A1.6 1.6 0 1 0 1.7 6A1.6 1.6 0 1 0 1.7 2.8"),
  9: letter(3.4, "M0.6 6Q3.4 4.2 3.4 1.7A1.7 1.7 0 1 0 0 1.7A1.7 1.7 0 0 0 3.4 1.7"),
  ".": letter(0, "M0 5.9V6"),
  ",": letter(0.6, "M0.6 5.8L0 7"),
  ":": letter(0, "M0 2.2V2.3M0 5.9V6"),
  ";": letter(0.6, "M0.6 2.2V2.3M0.6 5.8L0 7"),
  "!": letter(0, "M0 0V4M0 5.9V6"),
  "?": letter(3, "M0 1.4A1.5 1.5 0 1 1 2.2 2.6Q1.5 3.1 1.5 4.2M1.5 5.9V6"),
  "'": letter(0, "M0 0V1.4"),
  '"': letter(1.2, "M0 0V1.4M1.2 0V1.4"),
  "-": letter(2.2, "M0 3.4H2.2"),
  "+": letter(3, "M0 3.4H3M1.5 1.9V4.9"),
  "=": letter(3, "M0 2.6H3M0 4.2H3"),
  "/": letter(2.6, "M0 6.6L2.6 0"),
  "(": letter(1.2, "M1.2 -0.4Q-0.8 3 1.2 6.8"),
  ")": letter(1.2, "M0 -0.4Q2 3 0 6.8"),
  "&": letter(4, "M4 6L0.9 2A1.25 1.25 0 1 1 2.9 2L0.6 3.6A1.5 1.5 0 1 0 3.1 5.3L4 3.6"),
  "@": letter(5, "M3.6 2.2V3.8A0.7 0.8 0 0 0 5 3.6A2.5 2.8 0 1 0 3.9 5.6M3.6 3A1.1 1.1 0 1 0 1.4 3A1.1 1.1 0 1 0 3.6 3"),
  "#": letter(3.6, "M1.3 0.4L0.7 5.8M2.9 0.4L2.3 5.8M0.2 2.2H3.6M0 4.1H3.4"),
  "*": letter(2.2, "M1.1 0.2V2.6M0 0.8L2.2 2M2.2 0.8L0 2"),
  "©": letter(6, "M3 0A3 3 0 1 0 3 6A3 3 0 1 0 3 0M4.2 2.1A1.5 1.5 0 1 0 4.2 3.9"),
  "·": letter(0, "M0 3.3V3.4"),
};

/** What stands for a character that has no letter here. */
const UNKNOWN = letter(3, "M0 0H3V6H0Z");

export interface Lettering {
  /** SVG path data per letter, each to be moved right by its `x`. */
  readonly strokes: readonly { readonly x: number; readonly path: string }[];
  readonly width: number;
  readonly height: number;
}

/** Accents are dropped and small letters raised: the watermark is a stamp and not a letter to somebody. */
function plain(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll("ß", "SS")
    .replaceAll(/[–—]/gu, "-")
    .replaceAll(/[‘’]/gu, "'")
    .toUpperCase();
}

/** Sets a line of text, in grid units. */
export function lettering(text: string): Lettering {
  const strokes: { x: number; path: string }[] = [];
  let x = 0;
  for (const character of plain(text)) {
    if (/\s/u.test(character)) {
      x += SPACE_WIDTH;
      continue;
    }
    const { width, path } = LETTERS[character] ?? UNKNOWN;
    strokes.push({ x, path });
    x += width + SPACING;
  }
  return { strokes, width: Math.max(0, x - SPACING), height: LETTER_HEIGHT };
}
