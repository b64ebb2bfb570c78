import { TOP, type Change, type Sync } from "./change.ts";
import { DiskFile, type Image, type Survivor, type Unsynced } from "./file.ts";
import { placed, textHash } from "./page-hash.ts";

/** A change of a directory's entries that is not yet durable. */
export interface UnsyncedEntry {
  /** Its place among all changes. */
  readonly at: number;
  readonly name: string;
  /** The file that has the name from then on; undefined: none has. */
  readonly file: number | undefined;
  /** A rename's other half: a name is not lost before the new one is there. */
  readonly onlyWith?: number;
}

/** A directory and everything below it in one state. */
interface Tree {
  /** Where it stands: a directory that is renamed stands at one place or another until that is durable. */
  readonly path: string;
  readonly directories: string[];
  readonly files: (Image & { readonly path: string })[];
  high: number;
  low: number;
  /** Nothing in it is unsynced. */
  quiet: boolean;
}

/** A note for operators, written at every start and never synced: it would make states distinct that do not differ. */
const NOT_COUNTED = /\/owner\.pid$/;

interface Directory {
  readonly entries: Map<string, number>;
  unsynced: UnsyncedEntry[];
}

/** Hashes of pages, by the fsync that made them durable: the same changes make the same pages whenever they are replayed. */
export type RememberedHashes = Map<string, number[]>;

/** Decides what of the unsynced survives a power cut. */
export interface Survival {
  /** How many of a directory's unsynced changes, counted from the first. */
  entries(unsynced: readonly UnsyncedEntry[]): number;
  /** What of a file's unsynced bytes. */
  bytes(unsynced: readonly Unsynced[], file: DiskFile): readonly Survivor[];
}

/** What a power cut has left. */
export interface CrashState {
  /** Paths of the directories, each behind the one that it is in. */
  readonly directories: readonly string[];
  readonly files: readonly (Image & { readonly path: string })[];
  /** The same for the same bytes under the same names. */
  readonly key: string;
}

/**
 * A disk as POSIX promises it and no better: what was written is durable when an fsync that began later has returned, a
 * name when the fsync of its directory has. Until then any of it may be lost.
 */
export class Disk {
  readonly #files = new Map<number, DiskFile>();
  readonly #directories = new Map<number, Directory>([[TOP, { entries: new Map(), unsynced: [] }]]);
  /** Trees of which everything is durable, and so always the same. */
  readonly #quietTrees = new Map<number, Tree>();
  readonly #parents = new Map<number, number>();
  readonly #hashes: RememberedHashes | undefined;
  #changes = 0;
  /** Entries changed before here are durable on a file system with a journal: it writes them in order, and all with any fsync. */
  #journalled = 0;

  /** @param hashes what an earlier disk of the same changes has hashed, and what this one does. */
  constructor(hashes?: RememberedHashes) {
    this.#hashes = hashes;
  }

  /** Changes so far. */
  get changes(): number {
    return this.#changes;
  }

  get journalled(): number {
    return this.#journalled;
  }

  /** Where among all changes those stand that a power cut could lose now. */
  unsyncedPlaces(): readonly number[] {
    if (this.#places.asOf === this.#changes) return this.#places.all;
    const places: number[] = [];
    for (const { unsynced } of this.#files.values()) for (const { at } of unsynced) places.push(at);
    for (const { unsynced } of this.#directories.values()) for (const { at } of unsynced) places.push(at);
    places.sort((a, b) => a - b);
    this.#places = { asOf: this.#changes, all: places };
    return places;
  }

  #places: { asOf: number; all: readonly number[] } = { asOf: -1, all: [] };

  apply(change: Change): void {
    const at = this.#changes;
    this.#changes += 1;
    if ("file" in change) this.#disturb(change.file);
    if ("in" in change) this.#disturb(change.in);
    if ("from" in change) this.#disturb(change.from.in);
    if ("file" in change && "in" in change) this.#parents.set(change.file, change.in);
    switch (change.do) {
      case "make":
        if (change.kind === "file") this.#files.set(change.file, new DiskFile());
        else this.#directories.set(change.file, { entries: new Map(), unsynced: [] });
        this.#directory(change.in).unsynced.push({ at, name: change.name, file: change.file });
        break;
      case "rename":
        this.#directory(change.in).unsynced.push({ at, name: change.name, file: change.file });
        this.#directory(change.from.in).unsynced.push({
          at,
          name: change.from.name,
          file: undefined,
          ...(change.from.in === change.in ? {} : { onlyWith: change.in }),
        });
        break;
      case "remove":
        this.#directory(change.in).unsynced.push({ at, name: change.name, file: undefined });
        break;
      case "write":
      case "truncate":
        this.#file(change.file).unsynced.push({ at, change });
        break;
      case "sync":
        this.#sync(change);
        break;
      case "mark":
        break;
    }
  }

  /** Everything is durable: what was there before the process began. */
  settle(): void {
    for (const [number, file] of this.#files) file.sync({ before: Infinity, except: [], remembered: this.#hashesOf(number) });
    for (const directory of this.#directories.values()) this.#syncEntries(directory, Infinity, []);
    this.#quietTrees.clear();
    this.#journalled = this.#changes;
  }

  /** What is left if the power fails now. The bytes are good until the next one is asked for. */
  crash(survival: Survival): CrashState {
    const kept = new Map<number, number>();
    for (const [number, { unsynced }] of this.#directories) {
      const count = unsynced.length === 0 ? 0 : survival.entries(unsynced);
      if (count > 0) kept.set(number, unsynced[count - 1]?.at ?? -1);
    }
    const { directories, files, high, low } = this.#tree(TOP, "", { kept, survival });
    return { directories, files, key: `${(high >>> 0).toString(16)}-${(low >>> 0).toString(16)}` };
  }

  #tree(number: number, path: string, chosen: { kept: ReadonlyMap<number, number>; survival: Survival }): Tree {
    const before = this.#quietTrees.get(number);
    if (before?.path === path) return before;
    const tree: Tree = { path, directories: [], files: [], high: 0, low: 0, quiet: this.#directory(number).unsynced.length === 0 };
    for (const [name, file] of this.#entries(number, chosen.kept)) {
      const below = path === "" ? name : `${path}/${name}`;
      if (this.#directories.has(file)) {
        const inside = this.#tree(file, below, chosen);
        add(tree, below, { high: 1, low: 1, bytes: 0 });
        tree.directories.push(below, ...inside.directories);
        tree.files.push(...inside.files);
        tree.high = (tree.high + inside.high) | 0;
        tree.low = (tree.low + inside.low) | 0;
        tree.quiet &&= inside.quiet;
        continue;
      }
      const found = this.#file(file);
      const image = found.image(found.unsynced.length === 0 ? [] : chosen.survival.bytes(found.unsynced, found));
      tree.files.push({ ...image, path: below });
      tree.quiet &&= found.unsynced.length === 0;
      if (!NOT_COUNTED.test(below)) add(tree, below, { ...image.hash, bytes: image.bytes.length });
    }
    if (tree.quiet) this.#quietTrees.set(number, tree);
    return tree;
  }

  /** What is known of the trees that it is in holds no longer. */
  #disturb(number: number | undefined): void {
    for (let at = number; at !== undefined; at = this.#parents.get(at)) this.#quietTrees.delete(at);
  }

  #entries(number: number, kept: ReadonlyMap<number, number>): Map<string, number> {
    const { entries, unsynced } = this.#directory(number);
    const last = kept.get(number) ?? -1;
    if (last === -1) return entries;
    const left = new Map(entries);
    for (const entry of unsynced) {
      if (entry.at > last) break;
      if (entry.file !== undefined) left.set(entry.name, entry.file);
      else if (entry.onlyWith === undefined || (kept.get(entry.onlyWith) ?? -1) >= entry.at || this.#isDurable(entry.onlyWith, entry.at))
        left.delete(entry.name);
    }
    return left;
  }

  #isDurable(directory: number, at: number): boolean {
    return !this.#directory(directory).unsynced.some((entry) => entry.at === at);
  }

  #sync({ file, before, except }: Sync): void {
    const offset = this.#begin;
    const from = offset + before;
    const missed = except.map((at) => offset + at);
    this.#journalled = Math.max(this.#journalled, from);
    const directory = this.#directories.get(file);
    if (directory === undefined) this.#file(file).sync({ before: from, except: missed, remembered: this.#hashesOf(file) });
    else this.#syncEntries(directory, from, missed);
  }

  /** Where the changes of the process that is replayed begin: its syncs count from there. */
  #begin = 0;

  /** The next changes are another process's. */
  begin(): void {
    this.#begin = this.#changes;
  }

  /** Of what becomes durable of a file now. */
  #hashesOf(file: number): number[] | undefined {
    if (this.#hashes === undefined) return undefined;
    const key = `${this.#changes} ${file}`;
    const known = this.#hashes.get(key) ?? [];
    this.#hashes.set(key, known);
    return known;
  }

  #syncEntries(directory: Directory, before: number, except: readonly number[]): void {
    const left: UnsyncedEntry[] = [];
    for (const entry of directory.unsynced) {
      const alone = entry.onlyWith !== undefined && !this.#isDurable(entry.onlyWith, entry.at);
      if (entry.at >= before || except.includes(entry.at) || alone) left.push(entry);
      else if (entry.file === undefined) directory.entries.delete(entry.name);
      else directory.entries.set(entry.name, entry.file);
    }
    directory.unsynced = left;
  }

  #file(number: number): DiskFile {
    const file = this.#files.get(number);
    if (file === undefined) throw new TypeError(`there is no file ${number}`);
    return file;
  }

  #directory(number: number): Directory {
    const directory = this.#directories.get(number);
    if (directory === undefined) throw new TypeError(`there is no directory ${number}`);
    return directory;
  }
}

/** A tree's contribution to the hash of a state. */
function add(tree: Tree, path: string, of: { high: number; low: number; bytes: number }): void {
  const [pathHigh, pathLow] = pathHash(path);
  tree.high = (tree.high + placed(of.high ^ pathHigh, of.bytes)) | 0;
  tree.low = (tree.low + placed(of.low ^ pathLow, of.bytes)) | 0;
}

const pathHashes = new Map<string, readonly [number, number]>();

function pathHash(path: string): readonly [number, number] {
  let hash = pathHashes.get(path);
  if (hash === undefined) pathHashes.set(path, (hash = textHash(path)));
  return hash;
}
