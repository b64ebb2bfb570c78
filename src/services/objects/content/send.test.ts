import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ByteStream } from "../../../wire/shapes.ts";
import { blobMemory } from "../drivers/blob-memory.ts";
import { Readers } from "./readers.ts";
import { bodyOf, bytesOf } from "./send.ts";

const A = "a".repeat(32);
const B = "b".repeat(32);

async function stored() {
  const blobs = blobMemory();
  for (const [id, text] of [
    [A, "0123456789"],
    [B, "abcdef"],
  ] as const) {
    const writer = await blobs.create(id);
    await writer.write(Buffer.from(text));
    await writer.finish();
  }
  return blobs;
}

test("segments are sent one after another", async () => {
  const segments = [
    { blob: A, startByte: 2, bytes: 3 },
    { blob: B, startByte: 0, bytes: 1 },
    { blob: A, startByte: 9, bytes: 1 },
  ];
  const pieces: Uint8Array[] = [];
  for await (const piece of bytesOf(await stored(), segments)) pieces.push(piece);
  assert.equal(Buffer.concat(pieces).toString(), "234a9");
});

describe("a reader leaves", () => {
  async function* source(): ByteStream {
    yield Buffer.from("1");
    yield Buffer.from("2");
  }
  const reading = (signal: AbortSignal, from: ByteStream = source()) => {
    const readers = new Readers();
    const reader = readers.enter();
    reader.name(["x"]);
    return { isHeld: async () => (await readers.heldOf(["x"])).length > 0, body: bodyOf(from, reader, signal) };
  };
  const forever = () => new AbortController().signal;

  test("at the end", async () => {
    const { body, isHeld } = reading(forever());
    for await (const _ of body) assert.ok(await isHeld());
    assert.ok(!(await isHeld()));
  });

  test("when it is given up half way", async () => {
    const { body, isHeld } = reading(forever());
    for await (const _ of body) break;
    assert.ok(!(await isHeld()));
  });

  test("when it is given up before it began", async () => {
    const { body, isHeld } = reading(forever());
    await body[Symbol.asyncIterator]().return?.();
    assert.ok(!(await isHeld()));
  });

  test("when reading fails", async () => {
    const failing: ByteStream = {
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("the disk is gone")) }),
    };
    const { body, isHeld } = reading(forever(), failing);
    await assert.rejects(async () => {
      for await (const _ of body);
    }, /the disk is gone/);
    assert.ok(!(await isHeld()));
  });

  test("when the caller goes, even if nobody ever asks for a byte", async () => {
    const gone = new AbortController();
    const { isHeld } = reading(gone.signal);
    assert.ok(await isHeld());
    gone.abort();
    assert.ok(!(await isHeld()));
    assert.ok(!(await reading(AbortSignal.abort()).isHeld()));
  });
});
