import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CrashState } from "./disk.ts";

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
      if (this.#written.get(path) === mark) continue;
      writeFileSync(join(this.#root, path), bytes);
      this.#written.set(path, mark);
    }
  }

  /** Changes when the file does: its size and hash; empty where there is none. */
  mark(path: string): string {
    return this.#written.get(path) ?? "";
  }

  /** Somebody has worked in that directory: files directly in it are taken away. */
  disturbed(directory: string): void {
    const path = join(this.#root, directory);
    for (const known of this.#written.keys()) if (dirname(known) === directory) this.#written.delete(known);
    if (!existsSync(path)) return;
    for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isFile()) rmSync(join(path, entry.name));
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
