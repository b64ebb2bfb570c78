import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { BadSetting } from "./config.ts";
import { exposure, readMasterKeys } from "./master-keys.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-keys-"));
after(() => rmSync(directory, { recursive: true }));

const KEY = Buffer.alloc(32, 0xa7);
const OLDER_KEY = Buffer.alloc(32, 0x3c);

let files = 0;
function fileOf(content: string, mode = 0o600): string {
  files += 1;
  const file = join(directory, `keys-${files}`);
  writeFileSync(file, content, { mode });
  return file;
}

const read = (content: string) => readMasterKeys(fileOf(content)).map((key) => Buffer.from(key));
const refused = (file: string, pattern: RegExp) =>
  assert.throws(
    () => readMasterKeys(file),
    (error) => error instanceof BadSetting && pattern.test(error.message) && !error.message.includes(KEY.toString("hex").slice(0, 16)),
  );

describe("the master key file", () => {
  test("a line is a key in hexadecimal or base64; comments and empty lines say nothing", () => {
    assert.deepEqual(read(KEY.toString("hex")), [KEY]);
    assert.deepEqual(read(KEY.toString("hex").toUpperCase()), [KEY]);
    assert.deepEqual(read(`${KEY.toString("base64")}\n`), [KEY]);
    assert.deepEqual(read(`# of this year\n  ${KEY.toString("base64").replace("=", "")}\r\n\n${OLDER_KEY.toString("hex")}\n`), [
      KEY,
      OLDER_KEY,
    ]);
  });

  test("what is no key is refused with its line, and never repeated", () => {
    refused(fileOf(`\n${KEY.toString("hex")}00`), /keys-\d+, line 2: a key is 32 bytes/);
    refused(fileOf(KEY.toString("base64").slice(0, 40)), /line 1/);
    refused(fileOf(`${KEY.toString("hex")}\n${KEY.toString("base64")}`), /line 2 repeats a key/);
    refused(fileOf("# none\n"), /holds no key/);
    refused(join(directory, "missing"), /cannot be read: ENOENT/);
  });

  test("a file that others may read is refused with what to do", { skip: process.getuid === undefined && "no owners here" }, () => {
    refused(fileOf(KEY.toString("hex"), 0o644), /can be read or changed by others \(mode 0644\); .* chmod 600/);
  });

  test("ours may be mode 0600 or less, root's 0640 or less, another user's never", () => {
    const allowed = (mode: number, uid: number) => exposure({ mode: 0o100000 | mode, uid, ourUid: 1000 }) === undefined;
    assert.deepEqual(
      [0o600, 0o400, 0o640, 0o604, 0o620, 0o700].map((mode) => allowed(mode, 1000)),
      [true, true, false, false, false, true],
    );
    assert.deepEqual(
      [0o640, 0o440, 0o600, 0o644, 0o660].map((mode) => allowed(mode, 0)),
      [true, true, true, false, false],
    );
    assert.equal(allowed(0o600, 1001), false);
    assert.equal(exposure({ mode: 0o666, uid: 0, ourUid: undefined }), undefined);
  });
});
