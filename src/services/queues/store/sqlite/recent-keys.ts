import type { Random } from "../../../../kernel/random.ts";
import { MINUTE_MS } from "../../../../kernel/units.ts";

/** A generation takes so many keys, and for so long: what is forgotten goes by generations. */
const GENERATION_KEYS_MAX = 262_144;
const GENERATION_MS = MINUTE_MS / 2;
const SLOTS_MIN = 1024;

/**
 * In which rows a key may stand, for a table whose rows are appended in the order of their numbers. It is in memory, 16 to
 * 32 bytes a key, since an index by key on disk would write a page for each row: 8 KB for a hundred bytes. What it
 * answers has to be looked up: keys may share a hash, and a row may have been rolled back.
 */
export class RecentKeys {
  readonly #seed: number;
  readonly #generations: Generation[] = [];

  /** @param random so that nobody who chooses keys can choose their hashes. */
  constructor(random: Random) {
    this.#seed = random.bytes(4).readUInt32LE();
  }

  /** How many keys are held. */
  get size(): number {
    return this.#generations.reduce((keys, { size }) => keys + size, 0);
  }

  /**
   * @param scope whose key it is: the same key of another is a different one.
   * @param at `row`: not less than any before; `atMs`: its time, not before that of an earlier one.
   */
  add(scope: number, key: string, { row, atMs }: { row: number; atMs: number }): void {
    const current = this.#generations.at(-1);
    const goesOn = current !== undefined && current.size < GENERATION_KEYS_MAX && atMs < current.startMs + GENERATION_MS;
    const generation = goesOn ? current : new Generation(row, atMs);
    if (!goesOn) this.#generations.push(generation);
    generation.add(this.#hash(scope, key), row);
    generation.newestMs = atMs;
  }

  /** Rows where the key may stand, newest first. */
  rows(scope: number, key: string): readonly number[] {
    const hash = this.#hash(scope, key);
    const found: number[] = [];
    for (const generation of this.#generations) generation.find(hash, found);
    return found.length > 1 ? found.toSorted((a, b) => b - a) : found;
  }

  /** Lets go of what is of that time or before, as far as it stands in a generation with nothing newer. */
  drop(throughMs: number): void {
    const kept = this.#generations.findIndex(({ newestMs }) => newestMs > throughMs);
    this.#generations.splice(0, kept === -1 ? this.#generations.length : kept);
  }

  /** MurmurHash3's mixing over the key's UTF-16 units. */
  #hash(scope: number, key: string): number {
    let hash = Math.imul(this.#seed ^ scope, 0xcc9e2d51);
    for (let at = 0; at < key.length; at += 1) {
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  }
}

/** An open-addressed table of a power of two, at most half full. A slot is two numbers: a key's hash, and by how much its row is past `base`; 0: it is free. */
class Generation {
  readonly startMs: number;
  newestMs: number;
  size = 0;
  readonly #base: number;
  #slots = new Uint32Array(2 * SLOTS_MIN);

  constructor(firstRow: number, startMs: number) {
    this.#base = firstRow - 1;
    this.startMs = startMs;
    this.newestMs = startMs;
  }

  add(hash: number, row: number): void {
    if (4 * (this.size + 1) > this.#slots.length) this.#grow();
    this.#put(hash, row - this.#base);
    this.size += 1;
  }

  find(hash: number, found: number[]): void {
    const slots = this.#slots;
    for (let at = this.#slotOf(hash); slots[at + 1] !== 0; at = (at + 2) & (slots.length - 1))
      if (slots[at] === hash) found.push(this.#base + (slots[at + 1] ?? 0));
  }

  #slotOf(hash: number): number {
    return (2 * hash) & (this.#slots.length - 1);
  }

  #put(hash: number, offset: number): void {
    const slots = this.#slots;
    let at = this.#slotOf(hash);
    while (slots[at + 1] !== 0) at = (at + 2) & (slots.length - 1);
    slots[at] = hash;
    slots[at + 1] = offset;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) if (before[at + 1] !== 0) this.#put(before[at] ?? 0, before[at + 1] ?? 0);
  }
}
