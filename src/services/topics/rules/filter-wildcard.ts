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

  /** @returns a bit for each that the text fits which stands there. */
  fitting(codes: Uint16Array, start: number, end: number): number {
    const [first, last] = start === end ? [OTHERS, OTHERS] : [codes[start] ?? 0, codes[end - 1] ?? 0];
    let fitting = 0;
    let left = (this.#byFirst[first < OTHERS ? first : OTHERS] ?? 0) & (this.#byLast[last < OTHERS ? last : OTHERS] ?? 0);
    for (let at = 0; left !== 0; at += 1, left >>>= 1)
      if ((left & 1) === 1 && this.#all[at]?.fits(codes, start, end) === true) fitting |= 1 << at;
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
  readonly #head: Uint16Array;
  readonly #tail: Uint16Array;
  readonly #middle: readonly Piece[];
  readonly #lengthMin: number;
  readonly #exact: boolean;

  constructor({ pieces }: WildcardPattern) {
    this.#exact = pieces.length === 1;
    this.#head = codesOf(pieces[0] ?? "");
    this.#tail = codesOf(pieces.at(-1) ?? "");
    this.#middle = pieces.slice(1, -1).map((piece) => new Piece(codesOf(piece)));
    this.#lengthMin = this.#exact ? this.#head.length : pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  fits(codes: Uint16Array, start: number, end: number): boolean {
    const length = end - start;
    if (length < this.#lengthMin || (this.#exact && length > this.#lengthMin)) return false;
    if (!stands(codes, this.#head, start) || !stands(codes, this.#tail, end - this.#tail.length)) return false;
    return this.#middle.length === 0 || this.#follow(codes, start + this.#head.length, end - this.#tail.length);
  }

  /** Whether the pieces come one behind the other. The first place of each is as good as any: what follows has the more room. */
  #follow(codes: Uint16Array, start: number, end: number): boolean {
    let at = start;
    for (const piece of this.#middle) {
      at = piece.endIn(codes, at, end);
      if (at < 0) return false;
    }
    return true;
  }
}

/**
 * A piece that is looked for in many texts, by Knuth, Morris and Pratt: each character is looked at once, however often
 * the piece nearly stands there. To call the platform's search for each of a hundred thousand texts takes longer.
 */
class Piece {
  readonly #codes: Uint16Array;
  /** By how many characters have been found: how many of them may begin the piece anew. */
  readonly #again: Uint32Array;

  constructor(codes: Uint16Array) {
    this.#codes = codes;
    this.#again = new Uint32Array(codes.length + 1);
    for (let length = 1, same = 0; length < codes.length; length += 1) {
      while (same > 0 && codes[length] !== codes[same]) same = this.#again[same] ?? 0;
      if (codes[length] === codes[same]) same += 1;
      this.#again[length + 1] = same;
    }
  }

  /** Where it first ends between `start` and `end`; -1: it does not stand there. */
  endIn(codes: Uint16Array, start: number, end: number): number {
    const piece = this.#codes;
    const { length } = piece;
    let found = 0;
    for (let at = start; at < end; at += 1) {
      const code = codes[at];
      while (found > 0 && piece[found] !== code) found = this.#again[found] ?? 0;
      if (piece[found] === code) found += 1;
      if (found === length) return at + 1;
    }
    return length === 0 ? start : -1;
  }
}

function stands(codes: Uint16Array, piece: Uint16Array, start: number): boolean {
  for (let at = 0; at < piece.length; at += 1) if (codes[start + at] !== piece[at]) return false;
  return true;
}

function codesOf(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}
