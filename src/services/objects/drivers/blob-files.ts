import { constants } from "node:fs";
import { mkdir, open, opendir, readdir, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../../kernel/assert.ts";
import { KIB } from "../../../kernel/units.ts";
import type { ByteStream } from "../../../wire/shapes.ts";
import type { ByteRange } from "../rules/range.ts";
import { BlobDamaged, BlobStoreFull, type BlobStore, type BlobWriter } from "./blob-store.ts";
import { blobBytesOf, BLOCK_BYTES, BlockFrames, readBlock } from "./blocks.ts";

/** Bytes gathered before they are written, and read at once of a blob without checksums. */
const CHUNK_BYTES = 256 * KIB;
const LISTED_AT_ONCE = 1000;
const ID = /^[0-9a-f]{32}$/;
const FILE = /^(?<id>[0-9a-f]{32})(?:\.blocks)?$/;
const UNFINISHED = "unfinished";

/**
 * Blobs as files:
 *
 *     <directory>/ab/ab12….blocks    a blob with its checksums (`blocks.ts`), under the first two digits of its id
 *     <directory>/ab/ab12…           one of a release that knew no checksums: its bytes alone
 *     <directory>/unfinished/ab12…   one that is being written
 *
 * No part of a path ever comes from a caller. A blob is written and fsynced under its unfinished name, renamed, and its
 * directory fsynced; so under its final name it is whole, whatever dies.
 * @param onFailure a write, an fsync or a rename has failed: nothing is known of what is on the disk, and nothing more is
 * put there. The process is to end.
 */
export function blobFiles(directory: string, onFailure: (reason: unknown) => void = () => {}): BlobStore {
  const stable = onStableStorage(onFailure);
  return {
    open: () => prepare(directory),
    create: (id) => FileWriter.create(directory, id, stable),
    read: (id, { startByte, bytes }) => readBlob(pathOf(directory, id), { start: startByte, end: startByte + bytes }),
    async size(id) {
      const path = pathOf(directory, id);
      const fileBytes = await fileBytesOf(inBlocks(path));
      return fileBytes === undefined ? await fileBytesOf(path) : blobBytesOf(fileBytes);
    },
    async remove(ids) {
      for (const path of ids.map((id) => pathOf(directory, id))) {
        if (!(await unlinkIfThere(inBlocks(path)))) await unlinkIfThere(path);
      }
    },
    list: () => listFiles(directory),
  };
}

function pathOf(directory: string, id: string): string {
  assert(ID.test(id), "a blob's id is 32 hex digits");
  return join(directory, id.slice(0, 2), id);
}

function inBlocks(path: string): string {
  return `${path}.blocks`;
}

/** Makes all 256 directories at once, so that no write need think of them. */
async function prepare(directory: string): Promise<void> {
  await mkdir(join(directory, UNFINISHED), { recursive: true });
  const there = new Set(await readdir(directory));
  for (let byte = 0; byte < 256; byte += 1) {
    const name = byte.toString(16).padStart(2, "0");
    if (!there.has(name)) await mkdir(join(directory, name));
  }
  await syncDirectory(directory);
  await syncDirectory(join(directory, ".."));
  for (const name of await readdir(join(directory, UNFINISHED))) await unlinkIfThere(join(directory, UNFINISHED, name));
}

class FileWriter implements BlobWriter {
  readonly #file: FileHandle;
  readonly #unfinished: string;
  readonly #final: string;
  readonly #stable: Stable;
  readonly #frames = new BlockFrames();
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;
  /** The write that is under way; the next bytes are gathered meanwhile. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle, paths: { unfinished: string; final: string }, stable: Stable) {
    this.#file = file;
    this.#stable = stable;
    this.#unfinished = paths.unfinished;
    this.#final = paths.final;
  }

  static async create(directory: string, id: string, stable: Stable): Promise<BlobWriter> {
    const final = inBlocks(pathOf(directory, id));
    const unfinished = join(directory, UNFINISHED, id);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
    const file = await orFull(open(unfinished, flags, 0o600));
    return new FileWriter(file, { unfinished, final }, stable);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#gathered.push(...this.#frames.frame(bytes));
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= CHUNK_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    this.#gathered.push(...this.#frames.end());
    await this.#flush();
    await this.#stable(async () => {
      await this.#writing;
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#unfinished, this.#final);
      await syncDirectory(join(this.#final, ".."));
    });
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => {}); // Whoever waited for it was told.
    await this.#file.close().catch(() => {}); // A second close of a file that `finish` has closed.
    await unlinkIfThere(this.#unfinished);
    await unlinkIfThere(this.#final);
  }

  async #flush(): Promise<void> {
    await this.#stable(() => this.#writing);
    const bytes = this.#gathered;
    if (bytes.length === 0) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#writing = writeAll(this.#file, bytes);
    this.#writing.catch(() => {}); // Thrown by the next one who waits for it.
  }
}

/** `writev` may write less than all, as when a disk fills up; then the rest is tried, which tells why. */
async function writeAll(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const { bytesWritten } = await file.writev(pieces);
  if (bytesWritten < total) await file.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

async function* readBlob(path: string, range: ByteRange): ByteStream {
  if (range.start === range.end) return;
  const file = await openIfThere(inBlocks(path));
  if (file === undefined) yield* readBytes(path, range);
  else yield* readBlocks(file, path, range);
}

async function* readBlocks(file: FileHandle, path: string, range: ByteRange): ByteStream {
  const readAt = async (at: number, bytes: number) => {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(bytes), 0, null, at);
    return buffer.subarray(0, bytesRead);
  };
  const readFrom = (start: number) => (start < range.end ? readBlock(readAt, start, range) : undefined);
  let start = range.start - (range.start % BLOCK_BYTES);
  let ahead = readFrom(start);
  try {
    for (; ahead !== undefined; start += BLOCK_BYTES) {
      const block = await ahead;
      ahead = undefined;
      if (block === undefined) throw new BlobDamaged(`the blob ${path} is not what was written, in the 256 KiB from byte ${start} on`);
      ahead = readFrom(start + BLOCK_BYTES); // While the reader is busy with these bytes.
      yield block;
    }
  } finally {
    await ahead?.catch(() => {});
    await file.close();
  }
}

/** Of a blob without checksums, what stands there. */
async function* readBytes(path: string, { start, end }: ByteRange): ByteStream {
  const file = await open(path, "r");
  try {
    for (let at = start; at < end;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - at)), 0, null, at);
      if (bytesRead === 0) throw new BlobDamaged(`the blob ${path} ends before its last byte`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function fileBytesOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function* listFiles(directory: string): AsyncIterable<readonly string[]> {
  for (let byte = 0; byte < 256; byte += 1) {
    let ids: string[] = [];
    for await (const entry of await opendir(join(directory, byte.toString(16).padStart(2, "0")))) {
      const id = FILE.exec(entry.name)?.groups?.["id"];
      if (id !== undefined) ids.push(id);
      if (ids.length < LISTED_AT_ONCE) continue;
      yield ids;
      ids = [];
    }
    if (ids.length > 0) yield ids;
  }
}

/** Else a power cut may take back a name that was given or a file that was renamed. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlinkIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

type Stable = <T>(effect: () => Promise<T>) => Promise<T>;

/** Runs what puts bytes on stable storage; after the first that failed nothing is, for an fsync may now succeed without having done anything. */
function onStableStorage(onFailure: (reason: unknown) => void): Stable {
  let failed = false;
  return async (effect) => {
    if (failed) throw new Error("the blob store has failed");
    try {
      return await orFull(effect());
    } catch (error) {
      if (error instanceof BlobStoreFull) throw error;
      failed = true;
      onFailure(error);
      throw error;
    }
  };
}

async function orFull<T>(effect: Promise<T>): Promise<T> {
  try {
    return await effect;
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOSPC" || code === "EDQUOT") throw new BlobStoreFull("no space is left for blobs", { cause: error });
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
