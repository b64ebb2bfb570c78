import { DAY_MS } from "../kernel/units.ts";
import { blobPath, readBlobList, type ListedBlob } from "./blob-list.ts";
import type { Backups } from "./backups.ts";
import { flat, InOrder } from "./in-order.ts";
import { Damaged, pathsOf, type Manifest } from "./manifest.ts";
import { MissingFile, type Place } from "./place.ts";

/** Where nothing keeps two backups apart, what is younger may belong to another one that is being made. */
const YOUNG_MS = DAY_MS;

/** Removed at once. */
const REMOVED_AT_ONCE = 500;

export interface PruneOptions {
  /** What was at the place before. */
  readonly before: Backups;
  readonly made: Manifest;
  readonly keep: number | undefined;
  /** Whether nobody else can be writing to the place. */
  readonly locked: boolean;
  readonly nowMs: number;
}

/**
 * Removes backups beyond those to be kept, what was left of unfinished ones, and blobs that none lists any more. A
 * manifest goes first: from then on there is no such backup, whatever happens to the rest.
 * @returns the ids of removed backups.
 */
export async function prune(place: Place, { before, made, keep, locked, nowMs }: PruneOptions): Promise<string[]> {
  const isOurs = ({ modifiedMs }: { modifiedMs: number }) => locked || modifiedMs < nowMs - YOUNG_MS;
  const all = [...before.whole, made];
  const removed = keep === undefined ? [] : all.slice(0, Math.max(0, all.length - keep));
  const leftovers = before.unfinished.filter(isOurs).map(({ path }) => path);
  // A damaged backup cannot say which blobs it needs, so none is removed while there is one.
  if (removed.length + leftovers.length === 0) return [];
  await place.remove(removed.map(({ id }) => pathsOf(id).manifest));
  await place.remove([...removed.flatMap(({ id }) => [pathsOf(id).database, pathsOf(id).blobs]), ...leftovers]);
  if (before.damaged.length === 0) await removeUnlisted(place, { kept: all.slice(removed.length), isOurs });
  return removed.map(({ id }) => id);
}

async function removeUnlisted(
  place: Place,
  { kept, isOurs }: { kept: readonly Manifest[]; isOurs: (stored: { modifiedMs: number }) => boolean },
): Promise<void> {
  if (!(await areWhole(place, kept))) return;
  const lists = kept.map(({ blobs }) => new InOrder<ListedBlob>(readBlobList(place, blobs), ({ id }) => blobPath(id)));
  let unlisted: string[] = [];
  for await (const stored of flat(place.list("blobs"))) {
    const listed = await Promise.all(lists.map((list) => list.find(stored.path)));
    if (listed.some((blob) => blob !== undefined) || !isOurs(stored)) continue;
    unlisted.push(stored.path);
    if (unlisted.length < REMOVED_AT_ONCE) continue;
    await place.remove(unlisted);
    unlisted = [];
  }
  await place.remove(unlisted);
  await Promise.all(lists.map((list) => list.close()));
}

/** A list in which one id is wrong would have a blob removed that is needed. */
async function areWhole(place: Place, kept: readonly Manifest[]): Promise<boolean> {
  try {
    for (const { blobs } of kept) for await (const _ of readBlobList(place, blobs));
    return true;
  } catch (error) {
    if (error instanceof Damaged || error instanceof MissingFile) return false; // `millrace check` tells.
    throw error;
  }
}
