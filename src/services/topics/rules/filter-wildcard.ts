import { AffixTree } from "./filter-affixes.ts";
import { Answers, type Answer } from "./filter-bits.ts";
import { PieceTree } from "./filter-pieces.ts";

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

/** Texts below so many characters know at once which patterns are too long for them. */
const SHORT = 64;

/**
 * All patterns at one place that have stars, a bit each. Beginnings and ends leave few of them possible; what stands between
 * their stars is looked for together, in one pass over the text.
 */
export class Wildcards {
  readonly #all: number;
  /** Undefined: no pattern has any. */
  readonly #heads: AffixTree | undefined;
  readonly #tails: AffixTree | undefined;
  readonly #headLengths: readonly number[];
  readonly #tailLengths: readonly number[];
  readonly #lengthsMin: readonly number[];
  /** The patterns for which a short text is long enough, by its length. */
  readonly #longEnough: Int32Array;
  /** The patterns that have pieces between their stars. */
  readonly #pieced: number;
  /** Pieces between stars: the first of each pattern has the pattern's number, the others follow. */
  readonly #pieces: PieceTree;
  /** Of each piece its pattern, and the pattern's next piece; -1: it is the last. */
  readonly #patternOf: readonly number[];
  readonly #next: readonly number[];
  /** Of the text that is being looked at: where the rest begins in which a pattern's next piece may stand. */
  readonly #rest: Int32Array;

  /** @param patterns of two pieces or more, and with no more than 31 pieces between stars. */
  constructor(patterns: readonly WildcardPattern[]) {
    const all = patterns.map(({ pieces }) => pieces);
    const [heads, tails] = [all.map((pieces) => pieces[0] ?? ""), all.map((pieces) => pieces.at(-1) ?? "")];
    this.#all = 2 ** all.length - 1;
    this.#heads = treeOf(heads, false);
    this.#tails = treeOf(tails, true);
    this.#headLengths = heads.map(({ length }) => length);
    this.#tailLengths = tails.map(({ length }) => length);
    this.#lengthsMin = all.map((pieces) => pieces.reduce((sum, { length }) => sum + length, 0));
    this.#longEnough = Int32Array.from({ length: SHORT }, (_, length) => maskOf(this.#lengthsMin, (least) => least <= length));
    this.#pieced = maskOf(all, ({ length }) => length > 2);
    const firsts = all.map((pieces) => (pieces.length > 2 ? (pieces[1] ?? "") : ""));
    const others = all.flatMap((pieces, pattern) => pieces.slice(2, -1).map((text) => ({ text, pattern })));
    this.#pieces = new PieceTree([...firsts, ...others.map(({ text }) => text)]);
    this.#patternOf = [...all.keys(), ...others.map(({ pattern }) => pattern)];
    this.#next = this.#patternOf.map((pattern, piece) => this.#patternOf.indexOf(pattern, Math.max(piece + 1, all.length)));
    this.#rest = new Int32Array(all.length);
  }

  /** @returns a bit for each that the text fits which stands there. */
  fitting(codes: Uint16Array, start: number, end: number): number {
    let possible = this.#all;
    if (this.#heads !== undefined) possible = wordOf(this.#heads.find(codes, start, end));
    if (possible !== 0 && this.#tails !== undefined) possible &= wordOf(this.#tails.find(codes, start, end));
    const length = end - start;
    if (length < SHORT) possible &= this.#longEnough[length] ?? 0;
    else possible &= maskOf(this.#lengthsMin, (least) => least <= length);
    const awaited = possible & this.#pieced;
    return awaited === 0 ? possible : (possible & ~awaited) | this.#following(codes, { start, end }, awaited);
  }

  /** The first place of a piece is as good as any: what follows has the more room. @param patterns of which the first pieces are looked for. */
  #following(codes: Uint16Array, { start, end }: { start: number; end: number }, patterns: number): number {
    const pieces = this.#pieces;
    let awaited = patterns;
    let fitting = 0;
    pieces.begin(start);
    while (awaited !== 0) {
      let found = pieces.find(codes, end, awaited);
      if (found === 0) break;
      const behind = pieces.at;
      for (; found !== 0; found &= found - 1) {
        const piece = 31 - Math.clz32(found & -found);
        const pattern = this.#patternOf[piece] ?? 0;
        const rest = piece === pattern ? start + (this.#headLengths[piece] ?? 0) : (this.#rest[pattern] ?? 0);
        if (behind - pieces.length(piece) < rest) continue;
        awaited &= ~(1 << piece);
        if (behind > end - (this.#tailLengths[pattern] ?? 0)) continue;
        this.#rest[pattern] = behind;
        const next = this.#next[piece] ?? 0;
        if (next < 0) fitting |= 1 << pattern;
        else awaited |= 1 << next;
      }
    }
    return fitting;
  }
}

/** Undefined: there is no text. */
function treeOf(texts: readonly string[], fromEnd: boolean): AffixTree | undefined {
  if (texts.every((text) => text === "")) return undefined;
  const affixes = texts.map((text, at) => ({ text, bits: Int32Array.of(0, 1 << at), whole: false }));
  return new AffixTree(affixes, { answers: new Answers(), fromEnd });
}

/** A bit for each of which it is so. */
function maskOf<T>(all: readonly T[], isSo: (one: T) => boolean): number {
  return all.reduce((mask, one, at) => (isSo(one) ? mask | (1 << at) : mask), 0);
}

/** Of an answer all of whose bits are in the first word. */
function wordOf({ bits }: Answer): number {
  return bits.length === 0 ? 0 : (bits[1] ?? 0);
}
