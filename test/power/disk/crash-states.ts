import type { Random } from "../../../src/kernel/random.ts";
import type { Disk, Survival } from "./disk.ts";
import { endOf, survivorOf, type DiskFile, type Survivor, type Unsynced } from "./file.ts";
import { PAGE_BYTES } from "./page-hash.ts";

/** A disk writes so many bytes whole. */
const SECTOR_BYTES = 512;

/** An outcome of a power cut, of which there are as many as there is chance in it. */
export interface Kind {
  /** `before`: what was written before some moment. `torn`: and of the write at that moment some sectors. A number: so many of the pages. */
  readonly bytes: "none" | "all" | "before" | "torn" | number;
  /**
   * `some`: each directory's changes up to some moment of its own, which is all that POSIX promises. `in order`: all up to
   * one moment, which comes after the last fsync of anything: a file system with a journal, like ext4.
   */
  readonly names: "none" | "all" | "some" | "in order";
}

/** What is tried, some at each moment. */
export const KINDS: readonly Kind[] = [
  { bytes: "none", names: "none" },
  { bytes: "all", names: "all" },
  { bytes: "all", names: "none" },
  { bytes: "none", names: "in order" },
  { bytes: "torn", names: "none" },
  { bytes: "torn", names: "in order" },
  { bytes: "before", names: "some" },
  { bytes: 0.1, names: "some" },
  { bytes: 0.5, names: "none" },
  { bytes: 0.5, names: "some" },
  { bytes: 0.5, names: "in order" },
  { bytes: 0.9, names: "some" },
  { bytes: 0.9, names: "in order" },
];

/** One legal outcome of that kind at this moment. */
export function survivalOf({ bytes, names }: Kind, disk: Disk, random: Random): Survival {
  const below = (limit: number) => Math.floor(random.fraction() * limit);
  const places = disk.unsyncedPlaces();
  const cut = places[below(places.length)] ?? 0;
  const namesCut = Math.max(disk.journalled, cut);
  return {
    entries(unsynced) {
      if (names === "none") return 0;
      if (names === "all") return unsynced.length;
      return names === "some" ? below(unsynced.length + 1) : unsynced.filter(({ at }) => at < namesCut).length;
    },
    bytes(unsynced, file) {
      if (bytes === "none") return [];
      if (bytes === "all") return unsynced.map(({ change }) => survivorOf(change));
      if (typeof bytes === "number") return somePages(unsynced, file, { survival: bytes, random });
      const before = unsynced.filter(({ at }) => at < cut).map(({ change }) => survivorOf(change));
      const torn = bytes === "torn" ? unsynced.find(({ at }) => at === cut) : undefined;
      return torn === undefined ? before : [...before, ...someSectors(torn, below)];
    },
  };
}

/** The first sectors of a write that was under way. */
function someSectors({ change }: Unsynced, below: (limit: number) => number): Survivor[] {
  if (change.do === "truncate") return [];
  const { offset, bytes } = change;
  const firstEnd = SECTOR_BYTES - (offset % SECTOR_BYTES);
  const sectors = Math.ceil(Math.max(0, bytes.length - firstEnd) / SECTOR_BYTES) + 1;
  const whole = below(sectors);
  return whole === 0 ? [] : [{ offset, bytes: bytes.subarray(0, firstEnd + (whole - 1) * SECTOR_BYTES) }];
}

/** How often a page that survives has its last bytes rather than earlier ones; how often a file's length survives without its bytes. */
const LAST_BYTES = 0.75;
const LENGTH_ALONE = 0.25;

/**
 * Some of the pages that were written to, in no order: that is how an operating system writes them out. A page holds all
 * that was written to it up to some moment.
 */
function somePages(unsynced: readonly Unsynced[], file: DiskFile, { survival, random }: { survival: number; random: Random }): Survivor[] {
  // Where the file was cut off in between, pages are no longer what they were: all up to some moment survives.
  if (unsynced.some(({ change }) => change.do === "truncate")) {
    const count = Math.floor(random.fraction() * (unsynced.length + 1));
    return unsynced.slice(0, count).map(({ change }) => survivorOf(change));
  }
  const survivors = [...byPage(unsynced).values()].flatMap((pieces) => {
    if (random.fraction() >= survival) return [];
    const count = random.fraction() < LAST_BYTES ? pieces.length : 1 + Math.floor(random.fraction() * pieces.length);
    return pieces.slice(0, count);
  });
  const end = Math.max(file.size, ...unsynced.map(({ change }) => endOf(change)));
  const longest = Math.max(file.size, ...survivors.map(({ offset, bytes }) => offset + bytes.length));
  return end > longest && random.fraction() < LENGTH_ALONE ? [...survivors, { size: end }] : survivors;
}

type Piece = Extract<Survivor, { bytes: Buffer }>;

/** Writes cut at the boundaries of pages, per page in their order. */
function byPage(unsynced: readonly Unsynced[]): Map<number, Piece[]> {
  const pages = new Map<number, Piece[]>();
  for (const { change } of unsynced) {
    if (change.do === "truncate") continue;
    const { offset, bytes } = change;
    for (let at = 0; at < bytes.length;) {
      const page = Math.floor((offset + at) / PAGE_BYTES);
      const end = Math.min(bytes.length, (page + 1) * PAGE_BYTES - offset);
      const piece = { offset: offset + at, bytes: bytes.subarray(at, end) };
      const pieces = pages.get(page);
      if (pieces === undefined) pages.set(page, [piece]);
      else pieces.push(piece);
      at = end;
    }
  }
  return pages;
}
