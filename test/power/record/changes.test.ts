import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Change } from "../disk/change.ts";
import { ChangeReader } from "./changes.ts";
import { readStraceLog, UnreadableLog } from "./strace-log.ts";

const root = mkdtempSync(join(tmpdir(), "millrace-changes-"));
mkdirSync(join(root, "there"));
writeFileSync(join(root, "there/old"), "abc");
after(() => rmSync(root, { recursive: true }));

const quoted = (text: string | Buffer) =>
  `"${[...Buffer.from(text)].map((byte) => String.raw`\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
const path = (name: string) => quoted(join(root, name));

function read(...lines: string[]): Change[] {
  const reader = new ChangeReader({ root, marks: "/marks" });
  reader.base();
  return reader.read(readStraceLog(Buffer.from(lines.map((line) => `${line}\n`).join(""))));
}

describe("what system calls change on the disk", () => {
  test("what was there before is the base", () => {
    const reader = new ChangeReader({ root, marks: "/marks" });
    assert.deepEqual(reader.base(), [
      { do: "make", file: 1, kind: "directory", in: 0, name: "there" },
      { do: "make", file: 2, kind: "file", in: 1, name: "old" },
      { do: "write", file: 2, offset: 0, bytes: Buffer.from("abc") },
    ]);
  });

  test("a file is made once, written where each call says, renamed and removed", () => {
    const changes = read(
      `7  openat(AT_FDCWD, ${path("new")}, O_WRONLY|O_CREAT, 0600) = 5`,
      `7  write(5, ${quoted("ab")}, 2) = 2`,
      `7  writev(5, [{iov_base=${quoted("cd")}, iov_len=2}], 1) = 2`,
      `7  pwrite64(5, ${quoted("x")}, 1, 4096) = 1`,
      "7  ftruncate(5, 3) = 0",
      "7  close(5) = 0",
      `7  openat(AT_FDCWD, ${path("new")}, O_RDWR|O_CREAT, 0600) = 5`,
      `7  rename(${path("new")}, ${path("there/new")}) = 0`,
      `7  unlink(${path("there/new")}) = 0`,
    );
    assert.deepEqual(changes, [
      { do: "make", file: 3, kind: "file", in: 0, name: "new" },
      { do: "write", file: 3, offset: 0, bytes: Buffer.from("ab") },
      { do: "write", file: 3, offset: 2, bytes: Buffer.from("cd") },
      { do: "write", file: 3, offset: 4096, bytes: Buffer.from("x") },
      { do: "truncate", file: 3, size: 3 },
      { do: "rename", file: 3, from: { in: 0, name: "new" }, in: 1, name: "new" },
      { do: "remove", in: 1, name: "new" },
    ]);
  });

  test("a directory is made below one that another thread has made meanwhile", () => {
    const changes = read(
      `7  mkdir(${path("above/below")}, 0700 <unfinished ...>`,
      `8  mkdir(${path("above")}, 0700) = 0`,
      "7  <... mkdir resumed>) = 0",
    );
    assert.deepEqual(changes, [
      { do: "make", file: 3, kind: "directory", in: 0, name: "above" },
      { do: "make", file: 4, kind: "directory", in: 3, name: "below" },
    ]);
  });

  test("of a write that was cut short, what was written counts", () => {
    const changes = read(`7  openat(AT_FDCWD, ${path("there/old")}, O_RDWR) = 5`, `7  pwrite64(5, ${quoted("abcd")}, 4, 0) = 2`);
    assert.deepEqual(changes, [{ do: "write", file: 2, offset: 0, bytes: Buffer.from("ab") }]);
  });

  test("an fsync covers what had ended when it began, and is one when it has returned", () => {
    const changes = read(
      "7  clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, exit_signal=0} => {parent_tid=[8]}, 88) = 8",
      `7  openat(AT_FDCWD, ${path("there/old")}, O_RDWR) = 5`,
      `7  pwrite64(5, ${quoted("a")}, 1, 0) = 1`,
      `8  pwrite64(5, ${quoted("b")}, 1, 1 <unfinished ...>`,
      "7  fsync(5 <unfinished ...>",
      "8  <... pwrite64 resumed>) = 1",
      `8  pwrite64(5, ${quoted("c")}, 1, 2) = 1`,
      "7  <... fsync resumed>) = 0",
    );
    assert.deepEqual(changes.at(-1), { do: "sync", file: 2, before: 2, except: [1] });
    assert.equal(changes.length, 4);
  });

  test("another process has descriptors of its own, and a name in an open directory is below it", () => {
    const changes = read(
      `7  openat(AT_FDCWD, ${path("there/old")}, O_RDWR) = 5`,
      "7  clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x1) = 8",
      `8  openat(AT_FDCWD, ${path("there")}, O_RDONLY|O_DIRECTORY) = 5`,
      `8  unlinkat(5, ${quoted("old")}, 0) = 0`,
      "8  fsync(5) = 0",
      `7  pwrite64(5, ${quoted("a")}, 1, 0) = 1`,
    );
    assert.deepEqual(
      changes.map((change) => [change.do, "file" in change ? change.file : undefined]),
      [
        ["remove", undefined],
        ["sync", 1],
        ["write", 2],
      ],
    );
  });

  test("an fsync of a directory, marks, and what is none of the disk's business", () => {
    const changes = read(
      `7  openat(AT_FDCWD, ${path("there")}, O_RDONLY|O_DIRECTORY) = 5`,
      "7  fsync(5) = 0",
      `7  openat(AT_FDCWD, ${quoted("/marks")}, O_WRONLY|O_CREAT|O_APPEND, 0666) = 6`,
      `7  write(6, ${quoted("one\n")}, 4) = 4`,
      `7  openat(AT_FDCWD, ${path("there/x-shm")}, O_RDWR|O_CREAT, 0600) = 7`,
      `7  pwrite64(7, ${quoted("a")}, 1, 0) = 1`,
      `7  openat(AT_FDCWD, ${quoted("/dev/null")}, O_RDWR) = 8`,
      `7  write(8, ${quoted("a")}, 1) = 1`,
    );
    assert.deepEqual(changes, [
      { do: "sync", file: 1, before: 0, except: [] },
      { do: "mark", text: "one" },
    ]);
  });

  test("a call on the disk that is not understood is an error, not a gap", () => {
    const open = `7  openat(AT_FDCWD, ${path("there/old")}, O_RDWR) = 5`;
    assert.throws(() => read(open, "7  fallocate(5, 0, 0, 4096) = 0"), UnreadableLog);
    assert.throws(() => read(open, "7  mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 5, 0) = 0x7f0000000000"), UnreadableLog);
  });
});
