import { BitsBuilder, type Bits } from "./filter-bits.ts";
import type { Condition } from "./filter-combinations.ts";
import type { Scalar } from "./filter-rule.ts";
import type { ScalarText } from "./json-reader.ts";
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
export interface Place {
  readonly children: ReadonlyMap<string, Place>;
  /** For a value that stands here itself, and for one that stands here as an element of an array. */
  readonly values: PlaceValues | undefined;
  readonly elements: PlaceValues | undefined;
  /** What any value here excludes. */
  readonly excluded: Bits;
  readonly group: Group | undefined;
}

/**
 * Of a place at and below which a combination has several conditions: under an array one element must satisfy them all, so
 * that each element has a scope of its own.
 */
export interface Group {
  /** All conditions at and below the place. */
  readonly bits: Bits;
  /** Several stand at the place itself, so that a value that is no object may satisfy them all. */
  readonly ofOneValue: boolean;
  /** For some combinations it is about one condition only. */
  readonly alone: boolean;
}

/** The conditions at one place. */
class PlaceValues {
  readonly #index: ValueIndex;
  /** Bits of anything-but, which hold unless something stands against them. */
  readonly #unless: Bits;
  readonly #offset: number;
  /** By the numbers of what held for values: in which scope it was noted the last time. A message has many values, and they repeat. */
  readonly #noted = new Map<number, number>();
  /** The same of elements that are looked at by themselves: around which scope. */
  readonly #raised = new Map<number, number>();

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
  }

  /**
   * Looks at a value, to note it or not. @param number of the scope; no two that a message has are of the same.
   * @returns false: the same as for this value was noted there before.
   */
  isNew(value: ScalarText | Exclude<Scalar, string>, number: number): boolean {
    return isFirst(this.#noted, this.#look(value), number);
  }

  /** The same for a value that has a scope of its own. @param number of the scope around it. */
  isNewAround(value: ScalarText | Exclude<Scalar, string>, number: number): boolean {
    return isFirst(this.#raised, this.#look(value), number);
  }

  #look(value: ScalarText | Exclude<Scalar, string>): number | undefined {
    if (typeof value !== "object" || value === null) return this.#index.look(value);
    return this.#index.lookAtText(value.text, value.start, value.end);
  }

  /** Notes the value that was looked at last; of several before `settle` each stands against the anything-but of all. */
  note(scope: Int32Array): void {
    this.#index.add(scope);
  }

  /** To be called behind each message. */
  forget(): void {
    this.#noted.clear();
    this.#raised.clear();
  }

  /** What nothing noted stands against holds. */
  settle(scope: Int32Array): void {
    const [unless, offset] = [this.#unless, this.#offset];
    for (let at = 0; at < unless.length; at += 2) {
      const index = unless[at] ?? 0;
      scope[index] = (scope[index] ?? 0) | ((unless[at + 1] ?? 0) & ~(scope[offset + index] ?? 0));
      scope[offset + index] = 0;
    }
  }
}

function isFirst(numbers: Map<number, number>, looked: number | undefined, scope: number): boolean {
  if (looked === undefined) return true;
  if (numbers.get(looked) === scope) return false;
  numbers.set(looked, scope);
  return true;
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
    return {
      children: new Map([...this.#children].map(([step, child]) => [step, child.done(layout)])),
      values,
      elements: grouped && here.length > 0 ? new PlaceValues(alone(here), layout) : values,
      excluded: excludedBy(this.#here, layout),
      group: grouped
        ? {
            bits: allBits(below),
            ofOneValue: hasBits(repeatedIn(here, layout)),
            alone: alone(below).some(({ bits }) => bits.length > 0),
          }
        : undefined,
    };
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

function excludedBy(uses: readonly Use[], { width, rows }: Layout): Bits {
  const excluded = new BitsBuilder();
  for (const { condition, bits } of uses) {
    if (condition.rule.kind !== "absent") continue;
    for (let at = 0; at < bits.length; at += 2) excluded.set(2 * width * rows + ((bits[at] ?? 0) % width), bits[at + 1] ?? 0);
  }
  return excluded.done();
}
