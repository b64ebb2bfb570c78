import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { exposureOfCredentials, readCredentials } from "./credentials.ts";

const ROOT = { accessKeyId: "AKIAROOT", secretAccessKey: "a secret of a decent length", accountId: "000000000000" };
const USER = { accessKeyId: "AKIAUSER", secretAccessKey: "another secret of decent length", accountId: "111111111111", name: "photos" };

/** What a file with this content gives. */
function read(content: unknown) {
  const directory = mkdtempSync(join(tmpdir(), "millrace-credentials-"));
  const file = join(directory, "keys.json");
  try {
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return readCredentials(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("keys belong to roots and users of several accounts", () => {
  const [root, user] = read([ROOT, USER]);
  assert.deepEqual(root, { ...ROOT, arn: "arn:aws:iam::000000000000:root", uniqueId: "000000000000" });
  assert.ok(user !== undefined);
  assert.deepEqual([user.accountId, user.arn], ["111111111111", "arn:aws:iam::111111111111:user/photos"]);
});

test("a user has one id under all its keys, and no other user has the same", () => {
  const users = [
    USER,
    { ...USER, accessKeyId: "AKIASECOND" },
    { ...USER, accessKeyId: "AKIATHIRD", name: "Photos" },
    { ...USER, accessKeyId: "AKIAFOURTH", accountId: "222222222222" },
  ];
  const ids = read(users).map(({ uniqueId }) => uniqueId);
  for (const id of ids) assert.match(id, /^AIDA[A-Z2-7]{17}$/);
  assert.equal(ids[0], ids[1]);
  assert.equal(new Set(ids).size, 3);
  assert.deepEqual(
    read(users).map(({ uniqueId }) => uniqueId),
    ids,
    "the same after each start",
  );
});

test("what is wrong with which entry is said, and no secret with it", () => {
  const table: [content: unknown, message: RegExp][] = [
    ["no", /cannot be read as JSON: it is not well-formed/],
    [{}, /must hold a list with at least one entry/],
    [[], /must hold a list with at least one entry/],
    [[ROOT, null], /entry 2: accessKeyId must be 3 to 128 letters/],
    [[{ ...ROOT, secretAccessKey: "short" }], /entry 1: secretAccessKey must be at least 16 characters/],
    [[{ ...ROOT, accountId: 0 }], /entry 1: accountId must be twelve digits/],
    [[{ ...ROOT, name: "a b" }], /entry 1: name must be a user name/],
    [[{ ...ROOT, userName: "photos" }], /entry 1: userName means nothing here; an entry has accessKeyId, secretAccessKey, accountId, name/],
    [[ROOT, { ...USER, accessKeyId: ROOT.accessKeyId }], /entry 2: the access key AKIAROOT stands in an entry before/],
  ];
  for (const [content, message] of table) {
    assert.throws(
      () => read(content),
      (error: Error) => {
        assert.equal(error.name, "BadSetting");
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /secret of|short/);
        return true;
      },
    );
  }
  assert.throws(() => readCredentials("/nowhere/keys.json"), { name: "BadSetting", message: /cannot be read as JSON/ });
});

test("a file that others can read is found out", { skip: process.getuid === undefined }, () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-credentials-"));
  const file = join(directory, "keys.json");
  try {
    writeFileSync(file, "[]", { mode: 0o600 });
    assert.equal(exposureOfCredentials(file), undefined);
    chmodSync(file, 0o644);
    assert.match(exposureOfCredentials(file) ?? "", /can be read or changed by others \(mode 0644\)/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
