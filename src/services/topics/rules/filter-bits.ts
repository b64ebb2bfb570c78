/**
 * Which conditions of a filter policy hold, as bits: a policy is a choice of combinations, each a list of conditions that
 * must all hold. The condition at position s of combination c is bit c % 32 of word `s * width + c / 32`, so that all
 * combinations are decided at once by a few operations on words.
 *
 * Bits that are mostly zero are kept as pairs: index of a word, its bits, index, bits…
 */
export type Bits = Int32Array;

/** Bits while they are put together. */
export class BitsBuilder {
  readonly #words = new Map<number, number>();

  set(index: number, word: number): this {
    this.#words.set(index, (this.#words.get(index) ?? 0) | word);
    return this;
  }

  add(bits: Bits): this {
    for (let at = 0; at < bits.length; at += 2) this.set(bits[at] ?? 0, bits[at + 1] ?? 0);
    return this;
  }

  get(index: number): number {
    return this.#words.get(index) ?? 0;
  }

  done(): Bits {
    return Int32Array.from([...this.#words].filter(([, word]) => word !== 0).flat());
  }
}

export const NO_BITS: Bits = new Int32Array(0);

export function addBits(bits: Bits, into: Int32Array): void {
  for (let at = 0; at < bits.length; at += 2) {
    const index = bits[at] ?? 0;
    into[index] = (into[index] ?? 0) | (bits[at + 1] ?? 0);
  }
}

/** What holds for a value, with a number that tells it from the other answers of its kind; 0: nothing does. */
export interface Answer {
  readonly bits: Bits;
  readonly number: number;
}

export const NOTHING: Answer = { bits: NO_BITS, number: 0 };

/** The answers of one kind of question. */
export class Answers {
  /** How many there are, with the empty one. */
  count = 1;

  of(bits: Bits): Answer {
    if (bits.length === 0) return NOTHING;
    this.count += 1;
    return { bits, number: this.count - 1 };
  }
}

/** The greatest table: where there are more numbers, some share a place, and one puts out the other. All that it saves is work. */
const TABLE_MAX = 2048;

/** What was noted in which scope the last time, by the numbers of what held for values. */
export class Noted {
  /** By places the last scope, and if numbers share places the number. */
  readonly #scopes: Float64Array | undefined;
  readonly #numbers: Float64Array | undefined;
  readonly #passesMisses: boolean;

  /**
   * @param count of the numbers; Infinity: they do not tell one from another, and all is new.
   * @param passesMisses whether a value for which no answer is yes is never new.
   */
  constructor(count: number, passesMisses: boolean) {
    this.#scopes = count < Infinity ? new Float64Array(Math.min(count, TABLE_MAX)) : undefined;
    this.#numbers = count < Infinity && count > TABLE_MAX ? new Float64Array(TABLE_MAX) : undefined;
    this.#passesMisses = passesMisses;
  }

  /** @param scope its number, from 1; no two scopes ever have the same. @returns whether it is not noted there yet; from now on it is. */
  isNew(number: number, scope: number): boolean {
    if (number === 0 && this.#passesMisses) return false;
    const scopes = this.#scopes;
    const numbers = this.#numbers;
    if (scopes === undefined) return true;
    const place = numbers === undefined ? number : placeOf(number);
    if (scopes[place] === scope && (numbers === undefined || numbers[place] === number)) return false;
    scopes[place] = scope;
    if (numbers !== undefined) numbers[place] = number;
    return true;
  }
}

/** Any of 2,048, as good as by chance (Knuth's multiplicative hashing). */
function placeOf(number: number): number {
  const high = (number / 2 ** 32) >>> 0;
  return Math.imul((number >>> 0) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 21;
}
