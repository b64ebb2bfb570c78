import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { blobMemory } from "../drivers/blob-memory.ts";
import { BlobStoreFull, type BlobStore } from "../drivers/blob-store.ts";
import type { CheckedBody } from "../needs.ts";
import { receive, type Expected } from "./receive.ts";

const ID = "a".repeat(32);
const EXPECTED: Expected = { bytes: undefined, bytesMax: 100, md5: undefined, claim: undefined, algorithms: ["CRC32"] };

function body(pieces: readonly string[], trailers: Record<string, string> = {}, failure?: Error): CheckedBody {
  return {
    async *stream() {
      for (const piece of pieces) yield Buffer.from(piece);
      if (failure !== undefined) throw failure;
    },
    trailers: () => trailers,
  } as unknown as CheckedBody;
}

/** A store that tells what happened to its one blob. */
function watched(full = false): { blobs: BlobStore; fate: string[] } {
  const fate: string[] = [];
  const memory = blobMemory();
  const blobs: BlobStore = {
    ...memory,
    async create(id) {
      const writer = await memory.create(id);
      fate.push("created");
      return {
        write: async (bytes) => (full ? Promise.reject(new BlobStoreFull("full")) : writer.write(bytes)),
        finish: async () => (fate.push("finished"), writer.finish()),
        discard: async () => (fate.push("discarded"), writer.discard()),
      };
    },
  };
  return { blobs, fate };
}

test("a body is given up as soon as the disk is full", async () => {
  let full = false;
  const store = watched();
  async function* sender() {
    yield Buffer.from("1");
    full = true;
    yield Buffer.from("2");
  }
  const receiving = receive({ stream: sender(), trailers: () => ({}) }, EXPECTED, {
    blobs: store.blobs,
    newId: () => ID,
    isFull: () => full,
  });
  await assert.rejects(receiving, { code: "ServiceUnavailable" });
  assert.deepEqual(store.fate, ["created", "discarded"]);
});

async function taken(from: CheckedBody, expected: Partial<Expected> = {}, store = watched()) {
  const stream = (from.stream as unknown as () => CheckedBody["stream"])();
  const received = await receive(
    { stream, trailers: () => from.trailers() },
    { ...EXPECTED, ...expected },
    { blobs: store.blobs, newId: () => ID, isFull: () => false },
  );
  return { received, fate: store.fate };
}

test("a body becomes a blob, with its digests", async () => {
  const { received, fate } = await taken(body(["1234", "", "56789"]));
  assert.deepEqual(received, {
    segments: [{ blob: ID, startByte: 0, bytes: 9 }],
    sizeBytes: 9,
    md5: "25f9e794323b453885f5181f1b624d0b",
    checksums: { CRC32: "y/Q5Jg==" },
  });
  assert.deepEqual(fate, ["created", "finished"]);
});

test("an empty body needs no blob", async () => {
  const { received, fate } = await taken(body([]));
  assert.deepEqual([received.segments, received.sizeBytes, received.md5, fate], [[], 0, "d41d8cd98f00b204e9800998ecf8427e", []]);
});

describe("nothing is kept of a body", () => {
  for (const [what, from, expected, code] of [
    ["that is shorter than announced", body(["123"]), { bytes: 4 }, "IncompleteBody"],
    ["that is longer than announced", body(["12345"]), { bytes: 4 }, "IncompleteBody"],
    ["that is longer than allowed", body(["x".repeat(60), "x".repeat(60)]), {}, "EntityTooLarge"],
    ["with another MD5", body(["123"]), { md5: Buffer.alloc(16) }, "BadDigest"],
    ["with another checksum", body(["123"]), { claim: { algorithm: "CRC32", value: "AAAAAA==" } }, "BadDigest"],
    [
      "with another checksum in its trailer",
      body(["123"], { "x-amz-checksum-crc32": "AAAAAA==" }),
      { claim: { algorithm: "CRC32", value: undefined } },
      "BadDigest",
    ],
    ["without the trailer it announced", body(["123"]), { claim: { algorithm: "CRC32", value: undefined } }, "MalformedTrailerError"],
  ] satisfies [string, CheckedBody, Partial<Expected>, string][]) {
    test(what, async () => {
      const store = watched();
      await assert.rejects(taken(from, expected, store), (error) => error instanceof ServiceError && error.code === code);
      assert.deepEqual(store.fate, ["created", "discarded"]);
    });
  }

  test("that is announced longer than allowed: it is refused before it comes", async () => {
    const store = watched();
    await assert.rejects(
      taken(body(["1"]), { bytes: 101 }, store),
      (error) => error instanceof ServiceError && error.code === "EntityTooLarge",
    );
    assert.deepEqual(store.fate, []);
  });

  test("that breaks off", async () => {
    const store = watched();
    await assert.rejects(taken(body(["123"], {}, new Error("the caller has gone")), {}, store), /the caller has gone/);
    assert.deepEqual(store.fate, ["created", "discarded"]);
  });

  test("for which there is no space", async () => {
    const store = watched(true);
    await assert.rejects(taken(body(["123"]), {}, store), (error) => error instanceof ServiceError && error.code === "ServiceUnavailable");
    assert.deepEqual(store.fate, ["created", "discarded"]);
  });
});

test("the sender is slowed to the pace of the disk", async () => {
  let [asked, written] = [0, 0];
  const release: (() => void)[] = [];
  const blobs: BlobStore = {
    ...blobMemory(),
    async create() {
      return {
        write: () =>
          new Promise<void>((resolve) => {
            release.push(() => {
              written += 1;
              resolve();
            });
          }),
        finish: async () => {},
        discard: async () => {},
      };
    },
  };
  async function* sender() {
    for (; asked < 5; asked += 1) yield Buffer.from("x");
  }
  const receiving = receive({ stream: sender(), trailers: () => ({}) }, EXPECTED, { blobs, newId: () => ID, isFull: () => false });
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([asked, written], [turn, turn], "nothing more is asked for while a write is under way");
    release.shift()?.();
  }
  await receiving;
});
