import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { seededRandom } from "../../../src/kernel/random.ts";
import type { Change } from "./change.ts";
import { KINDS, survivalOf, type Kind } from "./crash-states.ts";
import { Disk, type CrashState, type RememberedHashes, type Survival } from "./disk.ts";
import { survivorOf } from "./file.ts";
import { Materialiser } from "./materialise.ts";

const NOTHING: Survival = { entries: () => 0, bytes: () => [] };
const EVERYTHING: Survival = {
  entries: (unsynced) => unsynced.length,
  bytes: (unsynced) => unsynced.map(({ change }) => survivorOf(change)),
};

const shown = ({ directories, files }: CrashState) => [
  ...directories,
  ...files.map(({ path, bytes }) => `${path}: ${bytes.toString().replaceAll("\0", ".")}`),
];

describe("a disk", () => {
  let disk: Disk;
  const sync = (file: number) => disk.apply({ do: "sync", file, before: disk.changes, except: [] });
  const write = (file: number, offset: number, text: string) => disk.apply({ do: "write", file, offset, bytes: Buffer.from(text) });

  beforeEach(() => {
    disk = new Disk();
    disk.apply({ do: "make", file: 1, kind: "directory", in: 0, name: "a" });
    disk.apply({ do: "make", file: 2, kind: "file", in: 1, name: "x" });
  });

  test("loses what was not synced, and may keep it", () => {
    write(2, 0, "one");
    assert.deepEqual(shown(disk.crash(NOTHING)), []);
    assert.deepEqual(shown(disk.crash(EVERYTHING)), ["a", "a/x: one"]);
  });

  test("keeps bytes that were synced, but not without the name, nor without that of the directory", () => {
    write(2, 0, "one");
    sync(2);
    assert.deepEqual(shown(disk.crash(NOTHING)), []);
    sync(1);
    assert.deepEqual(shown(disk.crash(NOTHING)), []);
    sync(0);
    assert.deepEqual(shown(disk.crash(NOTHING)), ["a", "a/x: one"]);
  });

  test("does not keep what came after the fsync had begun, or was not finished then", () => {
    disk.settle();
    disk.begin();
    write(2, 0, "one");
    write(2, 3, "two");
    disk.apply({ do: "sync", file: 2, before: 1, except: [] });
    assert.deepEqual(shown(disk.crash(NOTHING)), ["a", "a/x: one"]);
    write(2, 3, "TWO");
    disk.apply({ do: "sync", file: 2, before: 4, except: [1] });
    assert.deepEqual(shown(disk.crash(NOTHING)), ["a", "a/x: oneTWO"]);
  });

  test("knows renames and removals by their directories", () => {
    disk.settle();
    disk.apply({ do: "make", file: 3, kind: "directory", in: 0, name: "b" });
    sync(0);
    disk.apply({ do: "rename", file: 2, from: { in: 1, name: "x" }, in: 3, name: "y" });
    assert.deepEqual(shown(disk.crash(NOTHING)), ["a", "b", "a/x: "]);
    const oldNameLost: Survival = { entries: (unsynced) => (unsynced[0]?.name === "x" ? 1 : 0), bytes: () => [] };
    assert.deepEqual(shown(disk.crash(oldNameLost)), ["a", "b", "a/x: "], "a rename never loses both names");
    sync(3);
    assert.deepEqual(shown(disk.crash(oldNameLost)), ["a", "b", "b/y: "]);
    disk.apply({ do: "remove", in: 3, name: "y" });
    sync(1);
    assert.deepEqual(shown(disk.crash(NOTHING)), ["a", "b", "b/y: "]);
    assert.deepEqual(shown(disk.crash(EVERYTHING)), ["a", "b"]);
  });

  test("cuts files off and fills holes with zeros", () => {
    write(2, 0, "abcdef");
    disk.apply({ do: "truncate", file: 2, size: 2 });
    write(2, 4, "z");
    assert.deepEqual(shown(disk.crash(EVERYTHING)), ["a", "a/x: ab..z"]);
    sync(2);
    assert.deepEqual(shown(disk.crash({ ...NOTHING, entries: () => 1 })), ["a", "a/x: ab..z"]);
  });

  test("gives the same key to the same bytes under the same names, and others to others", () => {
    const keys = new Set<string>();
    const key = () => disk.crash(EVERYTHING).key;
    keys.add(key());
    write(2, 0, "one");
    keys.add(key());
    write(2, 0, "one");
    keys.add(key());
    write(2, 9000, "two");
    keys.add(key());
    assert.equal(keys.size, 3);
    disk.settle();
    assert.equal(disk.crash(NOTHING).key, [...keys].at(-1), "durable or not does not matter");
  });
});

describe("what a power cut may leave", () => {
  const PAGE = 4096;
  const random = seededRandom(1);
  const disk = new Disk();
  disk.apply({ do: "make", file: 1, kind: "file", in: 0, name: "x" });
  disk.apply({ do: "write", file: 1, offset: 0, bytes: Buffer.alloc(2 * PAGE, "a") });
  disk.settle();
  disk.apply({ do: "write", file: 1, offset: 100, bytes: Buffer.alloc(PAGE, "b") });
  disk.apply({ do: "write", file: 1, offset: 2 * PAGE + 100, bytes: Buffer.alloc(PAGE, "c") });
  const states = (kind: Kind) =>
    new Set(
      Array.from({ length: 200 }, () => {
        const bytes = disk.crash(survivalOf(kind, disk, random)).files[0]?.bytes ?? Buffer.alloc(0);
        // One letter for each run of the same bytes, with its length.
        return [...bytes.toString("latin1").matchAll(/(.)\1*/gs)]
          .map(([run, letter]) => `${letter === "\0" ? "." : letter}${run.length}`)
          .join(" ");
      }),
    );

  test("none and all of the bytes", () => {
    assert.deepEqual([...states({ bytes: "none", names: "all" })], ["a8192"]);
    assert.deepEqual([...states({ bytes: "all", names: "none" })], ["a100 b4096 a3996 .100 c4096"]);
  });

  test("the write that was under way, up to a sector of 512 bytes", () => {
    const torn = states({ bytes: "torn", names: "none" });
    for (const state of ["a8192", "a100 b412 a7680", "a100 b924 a7168", "a100 b4096 a3996 .100 c412"]) assert.ok(torn.has(state), state);
    assert.ok(!torn.has("a100 b4096 a3996 .100 c4096"), "the last write is never whole");
  });

  test("any of the pages, in no order; a page holds what was written to it", () => {
    const pages = states({ bytes: 0.5, names: "none" });
    for (const state of ["a8192", "a100 b3996 a4096", "a4096 b100 a3996", "a8192 .4096 c100", "a100 b4096 a3996 .100 c4096"])
      assert.ok(pages.has(state), state);
    assert.ok(pages.has("a8192 .4196"), "a length without its bytes");
  });

  test("names up to a moment of each directory, or all up to one moment behind the last fsync", () => {
    const many = new Disk();
    for (const [number, name] of ["a", "b", "c", "d"].entries()) many.apply({ do: "make", file: number + 1, kind: "file", in: 0, name });
    many.apply({ do: "sync", file: 1, before: 1, except: [] });
    const names = (kind: Kind) =>
      new Set(
        Array.from({ length: 100 }, () =>
          many
            .crash(survivalOf(kind, many, random))
            .files.map(({ path }) => path)
            .join(""),
        ),
      );
    assert.deepEqual([...names({ bytes: "none", names: "some" })].sort(), ["", "a", "ab", "abc", "abcd"]);
    assert.deepEqual([...names({ bytes: "none", names: "in order" })].sort(), ["a", "ab", "abc"]);
  });
});

describe("crash states that are made one after the other", () => {
  /** Writes to two files, that are cut off and synced now and then. */
  const CHANGES: readonly Change[] = [1, 2].map((file) => ({ do: "make", file, kind: "file", in: 0, name: `f${file}` }));
  const random = seededRandom(5);
  const below = (limit: number) => Math.floor(random.fraction() * limit);
  const changes = [...CHANGES];
  while (changes.length < 150) {
    const file = 1 + below(2);
    const choice = random.fraction();
    if (choice < 0.7) changes.push({ do: "write", file, offset: below(30_000), bytes: Buffer.alloc(1 + below(9000), 97 + below(26)) });
    else if (choice < 0.8) changes.push({ do: "truncate", file, size: below(30_000) });
    else changes.push({ do: "sync", file: below(3), before: changes.length, except: [] });
  }
  const stateAt = (disk: Disk, at: number) => disk.crash(survivalOf(KINDS[at % KINDS.length] as Kind, disk, seededRandom(at)));
  // Of the bytes, since a difference between two texts is told at once.
  const digest = (bytes: Buffer) => hash("md5", bytes);
  const copied = ({ key, files }: CrashState) => ({ key, files: files.map(({ path, bytes }) => `${path} ${digest(bytes)}`) });
  function* replayed(hashes?: RememberedHashes): Generator<CrashState> {
    const disk = new Disk(hashes);
    for (const [at, change] of changes.entries()) {
      disk.apply(change);
      yield stateAt(disk, at);
    }
  }
  /** Each of a disk of its own, of which nothing was asked before. */
  const alone = changes.map((_, at) => {
    const disk = new Disk();
    for (const change of changes.slice(0, at + 1)) disk.apply(change);
    return copied(stateAt(disk, at));
  });

  test("are those of a disk of which nothing was asked before", () => {
    assert.deepEqual(Array.from(replayed(), copied), alone);
  });

  test("are the same in a replay for which the hashes of the one before are remembered", () => {
    const hashes: RememberedHashes = new Map();
    assert.deepEqual(Array.from(replayed(hashes), copied), alone);
    assert.ok(hashes.size > 0);
    assert.deepEqual(Array.from(replayed(hashes), copied), alone);
  });

  test("have their files and no others in the directory, whatever was done there meanwhile", () => {
    const root = mkdtempSync(join(tmpdir(), "millrace-power-"));
    try {
      const materialiser = new Materialiser(root);
      let at = 0;
      for (const state of replayed()) {
        const { files } = copied(state);
        materialiser.make(state);
        const there = readdirSync(root).sort();
        assert.deepEqual(
          there.map((name) => `${name} ${digest(readFileSync(join(root, name)))}`),
          [...files].sort(),
        );
        if (there[0] !== undefined && at % 2 === 0) writeFileSync(join(root, there[0]), Buffer.alloc(40_000, "?"));
        if (there[1] !== undefined && at % 3 === 0) rmSync(join(root, there[1]));
        writeFileSync(join(root, "made by the engine"), "");
        materialiser.disturbed(".");
        at += 1;
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
