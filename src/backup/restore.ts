import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { silentLogger } from "../kernel/logger.ts";
import { storeModules } from "../server/stores.ts";
import { syncNames, takeOwnership, tellRestored } from "../storage/sqlite/index.ts";
import { fileOf, readBlobList } from "./blob-list.ts";
import { syncDirectory, writeSynced } from "./directory-place.ts";
import { verified } from "./digested.ts";
import { blobsOf, databaseOf } from "./directory-source.ts";
import type { Manifest, ManifestFile } from "./manifest.ts";
import { PlaceUnusable, type Bytes, type Place } from "./place.ts";

/** Blobs on their way at once. */
const BLOBS_AT_ONCE = 8;

export interface RestoreOptions {
  readonly place: Place;
  readonly manifest: Manifest;
  /** The data directory to be; empty or not there. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { phase: "database" | "objects"; bytes: number }) => void;
}

/**
 * Makes a data directory of a backup. Everything is built beside it, compared with its digests, put on stable storage
 * and then named as wanted, so that the directory is whole or not there.
 * @throws {PlaceUnusable} there is something in the directory. @throws {Damaged} names the first file that is not as it was written.
 */
export async function restore(options: RestoreOptions): Promise<void> {
  const directory = resolve(options.directory);
  await checkEmpty(directory);
  const unfinished = join(dirname(directory), `.${basename(directory)}.restoring`);
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  let release: (() => void) | undefined = takeOwnership(unfinished); // Another restore to the same directory may be under way.
  let named = false;
  try {
    await removeLeftovers(unfinished);
    await new Building(options, unfinished).run();
    options.signal.throwIfAborted();
    release();
    release = undefined;
    await rm(join(unfinished, "owner.pid"));
    await rm(join(unfinished, "owner.lock"));
    await syncDirectory(unfinished);
    await checkEmpty(directory);
    if (existsSync(directory)) await rmdir(directory);
    await rename(unfinished, directory);
    named = true;
    syncNames(dirname(directory)); // Any of the directories above may be new, too.
  } finally {
    release?.();
    if (!named) await rm(unfinished, { recursive: true, force: true });
  }
}

class Building {
  readonly #options: RestoreOptions;
  readonly #directory: string;

  constructor(options: RestoreOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
  }

  async run(): Promise<void> {
    const { manifest, place } = this.#options;
    // Before anything is looked for on its word.
    for await (const _ of readBlobList(place, manifest.blobs));
    await writeSynced(databaseOf(this.#directory), await this.#read(manifest.database, "database"));
    tellRestored(
      databaseOf(this.#directory),
      storeModules({ coolDown: true, ownAccountAsked: false, masterKeys: [], ignoreLostKeys: true }, silentLogger),
    );
    const blobs = blobsOf(this.#directory);
    await blobs.open();
    let writing: Promise<void>[] = [];
    for await (const blob of readBlobList(place, manifest.blobs)) {
      writing.push(this.#writeBlob(blob.id, fileOf(blob)));
      if (writing.length < BLOBS_AT_ONCE) continue;
      await settled(writing);
      writing = [];
    }
    await settled(writing);
    await syncDirectory(this.#directory);
  }

  async #writeBlob(id: string, file: ManifestFile): Promise<void> {
    const writer = await blobsOf(this.#directory).create(id);
    try {
      for await (const piece of await this.#read(file, "objects")) await writer.write(piece);
      await writer.finish();
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  async #read(file: ManifestFile, phase: "database" | "objects"): Promise<Bytes> {
    const { place, signal, onProgress } = this.#options;
    const bytes = verified(await place.read(file.path), file);
    return (async function* () {
      for await (const piece of bytes) {
        signal.throwIfAborted();
        onProgress({ phase, bytes: piece.length });
        yield piece;
      }
    })();
  }
}

/** Waits for all, so that nothing goes on behind a failure; then throws the first. */
async function settled(writing: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(writing)) if (result.status === "rejected") throw result.reason;
}

async function checkEmpty(directory: string): Promise<void> {
  const there = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  if (there.length > 0)
    throw new PlaceUnusable(
      `${directory} is not empty; nothing is ever restored over data. Name a directory that is empty or does not exist.`,
    );
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (!name.startsWith("owner.")) await rm(join(directory, name), { recursive: true, force: true });
}
