/** A text in which `*` stands for any characters, also none. */
export interface WildcardPattern {
  /** What stands between the stars, in order; one piece: there is no star. */
  readonly pieces: readonly string[];
}

/** Where a pattern cannot be read: in words behind which the position stands. */
export interface BadWildcard {
  readonly problem: string;
  readonly at: number;
}

/** A backslash takes its meaning from a star, or from another backslash. */
export function readWildcard(text: string): WildcardPattern | BadWildcard {
  const pieces = [""];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "*") {
      if (text[at + 1] === "*") return { problem: "Consecutive wildcard characters", at };
      pieces.push("");
      continue;
    }
    if (character === "\\") {
      at += 1;
      if (text[at] !== "*" && text[at] !== "\\") return { problem: "Invalid escape character", at };
    }
    pieces.push((pieces.pop() ?? "") + (text[at] ?? ""));
  }
  return { pieces };
}

/** All patterns at one place. Most texts have the first and the last character of none. */
export class Wildcards {
  readonly #all: readonly Wildcard[];
  /** By the code of the first and the last character: a bit for each pattern that it leaves possible. */
  readonly #byFirst: Uint16Array;
  readonly #byLast: Uint16Array;

  /** @param patterns sixteen at the most. */
  constructor(patterns: readonly WildcardPattern[]) {
    this.#all = patterns.map((pattern) => new Wildcard(pattern));
    this.#byFirst = possible(patterns.map(({ pieces }) => pieces[0]?.charCodeAt(0)));
    this.#byLast = possible(patterns.map(({ pieces }) => pieces.at(-1)?.charCodeAt((pieces.at(-1) ?? "").length - 1)));
  }

  /** @returns a bit for each that the text fits, which stands within another from `start` to `end`. */
  fitting(text: string, start: number, end: number): number {
    const [first, last] = start === end ? [OTHERS, OTHERS] : [text.charCodeAt(start), text.charCodeAt(end - 1)];
    let fitting = 0;
    let left = (this.#byFirst[first < OTHERS ? first : OTHERS] ?? 0) & (this.#byLast[last < OTHERS ? last : OTHERS] ?? 0);
    for (let at = 0; left !== 0; at += 1, left >>>= 1)
      if ((left & 1) === 1 && this.#all[at]?.fits(text, start, end) === true) fitting |= 1 << at;
    return fitting;
  }
}

/** All codes from here on together. */
const OTHERS = 128;

/** @param codes of the patterns; NaN: any character, or none, is possible. */
function possible(codes: readonly (number | undefined)[]): Uint16Array {
  const masks = new Uint16Array(OTHERS + 1);
  for (const [at, code = NaN] of codes.entries())
    for (let character = 0; character <= OTHERS; character += 1)
      if (Number.isNaN(code) || Math.min(code, OTHERS) === character) masks[character] = (masks[character] ?? 0) | (1 << at);
  return masks;
}

/** A pattern made ready for many texts; each is looked at from its beginning to its end once. */
class Wildcard {
  readonly #head: string;
  readonly #tail: string;
  readonly #middle: readonly string[];
  readonly #lengthMin: number;
  readonly #exact: boolean;

  constructor({ pieces }: WildcardPattern) {
    this.#exact = pieces.length === 1;
    this.#head = pieces[0] ?? "";
    this.#tail = pieces.at(-1) ?? "";
    this.#middle = pieces.slice(1, -1);
    this.#lengthMin = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** @param text in which it stands from `start` to `end`. */
  fits(text: string, start: number, end: number): boolean {
    const { length } = this.#head;
    if (end - start < this.#lengthMin || (this.#exact && end - start > length)) return false;
    if (!stands(text, this.#head, start) || !stands(text, this.#tail, end - this.#tail.length)) return false;
    return this.#middle.length === 0 || this.#follow(text.slice(start + length, end - this.#tail.length));
  }

  /** Whether the pieces come one behind the other. The first place of each is as good as any: what follows has the more room. */
  #follow(text: string): boolean {
    let at = 0;
    for (const piece of this.#middle) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return true;
  }
}

/** The first character alone tells most: to call the platform takes longer than to look. */
function stands(text: string, piece: string, at: number): boolean {
  return piece === "" || (text.charCodeAt(at) === piece.charCodeAt(0) && text.startsWith(piece, at));
}
