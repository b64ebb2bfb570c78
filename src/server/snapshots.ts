import { mkdirSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../kernel/assert.ts";
import type { Clock, Timer } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { ServiceError } from "../kernel/service-error.ts";
import { KIB, SECOND_MS } from "../kernel/units.ts";
import type { BlobStore } from "../services/objects/index.ts";
import { CopyFailed, startCopy, type DatabaseDescription } from "../storage/sqlite/index.ts";
import type { ByteStream } from "../wire/shapes.ts";
import { blobsOfDatabase, type BlobsOfDatabase } from "./stores.ts";

/** A snapshot that nobody has asked about for so long is dropped: whoever wanted it is gone. */
const UNUSED_MS_MAX = 30 * SECOND_MS;

/** Read at once of the database. */
const CHUNK_BYTES = 256 * KIB;

const FOLDER = "snapshots";

export interface SnapshotsOptions {
  /** The data directory; undefined: everything is in memory. */
  readonly data: string | undefined;
  readonly blobs: BlobStore;
  /** From now on no bytes of objects are removed. */
  readonly holdBlobs: () => () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Some of the bytes of a file; fewer where it ends before. */
export interface Range {
  readonly start: number;
  readonly bytes: number;
}

/** What a snapshot is told to be. */
export interface SnapshotState {
  readonly id: string;
  readonly state: "copying" | "ready" | "failed";
  readonly copiedBytes: number;
  /** Everything acknowledged before is in it; epoch milliseconds of engine time. */
  readonly fromMs: number;
  /** Nothing acknowledged after is in it; null until that is known. */
  readonly toMs: number | null;
  readonly database: DatabaseDescription | null;
  readonly failure: string | null;
}

/**
 * Snapshots: all that the server holds as it was at one moment, for whoever makes a backup of it. The database is copied
 * within the data directory; bytes of objects never change, so they are only kept from being removed. One at a time,
 * and dropped when it is no longer asked for.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  #current: Snapshot | undefined;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    // Of a process that was killed.
    if (options.data !== undefined) rmSync(join(options.data, FOLDER), { recursive: true, force: true });
  }

  /** @throws {ServiceError} there is one already, or nothing to be taken. */
  begin(): Snapshot {
    const { data } = this.#options;
    if (data === undefined) throw nothingOnDisk();
    if (this.#current !== undefined) throw snapshotInProgress();
    const folder = join(data, FOLDER);
    const snapshot = new Snapshot(this.#options, { data, folder, onEnded: () => (this.#current = undefined) });
    this.#current = snapshot;
    return snapshot;
  }

  /** @throws {ServiceError} there is no such snapshot. */
  find(id: string): Snapshot {
    if (this.#current?.state().id !== id) throw noSuchSnapshot(id);
    this.#current.touch();
    return this.#current;
  }

  async stop(): Promise<void> {
    await this.#current?.end();
  }
}

class Snapshot {
  readonly #options: SnapshotsOptions;
  readonly #file: string;
  readonly #folder: string;
  readonly #onEnded: () => void;
  readonly #abort = new AbortController();
  readonly #copied: Promise<void>;
  readonly #releaseBlobs: () => void;
  #state: SnapshotState;
  #blobs: BlobsOfDatabase | undefined;
  #unused: Timer | undefined;
  #readers = 0;
  #ended: Promise<void> | undefined;

  constructor(options: SnapshotsOptions, at: { data: string; folder: string; onEnded: () => void }) {
    this.#options = options;
    this.#folder = at.folder;
    this.#onEnded = at.onEnded;
    this.#file = join(at.folder, "database");
    mkdirSync(at.folder, { recursive: true, mode: 0o700 });
    const fromMs = options.clock.nowMs();
    const nothing = { copiedBytes: 0, toMs: null, database: null, failure: null };
    this.#state = { id: options.random.uuid(), state: "copying", fromMs, ...nothing };
    // First: what the copy refers to must be there for as long as the copy is.
    this.#releaseBlobs = options.holdBlobs();
    this.#copied = this.#copy(join(at.data, "millrace.db"));
    this.touch();
  }

  state(): SnapshotState {
    return this.#state;
  }

  /** Somebody still wants it. */
  touch(): void {
    this.#unused?.cancel();
    this.#unused = this.#options.clock.after(UNUSED_MS_MAX, () => {
      if (this.#readers > 0) return this.touch();
      this.#options.logger.warn("snapshot dropped", { because: "nobody has asked for it any more" });
      void this.end();
    });
  }

  /** Bytes of the copy of the database. @throws {ServiceError} it is not there yet. */
  database({ start, bytes }: Range): { bytes: number; stream: ByteStream } {
    const length = lengthOf(start, bytes, this.#ready().bytes);
    return { bytes: length, stream: this.#reading(readFile(this.#file, { start, bytes: length })) };
  }

  /** Blobs to which the copy refers, ascending. @throws {ServiceError} */
  async listBlobs(after: string, limit: number): Promise<{ id: string; bytes: number }[]> {
    this.#ready();
    this.#blobs ??= blobsOfDatabase(this.#file);
    const ids = this.#blobs.page(after, limit);
    return Promise.all(ids.map(async (id) => ({ id, bytes: await this.#sizeOf(id) })));
  }

  /** Bytes of a blob. @throws {ServiceError} */
  async blob(id: string, { start, bytes }: Range): Promise<{ bytes: number; stream: ByteStream }> {
    this.#ready();
    const length = lengthOf(start, bytes, await this.#sizeOf(id));
    return { bytes: length, stream: this.#reading(this.#options.blobs.read(id, { startByte: start, bytes: length })) };
  }

  /** Drops it, at any time. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#unused?.cancel();
    this.#abort.abort();
    await this.#copied;
    this.#blobs?.close();
    rmSync(this.#folder, { recursive: true, force: true });
    this.#releaseBlobs();
    this.#onEnded();
  }

  async #copy(from: string): Promise<void> {
    try {
      const database = await startCopy({
        from,
        to: this.#file,
        signal: this.#abort.signal,
        onProgress: (copiedBytes) => (this.#state = { ...this.#state, copiedBytes }),
        onPinned: () => (this.#state = { ...this.#state, toMs: this.#options.clock.nowMs() }),
      });
      this.#state = { ...this.#state, state: "ready", copiedBytes: database.bytes, database };
    } catch (error) {
      if (!(error instanceof CopyFailed)) throw error;
      this.#state = { ...this.#state, state: "failed", failure: error.message };
      if (!this.#abort.signal.aborted) this.#options.logger.error("snapshot failed", { error: error.message });
    }
  }

  #ready(): DatabaseDescription {
    const { database } = this.#state;
    if (database === null) throw snapshotNotReady();
    return database;
  }

  async #sizeOf(id: string): Promise<number> {
    const bytes = /^[0-9a-f]{32}$/.test(id) ? await this.#options.blobs.size(id) : undefined;
    if (bytes === undefined) throw noSuchBlob(id);
    return bytes;
  }

  /** As long as somebody reads, it is in use. */
  async *#reading(stream: ByteStream): ByteStream {
    this.#readers += 1;
    try {
      yield* stream;
    } finally {
      this.#readers -= 1;
      this.touch();
    }
  }
}

function lengthOf(start: number, bytes: number, there: number): number {
  return Math.max(0, Math.min(bytes, there - start));
}

async function* readFile(path: string, { start, bytes }: Range): ByteStream {
  const file = await open(path, "r");
  const end = start + bytes;
  try {
    for (let at = start; at < end;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at)), 0, null, at);
      assert(bytesRead > 0, "a snapshot's database is as long as it was");
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function refusal(code: string, httpStatus: number, message: string): ServiceError {
  return new ServiceError({ code, httpStatus, fault: "client", message });
}

function nothingOnDisk(): ServiceError {
  return refusal("NothingToBackUp", 400, "This server keeps everything in memory (--memory): there is nothing to back up.");
}

function snapshotInProgress(): ServiceError {
  return refusal(
    "SnapshotInProgress",
    409,
    "Another backup of this server is being made. Try again when it is done, or half a minute after it was killed.",
  );
}

function noSuchSnapshot(id: string): ServiceError {
  return refusal(
    "NoSuchSnapshot",
    404,
    `There is no snapshot ${id.slice(0, 100)}: the server was restarted, or nobody asked for it for half a minute.`,
  );
}

function snapshotNotReady(): ServiceError {
  return refusal("SnapshotNotReady", 409, "The snapshot is still being taken, or has failed.");
}

function noSuchBlob(id: string): ServiceError {
  return refusal(
    "NoSuchBlob",
    404,
    `The bytes ${id.slice(0, 100)} of an object are missing in the data directory. \`millrace check\` tells which object is concerned.`,
  );
}
