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
  /** Of some combination all conditions here and below stand at one key, so that one value may satisfy them all. */
  readonly ofOneKey: boolean;
}

/** Whole numbers from nothing to this one are told by themselves. */
const SMALL = 100;

/** What was noted of values, in which scope the last time: a message has many values, and they repeat. */
export class Seen {
  readonly texts: Noted;
  readonly others: Noted;
  /** The last scope in which a small number was looked at. */
  readonly small = new Float64Array(SMALL);

  constructor(index: ValueIndex, passesMisses: boolean) {
    this.texts = new Noted(index.texts, passesMisses);
    this.others = new Noted(index.others, passesMisses);
  }

  /** Whether a whole number was looked at in the scope before; from now on it was. False: it may have been all the same. */
  knows(value: number, scope: number): boolean {
    const { small } = this;
    if (value < 0 || value >= SMALL) return false;
    if (small[value] === scope) return true;
    small[value] = scope;
    return false;
  }
}

/** The conditions at one place. */
export class PlaceValues {
  readonly index: ValueIndex;
  /** Bits of anything-but, which hold unless something stands against them. */
  readonly #unless: Bits;
  readonly #offset: number;
  /** Of a value for which no answer is yes there is nothing to note. */
  readonly #passesMisses: boolean;
  /** Values that were noted in a scope. */
  readonly seen: Seen;
  #elements: Seen | undefined;
  #members: Seen | undefined;

  constructor(uses: readonly Use[], { width, rows }: Layout) {
    this.#offset = width * rows;
    const unless = new BitsBuilder();
    const questions = uses.flatMap(({ condition: { rule }, bits }): Question[] => {
      if (rule.kind === "some") return [{ test: rule.test, bits }];
      if (rule.kind === "absent") return [];
      unless.add(bits);
      return rule.tests.map((test) => ({ test, bits: shifted(bits, this.#offset) }));
    });
    this.index = new ValueIndex(questions);
    this.#unless = unless.done();
    this.#passesMisses = this.#unless.length === 0 && !this.index.asksForPresence;
    this.seen = new Seen(this.index, this.#passesMisses);
  }

  /** Values that were elements with a scope of their own, by the scopes around them. */
  get seenElements(): Seen {
    return (this.#elements ??= new Seen(this.index, this.#passesMisses));
  }

  /** Values that were all that counts of an element with a scope of its own, by the scopes around that. */
  get seenMembers(): Seen {
    return (this.#members ??= new Seen(this.index, this.#passesMisses));
  }

  /** Notes the value that was looked at last; of several before `settle` each stands against the anything-but of all. */
  note(scope: Int32Array): void {
    this.index.add(scope);
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
            ofOneKey: without(allBits(below), repeatedIn(byPath(below, layout), layout)).length > 0,
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

/** Of each path the combinations that have conditions there. */
function byPath(uses: readonly Use[], layout: Layout): Pick<Use, "bits">[] {
  const paths = Map.groupBy(uses, ({ condition: { path } }) => path);
  return [...paths.values()].map((all) => ({ bits: combinationsOf(allBits(all), layout) }));
}

function combinationsOf(bits: Bits, { width }: Layout): Bits {
  const combinations = new BitsBuilder();
  for (let at = 0; at < bits.length; at += 2) combinations.set((bits[at] ?? 0) % width, bits[at + 1] ?? 0);
  return combinations.done();
}

/** Bits of the combinations that have two or more of the conditions. */
function repeatedIn(uses: readonly Pick<Use, "bits">[], { width }: Layout): Int32Array {
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
