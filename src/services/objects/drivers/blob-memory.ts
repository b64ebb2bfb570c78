import { assert } from "../../../kernel/assert.ts";
import type { ByteStream } from "../../../wire/shapes.ts";
import type { BlobStore } from "./blob-store.ts";

/** Blobs in memory: for `--memory` and for tests. */
export function blobMemory(): BlobStore {
  const blobs = new Map<string, readonly Uint8Array[]>();
  return {
    async open() {},
    async create(id) {
      const pieces: Uint8Array[] = [];
      return {
        async write(bytes) {
          pieces.push(Uint8Array.from(bytes)); // A copy: a socket's small piece would keep a whole pool alive.
        },
        async finish() {
          blobs.set(id, pieces);
        },
        async discard() {
          blobs.delete(id);
        },
      };
    },
    read(id, range) {
      const pieces = blobs.get(id);
      assert(pieces !== undefined, `there is no blob ${id}`);
      return readPieces(pieces, range);
    },
    async size(id) {
      return blobs.get(id)?.reduce((sum, { length }) => sum + length, 0);
    },
    async remove(ids) {
      for (const id of ids) blobs.delete(id);
    },
    async *list() {
      if (blobs.size > 0) yield [...blobs.keys()];
    },
  };
}

async function* readPieces(pieces: readonly Uint8Array[], { startByte, bytes }: { startByte: number; bytes: number }): ByteStream {
  let from = startByte;
  let left = bytes;
  for (const piece of pieces) {
    if (left === 0) return;
    const part = piece.subarray(from, from + left);
    from = Math.max(0, from - piece.length);
    left -= part.length;
    if (part.length > 0) yield part;
  }
  assert(left === 0, "a blob holds all the bytes that are asked of it");
}
