import { AddressIndex } from "./filter-addresses.ts";
import { AffixTree, type Affix } from "./filter-affixes.ts";
import { addBits, Answers, BitsBuilder, NO_BITS, NOTHING, type Answer, type Bits } from "./filter-bits.ts";
import { RangeIndex, type Range } from "./filter-ranges.ts";
import type { Scalar, Test } from "./filter-rule.ts";
import { Wildcards } from "./filter-wildcard.ts";

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

/** Numbers below this one are exact. */
const NUMBERS_MAX = 2 ** 53;

/**
 * All questions to the values of one path, answered together: a message may have hundreds of thousands of values there, and
 * a policy 150 questions, which is too many to ask one by one. No text of a policy becomes a RegExp.
 *
 * A value is looked at, which gives a number for all that holds for it: another value with the same number adds nothing.
 */
export class ValueIndex {
  readonly #always: Bits;
  /** What holds for true, false and null. */
  readonly #words: ReadonlyMap<Scalar, Answer> | undefined;
  readonly #texts: AffixTree | undefined;
  readonly #folded: AffixTree | undefined;
  readonly #suffixes: AffixTree | undefined;
  readonly #wildcards: Wildcards | undefined;
  /** What holds for a text that fits the wildcard at the same place. */
  readonly #fits: readonly Bits[];
  readonly #numbers: RangeIndex | undefined;
  readonly #addresses: AddressIndex | undefined;
  /** How many answers each kind has, to make one number of all. */
  readonly #counts;
  /** Of the value that was looked at last; all but the first are of a text. */
  #isText = false;
  #first = NOTHING;
  #second = NOTHING;
  #third = NOTHING;
  #fourth = NOTHING;
  /** Its wildcards, a bit each: there are at most ten at one place. */
  #fitting = 0;

  constructor(questions: readonly Question[]) {
    const of = <K extends Test["kind"]>(kind: K) => questions.filter((question): question is OfKind<K> => question.test.kind === kind);
    const affixes = (kind: TextKind): Affix[] => of<TextKind>(kind).map(({ test: { text }, bits }) => ({ text, bits, whole: false }));
    const [starred, plain] = partition(of("wildcard"), ({ test: { pattern } }) => pattern.pieces.length > 1);
    const equals = [
      ...of("equals").map(({ test: { value }, bits }) => ({ value, bits })),
      ...plain.map(({ test: { pattern }, bits }) => ({ value: pattern.pieces[0] ?? "", bits })),
    ];
    const wholes = equals.flatMap(({ value, bits }) => (typeof value === "string" ? [{ text: value, bits, whole: true }] : []));
    const folded = affixes("equals-ignore-case").map((affix) => ({ ...affix, whole: true }));
    const answers = {
      texts: new Answers(),
      folded: new Answers(),
      suffixes: new Answers(),
      addresses: new Answers(),
      others: new Answers(),
    };
    this.#always = of("exists")
      .reduce((sum, { bits }) => sum.add(bits), new BitsBuilder())
      .done();
    this.#words = present(
      equals.filter(({ value }) => typeof value === "boolean" || value === null),
      (all) => byValue(all, answers.others),
    );
    this.#texts = present([...affixes("prefix"), ...wholes], (all) => new AffixTree(all, { answers: answers.texts }));
    this.#folded = present(folded, (all) => new AffixTree(all, { answers: answers.folded, folded: true }));
    this.#suffixes = present(affixes("suffix"), (all) => new AffixTree(all, { answers: answers.suffixes, fromEnd: true }));
    this.#wildcards = present(starred, (all) => new Wildcards(all.map(({ test: { pattern } }) => pattern)));
    this.#fits = starred.map(({ bits }) => bits);
    const ranges = [
      ...of("numeric").map(({ test: { range }, bits }) => ({ range, bits })),
      ...equals.flatMap(({ value, bits }) => (typeof value === "number" ? [{ range: only(value), bits }] : [])),
    ];
    this.#numbers = present(ranges, (all) => new RangeIndex(all, answers.others));
    this.#addresses = present(
      of("cidr"),
      (all) =>
        new AddressIndex(
          all.map(({ test: { block }, bits }) => ({ block, bits })),
          answers.addresses,
        ),
    );
    this.#counts = {
      texts: answers.texts.count,
      folded: answers.folded.count,
      suffixes: answers.suffixes.count,
      addresses: answers.addresses.count,
      others: answers.others.count,
      fitting: 2 ** this.#fits.length,
    };
  }

  /** How many numbers there are for texts, and for other values; Infinity: too many to tell them by numbers. */
  get texts(): number {
    const { texts, folded, suffixes, addresses, fitting } = this.#counts;
    const count = texts * folded * suffixes * addresses * fitting;
    return count < NUMBERS_MAX ? count : Infinity;
  }

  get others(): number {
    return this.#counts.others;
  }

  /** Whether something holds for any value. */
  get asksForPresence(): boolean {
    return this.#always.length > 0;
  }

  /** Whether it matters which number a value is. */
  get asksForNumbers(): boolean {
    return this.#numbers !== undefined;
  }

  /** Looks at a value that is no text. @returns the number of all that holds for it. */
  look(value: number | boolean | null): number {
    const found = typeof value === "number" ? this.#numbers?.find(value) : this.#words?.get(value);
    this.#isText = false;
    this.#first = found ?? NOTHING;
    return this.#first.number;
  }

  /** The same for a text, from one character of `codes` to another. */
  lookAtText(codes: Uint16Array, start: number, end: number): number {
    const counts = this.#counts;
    this.#isText = true;
    const whole = this.#texts === undefined ? NOTHING : this.#texts.find(codes, start, end);
    const folded = this.#folded === undefined ? NOTHING : this.#folded.find(codes, start, end);
    const suffix = this.#suffixes === undefined ? NOTHING : this.#suffixes.find(codes, start, end);
    const address = this.#addresses === undefined ? NOTHING : this.#addresses.find(codes, start, end);
    this.#first = whole;
    this.#second = folded;
    this.#third = suffix;
    this.#fourth = address;
    const fitting = this.#wildcards === undefined ? 0 : this.#wildcards.fitting(codes, start, end);
    this.#fitting = fitting;
    const number = ((whole.number * counts.folded + folded.number) * counts.suffixes + suffix.number) * counts.addresses + address.number;
    return number * counts.fitting + fitting;
  }

  /** Adds what holds for the value that was looked at last. */
  add(into: Int32Array): void {
    addBits(this.#always, into);
    addBits(this.#first.bits, into);
    if (!this.#isText) return;
    addBits(this.#second.bits, into);
    addBits(this.#third.bits, into);
    addBits(this.#fourth.bits, into);
    for (let at = 0, left = this.#fitting; left !== 0; at += 1, left >>>= 1) if ((left & 1) === 1) addBits(this.#fits[at] ?? NO_BITS, into);
  }
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function present<T, R>(all: readonly T[], make: (all: readonly T[]) => R): R | undefined {
  return all.length === 0 ? undefined : make(all);
}

function only(value: number): Range {
  const bound = { at: value, within: true };
  return { low: bound, high: bound };
}

function byValue(all: readonly { readonly value: Scalar; readonly bits: Bits }[], answers: Answers): ReadonlyMap<Scalar, Answer> {
  const found = new Map<Scalar, BitsBuilder>();
  for (const { value, bits } of all) found.set(value, (found.get(value) ?? new BitsBuilder()).add(bits));
  return new Map([...found].map(([value, bits]) => [value, answers.of(bits.done())]));
}
