import { AffixTree } from "./filter-affixes.ts";
import { Answers, BitsBuilder, Noted, type Bits } from "./filter-bits.ts";
import type { Condition } from "./filter-combinations.ts";
import { ValueIndex, type Question } from "./filter-values.ts";

/**
 * The words of a scope, which is the whole message or one element of an array: what holds, by rows of `width` words; as
 * many for what stands against an anything-but, while a value is looked at; and a row for combinations that are excluded.
 */
export interface Layout {
  readonly width: number;
  readonly rows: number;
  /** Whether conditions of one combination below an array are about one of its elements: those about a body are. */
  readonly grouped: boolean;
}

/** A condition, and its bits in the combinations to which it belongs. */
export interface Use {
  readonly condition: Condition;
  readonly bits: Bits;
}

/** A place in messages about which a policy says something. */
export class Place {
  readonly children: ReadonlyMap<string, Place>;
  /** For a value that stands here itself, and for one that stands here as an element of an array. */
  readonly values: PlaceValues | undefined;
  readonly elements: PlaceValues | undefined;
  /** What any value here excludes. */
  readonly excluded: Bits;
  readonly group: Group | undefined;
  /** Where the value that counts is kept while an object is looked through that has been given this number. */
  object = 0;
  slot = 0;
  readonly #all: readonly Place[];
  readonly #keys: AffixTree;

  constructor(of: Pick<Place, "children" | "values" | "elements" | "excluded" | "group">) {
    this.children = of.children;
    this.values = of.values;
    this.elements = of.elements;
    this.excluded = of.excluded;
    this.group = of.group;
    this.#all = [...of.children.values()];
    const keys = [...of.children.keys()].map((text, at) => ({ text, bits: Int32Array.of(at, 1), whole: true }));
    this.#keys = new AffixTree(keys, { answers: new Answers() });
  }

  /** The place at a key of an object that stands here; the key stands in `codes`. */
  child(codes: Uint16Array, start: number, end: number): Place | undefined {
    const at = this.#keys.find(codes, start, end).bits[0];
    return at === undefined ? undefined : this.#all[at];
  }
}

/**
 * Of a place at and below which a combination has several conditions: under an array one element must satisfy them all, so
 * that each element has a scope of its own.
 */
export interface Group {
  /** All conditions at and below the place, those of 32 combinations together. */
  readonly words: readonly Bits[];
  /** Several stand at the place itself, so that a value that is no object may satisfy them all. */
  readonly ofOneValue: boolean;
  /** For some combinations it is about one condition only. */
  readonly alone: boolean;
}

/** Where a text stands. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The conditions at one place. */
export class PlaceValues {
  readonly #index: ValueIndex;
  /** Bits of anything-but, which hold unless something stands against them. */
  readonly #unless: Bits;
  readonly #offset: number;
  /** Of a value for which no answer is yes there is nothing to note. */
  readonly #passesMisses: boolean;
  /** Texts and other values that were noted: a message has many values, and they repeat. */
  readonly #texts: Noted;
  readonly #others: Noted;
  /** The same of elements that are looked at by themselves, by the scopes around them. */
  #textsAround: Noted | undefined;
  #othersAround: Noted | undefined;
  /** Whether a number is looked at as what it is; else any stands for it. */
  readonly asksForNumbers: boolean;

  constructor(uses: readonly Use[], { width, rows }: Layout) {
    this.#offset = width * rows;
    const unless = new BitsBuilder();
    const questions = uses.flatMap(({ condition: { rule }, bits }): Question[] => {
      if (rule.kind === "some") return [{ test: rule.test, bits }];
      if (rule.kind === "absent") return [];
      unless.add(bits);
      return rule.tests.map((test) => ({ test, bits: shifted(bits, this.#offset) }));
    });
    this.#index = new ValueIndex(questions);
    this.#unless = unless.done();
    this.#passesMisses = this.#unless.length === 0 && !this.#index.asksForPresence;
    this.#texts = new Noted(this.#index.texts);
    this.#others = new Noted(this.#index.others);
    this.asksForNumbers = this.#index.asksForNumbers;
  }

  /**
   * Looks at a text, to note it or not: from one character of `codes` to another.
   * @param scope its number; none is ever given to two. @returns false: nothing is to be noted, or the same as for this text was before.
   */
  isNewText(codes: Uint16Array, span: Span, scope: number): boolean {
    return this.#isNew(this.#texts, this.#index.lookAtText(codes, span.start, span.end), scope);
  }

  isNew(value: number | boolean | null, scope: number): boolean {
    return !this.#others.knows(value, scope) && this.#isNew(this.#others, this.#index.look(value), scope);
  }

  /** The same for a text that has a scope of its own. @param scope that around it. */
  isNewTextAround(codes: Uint16Array, span: Span, scope: number): boolean {
    this.#textsAround ??= new Noted(this.#index.texts);
    return this.#isNew(this.#textsAround, this.#index.lookAtText(codes, span.start, span.end), scope);
  }

  isNewAround(value: number | boolean | null, scope: number): boolean {
    this.#othersAround ??= new Noted(this.#index.others);
    return !this.#othersAround.knows(value, scope) && this.#isNew(this.#othersAround, this.#index.look(value), scope);
  }

  /** @param number of what holds for the value; 0: no answer is yes. */
  #isNew(noted: Noted, number: number, scope: number): boolean {
    return !(number === 0 && this.#passesMisses) && noted.isNew(number, scope);
  }

  /** Notes the value that was looked at last; of several before `settle` each stands against the anything-but of all. */
  note(scope: Int32Array): void {
    this.#index.add(scope);
  }

  /** What nothing noted stands against holds. */
  settle(scope: Int32Array): void {
    const unless = this.#unless;
    const offset = this.#offset;
    for (let at = 0; at < unless.length; at += 2) {
      const index = unless[at] ?? 0;
      scope[index] = (scope[index] ?? 0) | ((unless[at + 1] ?? 0) & ~(scope[offset + index] ?? 0));
      scope[offset + index] = 0;
    }
  }
}

function shifted(bits: Bits, offset: number): Bits {
  return bits.map((value, at) => (at % 2 === 0 ? value + offset : value));
}

/** Puts places together from conditions. */
export class PlaceBuilder {
  readonly #children = new Map<string, PlaceBuilder>();
  readonly #here: Use[] = [];
  readonly #below: Use[] = [];

  /** @param steps from here to the condition's place. */
  add(use: Use, steps: readonly string[]): void {
    this.#below.push(use);
    const [step, ...others] = steps;
    if (step === undefined) {
      this.#here.push(use);
      return;
    }
    const child = this.#children.get(step) ?? new PlaceBuilder();
    this.#children.set(step, child);
    child.add(use, others);
  }

  done(layout: Layout): Place {
    const here = this.#here.filter(isPresent);
    const below = this.#below.filter(isPresent);
    const repeated = repeatedIn(below, layout);
    const grouped = layout.grouped && hasBits(repeated);
    const values = here.length === 0 ? undefined : new PlaceValues(here, layout);
    const alone = (uses: readonly Use[]) => uses.map(({ condition, bits }) => ({ condition, bits: without(bits, repeated) }));
    return new Place({
      children: new Map([...this.#children].map(([step, child]) => [step, child.done(layout)])),
      values,
      elements: grouped && here.length > 0 ? new PlaceValues(alone(here), layout) : values,
      excluded: excludedBy(this.#here, layout),
      group: grouped
        ? {
            words: byWord(allBits(below), layout),
            ofOneValue: hasBits(repeatedIn(here, layout)),
            alone: alone(below).some(({ bits }) => bits.length > 0),
          }
        : undefined,
    });
  }
}

function hasBits(words: Int32Array): boolean {
  return words.some((word) => word !== 0);
}

function isPresent({ condition }: Use): boolean {
  return condition.rule.kind !== "absent";
}

/** Bits of the combinations that have two or more of the conditions. */
function repeatedIn(uses: readonly Use[], { width }: Layout): Int32Array {
  const [once, twice] = [new Int32Array(width), new Int32Array(width)];
  for (const { bits } of uses) {
    for (let at = 0; at < bits.length; at += 2) {
      const [word, mask] = [(bits[at] ?? 0) % width, bits[at + 1] ?? 0];
      twice[word] = (twice[word] ?? 0) | ((once[word] ?? 0) & mask);
      once[word] = (once[word] ?? 0) | mask;
    }
  }
  return twice;
}

function without(bits: Bits, combinations: Int32Array): Bits {
  const left = new BitsBuilder();
  for (let at = 0; at < bits.length; at += 2) {
    const index = bits[at] ?? 0;
    left.set(index, (bits[at + 1] ?? 0) & ~(combinations[index % combinations.length] ?? 0));
  }
  return left.done();
}

function allBits(uses: readonly Use[]): Bits {
  return uses.reduce((sum, { bits }) => sum.add(bits), new BitsBuilder()).done();
}

function byWord(bits: Bits, { width }: Layout): Bits[] {
  const words = Array.from({ length: width }, () => new BitsBuilder());
  for (let at = 0; at < bits.length; at += 2) words[(bits[at] ?? 0) % width]?.set(bits[at] ?? 0, bits[at + 1] ?? 0);
  return words.map((word) => word.done()).filter(({ length }) => length > 0);
}

function excludedBy(uses: readonly Use[], { width, rows }: Layout): Bits {
  const excluded = new BitsBuilder();
  for (const { condition, bits } of uses) {
    if (condition.rule.kind !== "absent") continue;
    for (let at = 0; at < bits.length; at += 2) excluded.set(2 * width * rows + ((bits[at] ?? 0) % width), bits[at + 1] ?? 0);
  }
  return excluded.done();
}
