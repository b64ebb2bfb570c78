import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readStraceLog, UnreadableLog } from "./strace-log.ts";

const read = (...lines: string[]) => readStraceLog(Buffer.from(lines.map((line) => `${line}\n`).join("")));

describe("the log of strace", () => {
  test("bytes come as they were written, also zeros, quotes and commas", () => {
    const [write] = read(String.raw`7  pwrite64(3, "\x00\x22\x2c\xff", 4, 8192) = 4`);
    assert.deepEqual(write?.arguments[1]?.strings, [Buffer.from([0, 0x22, 0x2c, 0xff])]);
    assert.deepEqual(
      write.arguments.map(({ text }) => text),
      ["3", "", "4", "8192"],
    );
    assert.equal(write.result, 4);
  });

  test("the pieces of a gathering write belong to one argument", () => {
    const [write] = read(String.raw`7  writev(3, [{iov_base="\x61", iov_len=1}, {iov_base="\x62\x63", iov_len=2}], 2) = 3`);
    assert.equal(Buffer.concat(write?.arguments[1]?.strings ?? []).toString(), "abc");
    assert.equal(write?.arguments[2]?.text, "2");
  });

  test("a call that others interrupt begins and ends at lines of its own", () => {
    const calls = read("7  fsync(3 <unfinished ...>", String.raw`8  write(4, "\x61", 1) = 1`, "7  <... fsync resumed>) = 0");
    assert.deepEqual(
      calls.map(({ name, process, beganLine, endedLine, result }) => ({ name, process, beganLine, endedLine, result })),
      [
        { name: "fsync", process: 7, beganLine: 0, endedLine: 2, result: 0 },
        { name: "write", process: 8, beganLine: 1, endedLine: 1, result: 1 },
      ],
    );
  });

  test("a call whose process was killed meanwhile never ends", () => {
    const [write] = read(String.raw`7  pwrite64(3, "\x61", 1, 0 <unfinished ...>`, "7  +++ killed by SIGKILL +++");
    assert.equal(write?.endedLine, Infinity);
    assert.equal(write?.arguments[3]?.text, "0");
  });

  test("a failed call has its negative result", () => {
    const [open] = read(String.raw`7  openat(AT_FDCWD, "\x2f\x61", O_RDWR|O_CREAT, 0644) = -1 ENOENT (No such file or directory)`);
    assert.equal(open?.result, -1);
    assert.equal(open?.arguments[2]?.text, "O_RDWR|O_CREAT");
  });

  test("what was cut off, or ends without a beginning, is refused", () => {
    assert.throws(() => read(String.raw`7  write(3, "\x61"..., 5) = 5`), UnreadableLog);
    assert.throws(() => read("7  <... fsync resumed>) = 0"), UnreadableLog);
    assert.throws(() => read("fsync(3) = 0"), UnreadableLog);
  });
});
