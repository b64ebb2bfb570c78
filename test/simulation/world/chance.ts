import { seededRandom, type Random } from "../../../src/kernel/random.ts";

/** Choices from a seed. */
export class Chance {
  readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  fraction(): number {
    return this.random.fraction();
  }

  /** A whole number from 0, below the limit. */
  below(limit: number): number {
    return Math.floor(this.random.fraction() * limit);
  }

  /** A whole number from one to the other, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  is(probability: number): boolean {
    return probability > 0 && this.random.fraction() < probability;
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }

  /** Another one, that draws without disturbing this one. */
  fork(): Chance {
    return new Chance(Math.floor(this.random.fraction() * 2 ** 32));
  }
}
