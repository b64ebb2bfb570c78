import type { Random } from "../kernel/random.ts";
import { blobLine, blobPath, readBlobList, type ListedBlob } from "./blob-list.ts";
import { Digested, verified } from "./digested.ts";
import { listBackups } from "./backups.ts";
import { flat, InOrder } from "./in-order.ts";
import { backupId, MANIFEST_VERSION, pathsOf, printManifest, type Manifest, type ManifestFile } from "./manifest.ts";
import { PlaceUnusable, type Bytes, type Place, type Stored } from "./place.ts";
import { prune } from "./prune.ts";
import type { Snapshot, Source } from "./source.ts";

/** Blobs on their way at once: each waits for the disk, or the network, more than for anything else. */
const BLOBS_AT_ONCE = 8;

export interface BackUpOptions {
  readonly source: Source;
  readonly place: Place;
  readonly random: Random;
  /** How many backups the place keeps; undefined: all. */
  readonly keep: number | undefined;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BackUpProgress) => void;
}

export interface BackUpProgress {
  readonly phase: "snapshot" | "database" | "objects" | "old backups";
  readonly bytes: number;
}

export interface BackedUp {
  readonly manifest: Manifest;
  /** Of the blobs, those that the place did not have yet. */
  readonly copiedBlobs: number;
  readonly copiedBlobBytes: number;
  /** Older backups that were removed. */
  readonly removed: readonly string[];
}

/**
 * Makes a backup. Its manifest is written last, so until then, and whenever it fails, there is none.
 * @throws whatever the source or the place throws, or the signal's reason; the files of the backup are removed then.
 */
export async function backUp(options: BackUpOptions): Promise<BackedUp> {
  const { source, place, signal, onProgress } = options;
  const unlock = await place.lock();
  try {
    const before = await listBackups(place);
    const onCopied = (bytes: number) => onProgress({ phase: "snapshot", bytes });
    const snapshot = await source.begin({ onProgress: onCopied, signal });
    const copied = await new Copy(options, { snapshot, earlier: before.whole.at(-1) }).run();
    onProgress({ phase: "old backups", bytes: 0 });
    const removed = await prune(place, {
      before,
      made: copied.manifest,
      keep: options.keep,
      locked: unlock !== undefined,
      nowMs: options.nowMs(),
    });
    return { ...copied, removed };
  } finally {
    await source.end().finally(() => unlock?.());
  }
}

/** The copy of one snapshot to a place. */
class Copy {
  readonly #options: BackUpOptions;
  readonly #snapshot: Snapshot;
  readonly #id: string;
  /** The newest backup before: what it lists need not be copied again. */
  readonly #earlier: Manifest | undefined;
  #blobs = 0;
  #blobBytes = 0;
  #copiedBlobs = 0;
  #copiedBlobBytes = 0;

  constructor(options: BackUpOptions, { snapshot, earlier }: { snapshot: Snapshot; earlier: Manifest | undefined }) {
    this.#options = options;
    this.#snapshot = snapshot;
    this.#earlier = earlier;
    this.#id = backupId(snapshot.toMs, options.random.bytes(4).toString("hex"));
  }

  async run(): Promise<Omit<BackedUp, "removed">> {
    const { place } = this.#options;
    const paths = pathsOf(this.#id);
    try {
      const database = await this.#copyDatabase(paths.database);
      const blobs = await this.#copyBlobs(paths.blobs);
      const manifest = this.#manifest(database, blobs);
      this.#options.signal.throwIfAborted();
      await place.write(paths.manifest, one(Buffer.from(printManifest(manifest))));
      return { manifest, copiedBlobs: this.#copiedBlobs, copiedBlobBytes: this.#copiedBlobBytes };
    } catch (error) {
      // Its blobs stay: the next backup needs most of them, or removes them.
      await place.remove([paths.database, paths.blobs]).catch(() => {});
      throw error;
    }
  }

  #manifest(database: ManifestFile, blobs: ManifestFile): Manifest {
    const { fromMs, toMs, server, database: described } = this.#snapshot;
    return {
      format: "millrace-backup",
      version: MANIFEST_VERSION,
      id: this.#id,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      server,
      database,
      rows: described.rows,
      blobs: { ...blobs, count: this.#blobs, blobBytes: this.#blobBytes },
    };
  }

  async #copyDatabase(path: string): Promise<ManifestFile> {
    const { bytes, sha256 } = this.#snapshot.database;
    const file = { path, bytes, sha256 };
    const read = verified(await this.#snapshot.readDatabase(), file);
    await this.#options.place.write(path, this.#watched(read, "database"), bytes);
    return file;
  }

  /** The list is written while what it lists is copied. */
  async #copyBlobs(path: string): Promise<ManifestFile> {
    const list = new Digested(this.#listed());
    await this.#options.place.write(path, list.bytes);
    return { path, bytes: list.count, sha256: list.sha256 };
  }

  async *#listed(): Bytes {
    const { place } = this.#options;
    const known = new InOrder<ListedBlob>(
      this.#earlier === undefined ? nothing() : readBlobList(place, this.#earlier.blobs),
      ({ id }) => id,
    );
    const present = new InOrder<Stored>(flat(place.list("blobs")), ({ path }) => path);
    try {
      for await (const page of this.#snapshot.listBlobs())
        for (let at = 0; at < page.length; at += BLOBS_AT_ONCE) {
          this.#options.signal.throwIfAborted();
          const found: Promise<ListedBlob>[] = [];
          for (const blob of page.slice(at, at + BLOBS_AT_ONCE))
            found.push(this.#kept(blob, { known: await known.find(blob.id), present: await present.find(blobPath(blob.id)) }));
          const listed = await Promise.all(found);
          yield Buffer.from(listed.map(blobLine).join(""), "latin1");
        }
    } finally {
      await Promise.all([known.close(), present.close()]);
    }
  }

  /** The blob as the place has it, copied there unless an earlier backup has done so. */
  async #kept(
    blob: { id: string; bytes: number },
    there: { known: ListedBlob | undefined; present: Stored | undefined },
  ): Promise<ListedBlob> {
    const { known, present } = there;
    this.#blobs += 1;
    this.#blobBytes += blob.bytes;
    if (known?.bytes === blob.bytes && present?.bytes === blob.bytes) return known;
    const bytes = new Digested(this.#readBlob(blob));
    await this.#options.place.write(blobPath(blob.id), this.#watched(bytes.bytes, "objects"), blob.bytes);
    this.#copiedBlobs += 1;
    this.#copiedBlobBytes += blob.bytes;
    return { ...blob, sha256: bytes.sha256 };
  }

  /** What cannot be read is no backup: the whole of it fails, and says why. */
  async *#readBlob({ id, bytes }: { id: string; bytes: number }): Bytes {
    let count = 0;
    try {
      for await (const piece of await this.#snapshot.readBlob({ id, bytes })) {
        count += piece.length;
        yield piece;
      }
    } catch (error) {
      throw new PlaceUnusable(unreadable(id, (error as Error).message), { cause: error });
    }
    if (count !== bytes) throw new PlaceUnusable(unreadable(id, `${count} of its ${bytes} bytes have come`));
  }

  async *#watched(bytes: Bytes, phase: "database" | "objects"): Bytes {
    const { signal, onProgress } = this.#options;
    for await (const piece of bytes) {
      signal.throwIfAborted();
      onProgress({ phase, bytes: piece.length });
      yield piece;
    }
  }
}

function unreadable(id: string, why: string): string {
  return `The bytes ${id} of an object cannot be read (${why}). \`millrace check\` of the data directory tells which object is concerned; delete it, or put it again, and make the backup then.`;
}

async function* one(bytes: Uint8Array): Bytes {
  yield bytes;
}

async function* nothing(): AsyncIterable<never> {}
