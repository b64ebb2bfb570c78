import { addressKey, type AddressBlock } from "./filter-addresses.ts";
import { AffixTree } from "./filter-affixes.ts";
import { addBits, BitsBuilder, NO_BITS, type Bits } from "./filter-bits.ts";
import { RangeIndex, type Range } from "./filter-ranges.ts";
import type { Scalar, Test } from "./filter-rule.ts";
import { Wildcard } from "./filter-wildcard.ts";

/** A question to a value, and what holds where the answer is yes. */
export interface Question {
  readonly test: Test;
  readonly bits: Bits;
}

/** Of a union that shares a shape, all of whose kinds come together. */
type TextKind = "prefix" | "suffix" | "equals-ignore-case";
type OfKind<K extends Test["kind"]> = Question & {
  readonly test: K extends TextKind ? Extract<Test, { kind: TextKind }> : Extract<Test, { kind: K }>;
};

/**
 * All questions to the values of one path, answered together: a message may have hundreds of thousands of values there, and
 * a policy 150 questions, which is too many to ask one by one. No text of a policy becomes a RegExp.
 */
export class ValueIndex {
  readonly #always: Bits;
  readonly #equal: ReadonlyMap<Scalar, Bits>;
  readonly #folded: ReadonlyMap<Scalar, Bits> | undefined;
  readonly #prefixes: AffixTree | undefined;
  readonly #suffixes: AffixTree | undefined;
  readonly #wildcards: readonly { readonly wildcard: Wildcard; readonly bits: Bits }[];
  readonly #numbers: RangeIndex<number> | undefined;
  readonly #addresses: RangeIndex<string> | undefined;

  constructor(questions: readonly Question[]) {
    const of = <K extends Test["kind"]>(kind: K) => questions.filter((question): question is OfKind<K> => question.test.kind === kind);
    const texts = (kind: TextKind) => of<TextKind>(kind).map(({ test: { text }, bits }) => ({ text, bits }));
    this.#always = of("exists")
      .reduce((sum, { bits }) => sum.add(bits), new BitsBuilder())
      .done();
    this.#equal = byValue(of("equals").map(({ test: { value }, bits }) => ({ value, bits })));
    this.#folded = present(texts("equals-ignore-case"), (all) => byValue(all.map(({ text, bits }) => ({ value: folded(text), bits }))));
    this.#prefixes = present(texts("prefix"), (all) => new AffixTree(all, false));
    this.#suffixes = present(texts("suffix"), (all) => new AffixTree(all, true));
    this.#wildcards = of("wildcard").map(({ test: { pattern }, bits }) => ({ wildcard: new Wildcard(pattern), bits }));
    this.#numbers = present(of("numeric"), (all) => new RangeIndex(all.map(({ test: { range }, bits }) => ({ range, bits }))));
    this.#addresses = present(
      of("cidr"),
      (all) => new RangeIndex(all.map(({ test: { block }, bits }) => ({ range: rangeOf(block), bits }))),
    );
  }

  /** Adds what holds for the value. */
  collect(value: Scalar, into: Int32Array): void {
    addBits(this.#always, into);
    addBits(this.#equal.get(value) ?? NO_BITS, into);
    if (typeof value === "number") {
      if (this.#numbers !== undefined) addBits(this.#numbers.find(value), into);
    } else if (typeof value === "string") this.#collectText(value, into);
  }

  #collectText(text: string, into: Int32Array): void {
    if (this.#folded !== undefined) addBits(this.#folded.get(folded(text)) ?? NO_BITS, into);
    if (this.#prefixes !== undefined) addBits(this.#prefixes.find(text), into);
    if (this.#suffixes !== undefined) addBits(this.#suffixes.find(text), into);
    for (const { wildcard, bits } of this.#wildcards) if (wildcard.fits(text)) addBits(bits, into);
    if (this.#addresses === undefined) return;
    const key = addressKey(text);
    if (key !== undefined) addBits(this.#addresses.find(key), into);
  }
}

function present<T, R>(all: readonly T[], make: (all: readonly T[]) => R): R | undefined {
  return all.length === 0 ? undefined : make(all);
}

function byValue(all: readonly { readonly value: Scalar; readonly bits: Bits }[]): ReadonlyMap<Scalar, Bits> {
  const found = new Map<Scalar, BitsBuilder>();
  for (const { value, bits } of all) found.set(value, (found.get(value) ?? new BitsBuilder()).add(bits));
  return new Map([...found].map(([value, bits]) => [value, bits.done()]));
}

function folded(text: string): string {
  return text.toLowerCase();
}

function rangeOf({ low, high }: AddressBlock): Range<string> {
  return { low: { at: low, within: true }, high: { at: high, within: true } };
}
