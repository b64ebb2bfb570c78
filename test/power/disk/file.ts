import type { Truncate, Write } from "./change.ts";
import { PAGE_BYTES, PageHash } from "./page-hash.ts";

/** What was done to a file's bytes and is not yet durable. */
export interface Unsynced {
  /** Its place among all changes. */
  readonly at: number;
  readonly change: Write | Truncate;
}

/** What of that a power cut has left: bytes at an offset, or an end. */
export type Survivor = { readonly offset: number; readonly bytes: Buffer } | { readonly size: number };

/** The bytes of a file as they stand at one moment. */
export interface Image {
  readonly bytes: Buffer;
  readonly hash: { readonly high: number; readonly low: number };
}

/** A file on the simulated disk: what is durable of it, and what is not. */
export class DiskFile {
  #bytes = Buffer.alloc(0);
  #size = 0;
  #hash = new PageHash();
  /** Where images are made: what is durable, but for the pages that the last image or an fsync since has changed. */
  #scratch = Buffer.alloc(0);
  #stale = new Set<number>();
  unsynced: Unsynced[] = [];

  get size(): number {
    return this.#size;
  }

  /**
   * Everything before a place is durable now, but for some changes.
   * @param remembered hashes of the pages that become durable, as an earlier replay of the same changes has left them here.
   */
  sync({ before, except, remembered = [] }: { before: number; except: readonly number[]; remembered?: number[] | undefined }): void {
    const synced = this.unsynced.filter(({ at }) => at < before && !except.includes(at));
    if (synced.length === 0) return;
    this.unsynced = this.unsynced.filter(({ at }) => at >= before || except.includes(at));
    const end = synced.reduce((most, { change }) => Math.max(most, endOf(change)), this.#size);
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(end * 2 - this.#bytes.length)]);
    const made = applied(
      { bytes: this.#bytes, size: this.#size },
      synced.map(({ change }) => survivorOf(change)),
    );
    this.#size = made.size;
    for (const page of made.pages) this.#stale.add(page);
    if (remembered.length === 0) {
      rehash(this.#hash, { bytes: this.#bytes, size: this.#size }, made.pages);
      for (const page of made.pages) remembered.push(page, ...this.#hash.of(page));
    } else {
      for (let at = 0; at < remembered.length; at += 3)
        this.#hash.put(remembered[at] ?? 0, remembered[at + 1] ?? 0, remembered[at + 2] ?? 0);
    }
  }

  /** The file with what is durable of it and what else has survived. Good until the next one is asked for. */
  image(survivors: readonly Survivor[]): Image {
    if (survivors.length === 0) return { bytes: this.#bytes.subarray(0, this.#size), hash: this.#hash };
    const end = survivors.reduce((most, one) => Math.max(most, "size" in one ? one.size : one.offset + one.bytes.length), this.#size);
    this.#refresh(end);
    const made = applied({ bytes: this.#scratch, size: this.#size }, survivors);
    this.#stale = made.pages;
    const hash = new PageHash(this.#hash);
    const file = { bytes: this.#scratch, size: made.size };
    rehash(hash, file, made.pages);
    return { bytes: this.#scratch.subarray(0, made.size), hash };
  }

  /** Has the scratch hold what is durable, and zeros behind it, at least up to that end. */
  #refresh(end: number): void {
    if (this.#scratch.length < end) {
      this.#scratch = Buffer.alloc(end * 2);
      this.#bytes.copy(this.#scratch, 0, 0, this.#size);
      return;
    }
    for (const page of this.#stale) {
      const from = page * PAGE_BYTES;
      const to = Math.min(from + PAGE_BYTES, this.#scratch.length);
      const durable = Math.max(from, Math.min(to, this.#size));
      if (durable > from) this.#bytes.copy(this.#scratch, from, from, durable);
      this.#scratch.fill(0, durable, to);
    }
  }
}

export function endOf(change: Write | Truncate): number {
  return change.do === "write" ? change.offset + change.bytes.length : change.size;
}

export function survivorOf(change: Write | Truncate): Survivor {
  return change.do === "write" ? { offset: change.offset, bytes: change.bytes } : { size: change.size };
}

/** Applies in place; behind the end there are zeros. @returns the new size, and which pages have changed. */
function applied(file: { bytes: Buffer; size: number }, survivors: readonly Survivor[]): { size: number; pages: Set<number> } {
  const pages = new Set<number>();
  let { size } = file;
  const touch = (from: number, to: number) => {
    for (let page = Math.floor(from / PAGE_BYTES); page * PAGE_BYTES < to; page += 1) pages.add(page);
  };
  for (const survivor of survivors) {
    if ("size" in survivor) {
      touch(Math.min(size, survivor.size), Math.max(size, survivor.size));
      if (survivor.size < size) file.bytes.fill(0, survivor.size, size);
      size = survivor.size;
      continue;
    }
    const { offset, bytes } = survivor;
    bytes.copy(file.bytes, offset);
    touch(Math.min(size, offset), offset + bytes.length);
    size = Math.max(size, offset + bytes.length);
  }
  return { size, pages };
}

function rehash(hash: PageHash, file: { bytes: Buffer; size: number }, pages: Iterable<number>): void {
  for (const page of pages) {
    const from = page * PAGE_BYTES;
    hash.set(page, file.bytes.subarray(Math.min(from, file.size), Math.min(from + PAGE_BYTES, file.size)));
  }
}
