import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { blobsOfDatabase } from "../server/stores.ts";
import { blobFiles, type BlobStore } from "../services/objects/index.ts";
import { describeDatabase, foldLog, takeOwnership } from "../storage/sqlite/index.ts";
import { MissingFile, PlaceUnusable } from "./place.ts";
import type { Snapshot, Source } from "./source.ts";

const LISTED_AT_ONCE = 1000;

/** The data directory of a server that does not run. */
export class DirectorySource implements Source {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #version: string;
  #release: (() => void) | undefined;

  /** @param options `version`: of this release, which has to be able to read the directory. */
  constructor(directory: string, options: { clock: Clock; version: string }) {
    this.#directory = directory;
    this.#clock = options.clock;
    this.#version = options.version;
  }

  /** @throws {PlaceUnusable} it is no data directory. @throws {CannotOpen} a server has it open. */
  async begin(): Promise<Snapshot> {
    this.#release = takeStopped(this.#directory);
    const file = databaseOf(this.#directory);
    foldLog(file);
    const nowMs = this.#clock.nowMs();
    const blobs = blobsOf(this.#directory);
    return {
      fromMs: nowMs,
      toMs: nowMs,
      server: this.#version,
      database: describeDatabase(file),
      readDatabase: async () => createReadStream(file, { highWaterMark: 256 * 1024 }),
      listBlobs: () => listBlobs(file, blobs),
      readBlob: async ({ id, bytes }) => blobs.read(id, { startByte: 0, bytes }),
    };
  }

  async end(): Promise<void> {
    this.#release?.();
  }
}

/** Keeps a data directory from being used by a server. @throws {PlaceUnusable} @throws {CannotOpen} */
export function takeStopped(directory: string): () => void {
  if (!existsSync(databaseOf(directory)))
    throw new PlaceUnusable(`${directory} is no data directory of Millrace: there is no millrace.db in it.`);
  return takeOwnership(directory);
}

export function databaseOf(directory: string): string {
  return join(directory, "millrace.db");
}

export function blobsOf(directory: string): BlobStore {
  return blobFiles(join(directory, "blobs"));
}

async function* listBlobs(file: string, blobs: BlobStore): AsyncIterable<readonly { id: string; bytes: number }[]> {
  const listed = blobsOfDatabase(file);
  try {
    for (let page = listed.page("", LISTED_AT_ONCE); page.length > 0; page = listed.page(page.at(-1) ?? "", LISTED_AT_ONCE))
      yield await Promise.all(page.map(async (id) => ({ id, bytes: await sizeOf(blobs, id) })));
  } finally {
    listed.close();
  }
}

async function sizeOf(blobs: BlobStore, id: string): Promise<number> {
  const bytes = await blobs.size(id);
  if (bytes === undefined)
    throw new MissingFile(
      `The bytes ${id} of an object are missing in the data directory. \`millrace check\` tells which object is concerned.`,
    );
  return bytes;
}
