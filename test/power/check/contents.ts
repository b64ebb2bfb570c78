import { createHash } from "node:crypto";
import { join } from "node:path";
import { blobFiles, type BlobStore } from "../../../src/services/objects/index.ts";
import type { Segment } from "../../../src/services/objects/rules/segments.ts";

/** Tells the digest of some bytes of a blob, or in parentheses why they cannot be read. */
export type Contents = (segment: Segment) => Promise<string>;

/** The object store of a data directory. */
export function blobsIn(directory: string): BlobStore {
  return blobFiles(join(directory, "blobs"));
}

/** MD5 in hex, of the bytes as the object service reads them. */
export function contentsOf(blobs: BlobStore): Contents {
  return async ({ blob, startByte, bytes }) => {
    const digest = createHash("md5");
    let length = 0;
    try {
      for await (const piece of blobs.read(blob, { startByte, bytes })) {
        digest.update(piece);
        length += piece.length;
      }
    } catch (error) {
      return `(${String(error)})`;
    }
    return length === bytes ? digest.digest("hex") : `(${length} bytes instead of ${bytes})`;
  };
}

/** The same, but what has been read before is not read again. @param mark changes when the blob's file does. */
export function rememberedContents(contents: Contents, mark: (blob: string) => string): Contents {
  const known = new Map<string, string>();
  return async (segment) => {
    const key = `${segment.blob} ${segment.startByte} ${segment.bytes} ${mark(segment.blob)}`;
    let digest = known.get(key);
    if (digest === undefined) known.set(key, (digest = await contents(segment)));
    return digest;
  };
}
