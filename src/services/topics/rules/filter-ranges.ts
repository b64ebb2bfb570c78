import { BitsBuilder, NOTHING, type Answer, type Answers, type Bits } from "./filter-bits.ts";

/** An end of a range, and whether it belongs to it. */
export interface Bound {
  readonly at: number;
  readonly within: boolean;
}

/** Values between two ends; an end that is missing leaves that side open. */
export interface Range {
  readonly low?: Bound | undefined;
  readonly high?: Bound | undefined;
}

/** What holds from one piece to another. */
interface PieceSpan {
  readonly from: number;
  readonly to: number;
  readonly bits: Bits;
}

/** So many ends cut all values into pieces: piece 2i + 1 is the i-th end itself, piece 2i what lies before it. @returns what holds for each. */
export function piecesOf(ends: number, spans: readonly PieceSpan[], answers: Answers): Answer[] {
  const pieces = Array.from({ length: 2 * ends + 1 }, () => new BitsBuilder());
  for (const { from, to, bits } of spans) for (const piece of pieces.slice(from, to + 1)) piece.add(bits);
  return pieces.map((piece) => answers.of(piece.done()));
}

/** The piece in which a value lies. @param ends from the least to the greatest. */
export function pieceAt(ends: Float64Array, value: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? value) < value) low = middle + 1;
    else high = middle;
  }
  return low < ends.length && ends[low] === value ? 2 * low + 1 : 2 * low;
}

const SMALL = 256;

/** Ranges that may overlap, as the pieces into which their ends cut all values: one is found by halving. */
export class RangeIndex {
  readonly #ends: Float64Array;
  readonly #pieces: readonly Answer[];
  /** For small numbers, which are the most that fit into a message. */
  readonly #small: Answer[] = [];

  constructor(ranges: readonly { readonly range: Range; readonly bits: Bits }[], answers: Answers) {
    const ends = ranges.flatMap(({ range }) => [range.low, range.high].flatMap((bound) => (bound === undefined ? [] : [bound.at])));
    this.#ends = Float64Array.from(new Set(ends)).sort();
    const spans = ranges.map(({ range: { low, high }, bits }) => ({
      from: low === undefined ? 0 : pieceAt(this.#ends, low.at) + (low.within ? 0 : 1),
      to: high === undefined ? 2 * this.#ends.length : pieceAt(this.#ends, high.at) - (high.within ? 0 : 1),
      bits,
    }));
    this.#pieces = piecesOf(this.#ends.length, spans, answers);
  }

  /** What holds for a value. */
  find(value: number): Answer {
    if (value >= 0 && value < SMALL && (value | 0) === value) return (this.#small[value] ??= this.#look(value));
    return this.#look(value);
  }

  #look(value: number): Answer {
    return this.#pieces[pieceAt(this.#ends, value)] ?? NOTHING;
  }
}
