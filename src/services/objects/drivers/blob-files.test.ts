import assert from "node:assert/strict";
import { mkdtemp, open, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { seededRandom } from "../../../kernel/random.ts";
import { blobFiles } from "./blob-files.ts";
import { blobIdOf } from "./blob-store.fixture.ts";
import { BlobDamaged, type BlobStore } from "./blob-store.ts";
import { blobStoreSuite } from "./blob-store.suite.ts";

function unexpected(reason: unknown): void {
  assert.fail(String(reason));
}

async function emptyDirectory(): Promise<{ directory: string; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-blobs-"));
  return { directory, stop: () => rm(directory, { recursive: true }) };
}

blobStoreSuite("files", async () => {
  const { directory, stop } = await emptyDirectory();
  return { blobs: blobFiles(join(directory, "blobs"), unexpected), stop };
});

test("what a crash left unfinished is removed when the store opens, and what was finished stays", async () => {
  const { directory, stop } = await emptyDirectory();
  const before = blobFiles(directory, unexpected);
  await before.open();
  const finished = await before.create(blobIdOf(1));
  await finished.write(Buffer.from("whole"));
  await finished.finish();
  const cut = await before.create(blobIdOf(2));
  await cut.write(Buffer.alloc(300_000));
  assert.deepEqual(await readdir(join(directory, "unfinished")), [blobIdOf(2)]);

  const after = blobFiles(directory, unexpected); // The process that wrote is gone.
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
  const blobs = blobFiles(directory, unexpected);
  await blobs.open();
  const writer = await blobs.create(blobIdOf(0xab));
  await writer.write(Buffer.from("x"));
  await writer.finish();
  const path = join(directory, "ab", `${blobIdOf(0xab)}.blocks`);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await writeFile(join(directory, "ab", "README"), "not ours");
  const ids: string[] = [];
  for await (const page of blobs.list()) ids.push(...page);
  assert.deepEqual(ids, [blobIdOf(0xab)]);
  await stop();
});

test("nothing but an id becomes a path", async () => {
  const { directory, stop } = await emptyDirectory();
  const blobs = blobFiles(directory, unexpected);
  await blobs.open();
  for (const id of ["", "..", "../../etc/passwd", `${"a".repeat(31)}/`, "A".repeat(32), "a".repeat(33)]) {
    await assert.rejects(async () => blobs.create(id), /a blob's id is 32 hex digits/);
    assert.throws(() => blobs.read(id, { startByte: 0, bytes: 1 }), /a blob's id is 32 hex digits/);
    await assert.rejects(blobs.remove([id]), /a blob's id is 32 hex digits/);
  }
  await stop();
});

interface Written {
  readonly id: string;
  readonly bytes: Buffer;
  readonly path: string;
}

/** Blobs of all kinds of sizes around that of a block. */
async function written(blobs: BlobStore, directory: string): Promise<Written[]> {
  const random = seededRandom(1);
  const sizes = [1, 100, 4096, 262_143, 262_144, 262_145, 524_288, 700_000];
  const files: Written[] = [];
  for (const [index, size] of sizes.entries()) {
    const id = blobIdOf(index);
    const bytes = random.bytes(size);
    const writer = await blobs.create(id);
    for (let at = 0; at < size; at += 100_000) await writer.write(bytes.subarray(at, at + 100_000));
    await writer.finish();
    files.push({ id, bytes, path: join(directory, id.slice(0, 2), `${id}.blocks`) });
  }
  return files;
}

async function flipBit(path: string, at: number, bit: number): Promise<void> {
  const file = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0] = (byte[0] as number) ^ (1 << bit); // One byte was read.
  await file.write(byte, 0, 1, at);
  await file.close();
}

/** What a reader gets, and whether it is told of damage. */
async function readUntilDamage(blobs: BlobStore, id: string, range: { startByte: number; bytes: number }) {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of blobs.read(id, range)) pieces.push(piece);
  } catch (error) {
    assert.ok(error instanceof BlobDamaged);
    return { bytes: Buffer.concat(pieces), damaged: true };
  }
  return { bytes: Buffer.concat(pieces), damaged: false };
}

test("500 of 500 single bits flipped in files of blobs are found, and no wrong byte is passed on", async () => {
  const { directory, stop } = await emptyDirectory();
  const blobs = blobFiles(directory, unexpected);
  await blobs.open();
  const files = await written(blobs, directory);
  const random = seededRandom(2);
  const pick = (below: number) => Math.floor(random.fraction() * below);
  for (let flip = 0; flip < 500; flip += 1) {
    const { id, bytes, path } = files[flip % files.length] as Written; // The index is below the length.
    const bit = pick(8);
    const at = pick((await stat(path)).size);
    await flipBit(path, at, bit);
    const whole = await readUntilDamage(blobs, id, { startByte: 0, bytes: bytes.length });
    assert.ok(whole.damaged, `bit ${bit} of byte ${at} of ${path}`);
    assert.ok(bytes.subarray(0, whole.bytes.length).equals(whole.bytes));
    const startByte = pick(bytes.length);
    const part = await readUntilDamage(blobs, id, { startByte, bytes: 1 + pick(bytes.length - startByte) });
    assert.ok(bytes.subarray(startByte, startByte + part.bytes.length).equals(part.bytes));
    await flipBit(path, at, bit);
  }
  await stop();
});

test("a range is read in whole blocks: damage outside of them does not concern it, damage beside it within one does", async () => {
  const { directory, stop } = await emptyDirectory();
  const blobs = blobFiles(directory, unexpected);
  await blobs.open();
  const { id, bytes, path } = (await written(blobs, directory)).at(-1) as Written;
  await flipBit(path, 300_000, 0);
  assert.deepEqual(await readUntilDamage(blobs, id, { startByte: 100, bytes: 1000 }), {
    bytes: bytes.subarray(100, 1100),
    damaged: false,
  });
  assert.deepEqual((await readUntilDamage(blobs, id, { startByte: 524_288, bytes: 10 })).damaged, false);
  assert.deepEqual((await readUntilDamage(blobs, id, { startByte: 262_144, bytes: 10 })).damaged, true);
  await stop();
});

test("a file that has lost its end is damaged from there on", async () => {
  const { directory, stop } = await emptyDirectory();
  const blobs = blobFiles(directory, unexpected);
  await blobs.open();
  const { id, bytes, path } = (await written(blobs, directory)).at(-1) as Written;
  await truncate(path, 600_000);
  const { bytes: read, damaged } = await readUntilDamage(blobs, id, { startByte: 0, bytes: bytes.length });
  assert.deepEqual([read.length, damaged], [524_288, true]);
  await stop();
});

test("blobs of a release that knew no checksums are read, listed and removed", async () => {
  const { directory, stop } = await emptyDirectory();
  const blobs = blobFiles(directory, unexpected);
  await blobs.open();
  const id = blobIdOf(7);
  await writeFile(join(directory, id.slice(0, 2), id), "its bytes alone");
  assert.equal((await readUntilDamage(blobs, id, { startByte: 4, bytes: 5 })).bytes.toString(), "bytes");
  const ids: string[] = [];
  for await (const page of blobs.list()) ids.push(...page);
  assert.deepEqual(ids, [id]);
  await blobs.remove([id]);
  assert.deepEqual(await readdir(join(directory, id.slice(0, 2))), []);
  await stop();
});
