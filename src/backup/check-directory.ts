import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { silentLogger } from "../kernel/logger.ts";
import { blobsOfDatabase, storeModules } from "../server/stores.ts";
import { BlobDamaged, type BlobStore, type CheckedContent } from "../services/objects/index.ts";
import { checkFile, Database, foldLog, openStill, RunAgain, type EnginePort, type StoreModule } from "../storage/sqlite/index.ts";
import type { CheckPiece, Problem } from "../storage/storage.ts";
import { blobsOf, databaseOf, takeStopped } from "./directory-source.ts";

/** Rows of one piece of a check. */
const ROWS_AT_ONCE = 1000;

/** Nobody is waiting, and time stands still. */
const STILL: EnginePort = {
  run() {},
  nowMs: () => 0,
  wake() {},
  wakeAt() {},
  monotonicMs: () => 0,
  diskIsBehind: () => false,
  ageingHeld: () => false,
  report() {},
};

export interface CheckOptions {
  readonly signal: AbortSignal;
  readonly onProblem: (problem: Problem) => void;
  /** Rows that were looked at, and bytes that were read, since it was told last. */
  readonly onProgress: (progress: { rows?: number; bytes?: number }) => void;
}

/** Files of objects that nothing refers to: a crash leaves them, and the next start removes them. */
export interface Orphans {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Looks whether all that a data directory holds is whole: the database file, its tables, every message and every byte of
 * every object. Nothing is changed, but that the log is folded into the database, as closing it would.
 * @throws {CannotOpen} a server uses it. @throws {PlaceUnusable} it is none.
 */
export async function checkDirectory(directory: string, options: CheckOptions & { masterKeys: readonly Uint8Array[] }): Promise<Orphans> {
  const release = takeStopped(directory);
  const modules = storeModules(
    { coolDown: true, ownAccountAsked: false, masterKeys: options.masterKeys, ignoreLostKeys: true },
    silentLogger,
  );
  let connection: DatabaseSync | undefined;
  try {
    foldLog(databaseOf(directory));
    connection = openStill(databaseOf(directory));
    const { problems, readable } = checkFile(connection, modules);
    for (const problem of problems) options.onProblem(problem);
    if (!readable) return { files: 0, bytes: 0 };
    for (const module of modules) await new Checking(new Database(connection), blobsOf(directory), options).run(module);
    return await findOrphans(directory, blobsOf(directory));
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SQLITE_ERROR") throw error;
    options.onProblem({
      what: `the database cannot be read: ${(error as Error).message}`,
      remedy: "Make a data directory of the newest backup from before the damage: millrace restore.",
    });
    return { files: 0, bytes: 0 };
  } finally {
    connection?.close();
    release();
  }
}

class Checking {
  readonly #database: Database;
  readonly #blobs: BlobStore;
  readonly #options: CheckOptions;

  constructor(database: Database, blobs: BlobStore, options: CheckOptions) {
    this.#database = database;
    this.#blobs = blobs;
    this.#options = options;
  }

  async run(module: StoreModule): Promise<void> {
    const { signal, onProblem, onProgress } = this.#options;
    const check = module.open(this.#database, STILL).operations["check"];
    if (check === undefined) return;
    for (let after: string | null = ""; after !== null;) {
      signal.throwIfAborted();
      const piece = again(() => check({ after, limit: ROWS_AT_ONCE })) as CheckPiece & { contents?: readonly CheckedContent[] };
      for (const problem of piece.problems) onProblem(problem);
      onProgress({ rows: piece.looked });
      for (const content of piece.contents ?? []) await this.#checkContent(content);
      after = piece.next;
    }
  }

  async #checkContent({ name, segments, md5 }: CheckedContent): Promise<void> {
    const { signal, onProblem, onProgress } = this.#options;
    const remedy = "Take it from a backup, or delete it and put it again.";
    const digest = createHash("md5");
    try {
      for (const { blob, startByte, bytes } of segments)
        for await (const piece of this.#blobs.read(blob, { startByte, bytes })) {
          signal.throwIfAborted();
          digest.update(piece);
          onProgress({ bytes: piece.length });
        }
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (!isMissing && !(error instanceof BlobDamaged)) throw error;
      onProblem({ what: isMissing ? `${name}: its bytes are not there` : `${name} is damaged: ${(error as Error).message}`, remedy });
      return;
    }
    if (digest.digest("hex") !== md5) onProblem({ what: `${name} is damaged: its MD5 is not its ETag`, remedy });
  }
}

/** A store asks for it when it has met a row that it cannot read, and passes that by the next time. */
function again<T>(look: () => T): T {
  for (;;) {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof RunAgain)) throw error;
    }
  }
}

async function findOrphans(directory: string, blobs: BlobStore): Promise<Orphans> {
  const known = blobsOfDatabase(databaseOf(directory));
  const orphans = { files: 0, bytes: 0 };
  try {
    for await (const page of blobs.list())
      for (const id of page) {
        if (known.knows(id)) continue;
        orphans.files += 1;
        orphans.bytes += (await blobs.size(id)) ?? 0;
      }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // No object was ever put.
  } finally {
    known.close();
  }
  return orphans;
}
