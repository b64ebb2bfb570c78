import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { syncNames, takeOwnership } from "../storage/sqlite/index.ts";
import { MissingFile, type Bytes, type Place, type Stored } from "./place.ts";

/** What is being written; whatever is found there belongs to a process that is gone. */
const UNFINISHED = "unfinished";

/** Told at once. */
const LISTED_AT_ONCE = 1000;

/** A directory of this machine as a place for backups. */
export class DirectoryPlace implements Place {
  readonly name: string;
  readonly #root: string;
  #written = 0;
  /** Folders of the place whose names are on stable storage. */
  readonly #folders = new Set<string>();

  constructor(root: string) {
    this.name = root;
    this.#root = root;
  }

  async lock(): Promise<() => void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    syncNames(resolve(this.#root));
    const release = takeOwnership(this.#root);
    await rm(join(this.#root, UNFINISHED), { recursive: true, force: true });
    this.#folders.clear();
    return release;
  }

  async *list(folder: string): AsyncIterable<readonly Stored[]> {
    let page: Stored[] = [];
    for await (const path of filesBelow(join(this.#root, folder))) {
      const { size, mtimeMs } = await stat(path);
      page.push({ path: relative(this.#root, path).replaceAll(sep, "/"), bytes: size, modifiedMs: mtimeMs });
      if (page.length < LISTED_AT_ONCE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  async read(path: string): Promise<Bytes> {
    const file = await open(join(this.#root, path)).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "ENOENT" ? new MissingFile(`${join(this.#root, path)} is missing.`) : error;
    });
    return createReadStream("", { fd: file, highWaterMark: 256 * 1024 });
  }

  async write(path: string, bytes: Bytes): Promise<void> {
    const final = join(this.#root, path);
    this.#written += 1;
    const unfinished = join(this.#root, UNFINISHED, String(this.#written));
    await this.#makeFolder(UNFINISHED);
    await this.#makeFolder(dirname(path));
    await writeSynced(unfinished, bytes);
    await rename(unfinished, final);
    await syncDirectory(dirname(final));
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) await rm(join(this.#root, path), { force: true });
    for (const folder of new Set(paths.map((path) => dirname(path)))) {
      await syncIfThere(join(this.#root, folder));
      if (!folder.startsWith("backups/")) continue;
      this.#folders.delete(folder);
      await removeIfEmpty(join(this.#root, folder));
    }
  }

  /** Its name outlives a power cut, too, whoever made it: a process that was killed may not have come to that. */
  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(join(this.#root, folder), { recursive: true, mode: 0o700 });
    for (let made = folder; made !== "."; made = dirname(made)) {
      await syncDirectory(join(this.#root, dirname(made)));
      this.#folders.add(made);
    }
  }

  close(): void {}
}

/** Writes a new file and waits until it is on stable storage; one that cannot be finished is removed. */
export async function writeSynced(path: string, bytes: Bytes): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    for await (const piece of bytes) await file.writeFile(piece);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
  await file.close();
}

export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What is gone already needs no fsync. */
async function syncIfThere(directory: string): Promise<void> {
  await syncDirectory(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

async function removeIfEmpty(directory: string): Promise<void> {
  const left = await readdir(directory).catch(() => undefined);
  if (left?.length === 0) await rm(directory, { recursive: true, force: true });
}

async function* filesBelow(directory: string): AsyncIterable<string> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}
