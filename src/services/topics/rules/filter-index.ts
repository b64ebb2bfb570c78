import { BitsBuilder, type Bits } from "./filter-bits.ts";
import type { Combination, Condition, FilterScope } from "./filter-combinations.ts";
import { PlaceBuilder, type Group, type Layout, type Place } from "./filter-places.ts";

/** A policy made ready for many messages. */
export class FilterIndex {
  readonly root: Place;
  readonly #layout: Layout;
  /** Of each row the combinations that ask for nothing there. */
  readonly #spare: Int32Array;

  constructor(combinations: readonly Combination[], scope: FilterScope) {
    const width = Math.ceil(combinations.length / 32);
    this.#layout = { width, rows: Math.max(0, ...combinations.map(({ length }) => length)), grouped: scope === "MessageBody" };
    this.#spare = new Int32Array(width * this.#layout.rows).fill(-1);
    // There are fewer combinations than bits: those that do not exist ask for what never holds.
    if (combinations.length % 32 > 0) this.#spare[width - 1] = (1 << (combinations.length % 32)) - 1;
    const places = new PlaceBuilder();
    for (const [condition, bits] of usesOf(combinations, width)) {
      places.add({ condition, bits }, scope === "MessageBody" ? condition.path.split(".") : [condition.path]);
      if (condition.rule.kind !== "absent") remove(bits, this.#spare);
    }
    this.root = places.done(this.#layout);
  }

  /** The words of a message, or of an element of an array. */
  newScope(): Int32Array {
    const { width, rows } = this.#layout;
    return new Int32Array(2 * width * rows + width);
  }

  /** What an element satisfies whole is satisfied around its array; its scope is then ready for another one. What is excluded is so of the whole message. */
  raise({ words }: Group, from: Int32Array, to: Int32Array): void {
    for (const bits of words) {
      const { length } = bits;
      let whole = -1;
      for (let at = 0; at < length; at += 2) {
        const index = bits[at] ?? 0;
        whole &= (from[index] ?? 0) | ~(bits[at + 1] ?? 0);
        from[index] = 0;
      }
      if (whole === 0) continue;
      for (let at = 0; at < length; at += 2) {
        const index = bits[at] ?? 0;
        to[index] = (to[index] ?? 0) | (whole & (bits[at + 1] ?? 0));
      }
    }
  }

  /** Whether a combination holds. @param scope the message's. */
  holds(scope: Int32Array): boolean {
    const { width, rows } = this.#layout;
    for (let word = 0; word < width; word += 1) {
      let combinations = ~(scope[2 * width * rows + word] ?? 0);
      for (let index = word; index < width * rows; index += width) combinations &= (scope[index] ?? 0) | (this.#spare[index] ?? 0);
      if (combinations !== 0) return true;
    }
    return false;
  }
}

/** The bits of each condition in the combinations to which it belongs, each time in the row of its position there. */
function usesOf(combinations: readonly Combination[], width: number): ReadonlyMap<Condition, Bits> {
  const uses = new Map<Condition, BitsBuilder>();
  combinations.forEach((combination, number) => {
    combination.forEach((condition, row) => {
      const use = uses.get(condition) ?? new BitsBuilder();
      uses.set(condition, use.set(row * width + (number >>> 5), 1 << (number & 31)));
    });
  });
  return new Map([...uses].map(([condition, bits]) => [condition, bits.done()]));
}

function remove(bits: Bits, from: Int32Array): void {
  for (let at = 0; at < bits.length; at += 2) {
    const index = bits[at] ?? 0;
    from[index] = (from[index] ?? 0) & ~(bits[at + 1] ?? 0);
  }
}
