import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CrashState } from "./disk.ts";

/** No file has that size and hash. */
const UNKNOWN = "";

/** Makes crash states in a real directory, one after the other, and writes only what differs from the one before. */
export class Materialiser {
  readonly #root: string;
  /** What was written, by path: size and hash. */
  readonly #written = new Map<string, string>();
  readonly #directories = new Set<string>();

  constructor(root: string) {
    this.#root = root;
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
  }

  make({ directories, files }: CrashState): void {
    const wanted = new Set(files.map(({ path }) => path));
    for (const path of this.#written.keys()) if (!wanted.has(path)) this.#remove(path);
    if (this.#directories.size !== directories.length) this.#makeDirectories(directories);
    else if (directories.some((path) => !this.#directories.has(path))) this.#makeDirectories(directories);
    for (const { path, bytes, hash } of files) {
      const mark = `${bytes.length} ${hash.high} ${hash.low}`;
      const before = this.#written.get(path);
      if (before === mark) continue;
      if (before === undefined) writeFileSync(join(this.#root, path), bytes);
      else rewrite(join(this.#root, path), bytes);
      this.#written.set(path, mark);
    }
  }

  /** Changes when the file does: its size and hash; empty where there is none. */
  mark(path: string): string {
    return this.#written.get(path) ?? "";
  }

  /** Somebody has worked in that directory: files directly in it that are not ours are taken away, and nothing is known of ours. */
  disturbed(directory: string): void {
    const path = join(this.#root, directory);
    const there = existsSync(path) ? readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile()) : [];
    const names = new Set(there.map(({ name }) => name));
    for (const known of this.#written.keys()) {
      if (dirname(known) !== directory) continue;
      if (names.delete(basename(known))) this.#written.set(known, UNKNOWN);
      else this.#written.delete(known);
    }
    for (const name of names) rmSync(join(path, name));
  }

  /** Somebody has worked everywhere below it: all of it is taken away. */
  forget(directory: string): void {
    rmSync(join(this.#root, directory), { recursive: true, force: true });
    const below = `${directory}/`;
    for (const known of this.#written.keys()) if (known.startsWith(below)) this.#written.delete(known);
    for (const known of this.#directories) if (known === directory || known.startsWith(below)) this.#directories.delete(known);
  }

  #makeDirectories(directories: readonly string[]): void {
    const wanted = new Set(directories);
    for (const path of this.#directories) {
      if (wanted.has(path)) continue;
      rmSync(join(this.#root, path), { recursive: true, force: true });
      this.#directories.delete(path);
      for (const known of this.#written.keys()) if (known.startsWith(`${path}/`)) this.#written.delete(known);
    }
    for (const path of directories) {
      if (!this.#directories.has(path)) mkdirSync(join(this.#root, path), { recursive: true });
      this.#directories.add(path);
    }
  }

  #remove(path: string): void {
    rmSync(join(this.#root, path), { force: true });
    this.#written.delete(path);
  }
}

/** In the file that is there: to make another one costs its memory anew. */
function rewrite(path: string, bytes: Buffer): void {
  const file = openSync(path, "r+");
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
    ftruncateSync(file, bytes.length);
  } finally {
    closeSync(file);
  }
}
