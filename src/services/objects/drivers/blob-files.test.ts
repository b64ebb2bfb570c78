import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { blobFiles } from "./blob-files.ts";
import { blobIdOf } from "./blob-store.fixture.ts";
import { blobStoreSuite } from "./blob-store.suite.ts";

async function emptyDirectory(): Promise<{ directory: string; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-blobs-"));
  return { directory, stop: () => rm(directory, { recursive: true }) };
}

blobStoreSuite("files", async () => {
  const { directory, stop } = await emptyDirectory();
  return { blobs: blobFiles(join(directory, "blobs")), stop };
});

test("what a crash left unfinished is removed when the store opens, and what was finished stays", async () => {
  const { directory, stop } = await emptyDirectory();
  const before = blobFiles(directory);
  await before.open();
  const finished = await before.create(blobIdOf(1));
  await finished.write(Buffer.from("whole"));
  await finished.finish();
  const cut = await before.create(blobIdOf(2));
  await cut.write(Buffer.alloc(300_000));
  assert.deepEqual(await readdir(join(directory, "unfinished")), [blobIdOf(2)]);

  const after = blobFiles(directory); // The process that wrote is gone.
  await after.open();
  assert.deepEqual(await readdir(join(directory, "unfinished")), []);
  const ids: string[] = [];
  for await (const page of after.list()) ids.push(...page);
  assert.deepEqual(ids, [blobIdOf(1)]);
  await cut.discard();
  await stop();
});

test("files lie under the first two digits of their ids, readable by their owner alone; others' files are passed over", async () => {
  const { directory, stop } = await emptyDirectory();
  const blobs = blobFiles(directory);
  await blobs.open();
  const writer = await blobs.create(blobIdOf(0xab));
  await writer.write(Buffer.from("x"));
  await writer.finish();
  const path = join(directory, "ab", blobIdOf(0xab));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await writeFile(join(directory, "ab", "README"), "not ours");
  const ids: string[] = [];
  for await (const page of blobs.list()) ids.push(...page);
  assert.deepEqual(ids, [blobIdOf(0xab)]);
  await stop();
});

test("nothing but an id becomes a path", async () => {
  const { directory, stop } = await emptyDirectory();
  const blobs = blobFiles(directory);
  await blobs.open();
  for (const id of ["", "..", "../../etc/passwd", `${"a".repeat(31)}/`, "A".repeat(32), "a".repeat(33)]) {
    await assert.rejects(async () => blobs.create(id), /a blob's id is 32 hex digits/);
    assert.throws(() => blobs.read(id, { startByte: 0, bytes: 1 }), /a blob's id is 32 hex digits/);
    await assert.rejects(blobs.remove([id]), /a blob's id is 32 hex digits/);
  }
  await stop();
});
