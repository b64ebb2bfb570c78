import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { backUp } from "../../../src/backup/back-up.ts";
import { chooseBackup } from "../../../src/backup/backups.ts";
import { DirectoryPlace } from "../../../src/backup/directory-place.ts";
import { restore } from "../../../src/backup/restore.ts";
import type { Snapshot, Source } from "../../../src/backup/source.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import type { Snapshots } from "../../../src/server/snapshots.ts";
import { START_MS } from "./modules.ts";

/** The place is on the same disk, beside what the data directory is in. */
export const PLACE = "backups";
const VERSION = "0.0.0";
const LISTED_AT_ONCE = 100;

/** Where the backups of a data directory two directories deep are kept. */
export function placeOf(directory: string): string {
  return join(directory, "../..", PLACE);
}

/** A backup of the server that runs in this process. @returns its id. */
export async function makeBackup(
  directory: string,
  { snapshots, seed, keep }: { snapshots: Snapshots; seed: number; keep: number | undefined },
): Promise<string> {
  const { manifest } = await backUp({
    source: sourceOf(snapshots),
    place: new DirectoryPlace(placeOf(directory)),
    random: seededRandom(seed),
    keep,
    nowMs: () => START_MS,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  return manifest.id;
}

/** Restores the newest backup of a place to a directory that is not there. */
export async function restoreNewest(place: string, directory: string): Promise<void> {
  const from = new DirectoryPlace(place);
  const manifest = await chooseBackup(from, undefined);
  await restore({ place: from, manifest, directory, signal: new AbortController().signal, onProgress: () => {} });
}

function sourceOf(snapshots: Snapshots): Source {
  const snapshot = snapshots.begin();
  return {
    async begin(): Promise<Snapshot> {
      while (snapshot.state().state === "copying") await pause(2);
      const { fromMs, toMs, database, failure } = snapshot.state();
      if (database === null) throw new Error(failure ?? "the snapshot has failed");
      return {
        fromMs,
        toMs: toMs ?? fromMs,
        server: VERSION,
        database,
        readDatabase: async () => snapshot.database({ start: 0, bytes: database.bytes }).stream,
        async *listBlobs() {
          for (let page = await snapshot.listBlobs("", LISTED_AT_ONCE); page.length > 0;) {
            yield page;
            page = await snapshot.listBlobs(page.at(-1)?.id ?? "", LISTED_AT_ONCE);
          }
        },
        readBlob: async ({ id, bytes }) => (await snapshot.blob(id, { start: 0, bytes })).stream,
      };
    },
    end: () => snapshot.end(),
  };
}
