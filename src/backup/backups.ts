import { Damaged, parseManifest, pathsOf, type Manifest } from "./manifest.ts";
import { PlaceUnusable, type Bytes, type Place } from "./place.ts";

/** What there is at a place. */
export interface Backups {
  /** Whole ones, oldest first. */
  readonly whole: readonly Manifest[];
  /** Those whose manifest is not what was written. */
  readonly damaged: readonly Damaged[];
  /** Files of backups that were never finished, or that are being made. */
  readonly unfinished: readonly { readonly path: string; readonly modifiedMs: number }[];
}

/** Reads the manifests of a place. */
export async function listBackups(place: Place): Promise<Backups> {
  const folders = new Map<string, { path: string; modifiedMs: number }[]>();
  for await (const page of place.list("backups"))
    for (const stored of page) {
      const id = stored.path.split("/")[1] ?? "";
      folders.set(id, [...(folders.get(id) ?? []), stored]);
    }
  const [whole, damaged, unfinished]: [Manifest[], Damaged[], { path: string; modifiedMs: number }[]] = [[], [], []];
  for (const [id, files] of folders) {
    const { manifest } = pathsOf(id);
    if (!files.some(({ path }) => path === manifest)) {
      unfinished.push(...files);
      continue;
    }
    try {
      whole.push(parseManifest(await textOf(await place.read(manifest)), manifest));
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      damaged.push(error);
    }
  }
  return { whole: whole.sort((a, b) => (a.id < b.id ? -1 : 1)), damaged, unfinished };
}

/**
 * The newest backup, or the newest that holds nothing from after a moment.
 * @throws {PlaceUnusable} there is none. @throws {Damaged} the one that would be meant cannot be read.
 */
export async function chooseBackup(place: Place, atMs: number | undefined): Promise<Manifest> {
  const { whole, damaged } = await listBackups(place);
  // Which moment a damaged one is of is not known, so it could be the one that is asked for.
  const [first] = damaged;
  if (first !== undefined) throw first;
  const chosen = whole.findLast(({ to }) => atMs === undefined || Date.parse(to) <= atMs);
  if (chosen !== undefined) return chosen;
  const [oldest] = whole;
  throw new PlaceUnusable(
    oldest === undefined
      ? `There is no backup in ${place.name}.`
      : `There is no backup of so early a time in ${place.name}; the oldest is of ${oldest.to}. \`millrace restore --list\` shows all.`,
  );
}

async function textOf(bytes: Bytes): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
