const CODES = 0x10000;
/** Letters of scripts that have no case stand here, and halves of letters beyond the first 65,536. */
const CASELESS: readonly (readonly [from: number, through: number])[] = [
  [0x2e80, 0xa63f],
  [0xac00, 0xdfff],
];
const DOTTED_CAPITAL_I = 0x130;
const SIGMA = 0x3c3;
const FINAL_SIGMA = 0x3c2;

let folded: Uint16Array | undefined;

/**
 * For each character the one that stands for it whatever its case: each by itself, as AWS's library compares them, so that
 * a text is as long as before and is compared where it stands. It is the same for ever, and made when it is first needed.
 */
export function foldedCodes(): Uint16Array {
  return (folded ??= Uint16Array.from({ length: CODES }, (_, code) => foldedCode(code)));
}

function foldedCode(code: number): number {
  if (CASELESS.some(([from, through]) => code >= from && code <= through)) return code;
  if (code === DOTTED_CAPITAL_I) return 0x69;
  if (code === FINAL_SIGMA) return SIGMA;
  const lower = String.fromCharCode(code).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : code;
}

export function foldedText(text: string): string {
  const codes = foldedCodes();
  let made = "";
  for (let at = 0; at < text.length; at += 1) made += String.fromCharCode(codes[text.charCodeAt(at)] ?? 0);
  return made;
}
