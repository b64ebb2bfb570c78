import { hash } from "node:crypto";

/** What of a file an operating system writes out together. */
export const PAGE_BYTES = 4096;

/**
 * A hash of a file's bytes that is quickly brought up to date when a few pages have changed: the sum of the hashes of
 * its pages, each made different by its place. Sixty-four bits: two numbers of thirty-two.
 */
export class PageHash {
  readonly #pages: number[];
  high: number;
  low: number;

  constructor(of?: PageHash) {
    this.#pages = of === undefined ? [] : of.#pages.slice();
    this.high = of?.high ?? 0;
    this.low = of?.low ?? 0;
  }

  /** @param bytes of that page; fewer than a page where the file ends, none where it ends before it. */
  set(page: number, bytes: Buffer): void {
    if (bytes.length === 0) return this.put(page, 0, 0);
    const digest = hash("md5", bytes, "buffer");
    this.put(page, placed(digest.readUInt32LE(0), page), placed(digest.readUInt32LE(4), page));
  }

  /** The two numbers that a page contributes. */
  of(page: number): readonly [high: number, low: number] {
    return [this.#pages[page * 2] ?? 0, this.#pages[page * 2 + 1] ?? 0];
  }

  /** The same as `set`, where the page's numbers are known. */
  put(page: number, high: number, low: number): void {
    const at = page * 2;
    this.high = (this.high - (this.#pages[at] ?? 0) + high) | 0;
    this.low = (this.low - (this.#pages[at + 1] ?? 0) + low) | 0;
    while (this.#pages.length < at) this.#pages.push(0);
    this.#pages[at] = high;
    this.#pages[at + 1] = low;
  }
}

/** Mixes a hash with where it stands. The constants are those of MurmurHash3's last step (public domain, A. Appleby). */
export function placed(value: number, place: number): number {
  let mixed = value ^ Math.imul(place + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** A hash of a text, to be mixed with others. */
export function textHash(text: string): readonly [number, number] {
  const digest = hash("md5", text, "buffer");
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
