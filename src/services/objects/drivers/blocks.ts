import { crc32 } from "node:zlib";
import { KIB } from "../../../kernel/units.ts";
import type { ByteRange } from "../rules/range.ts";

/**
 * The form of a blob's file: blocks of 256 KiB, the last one as long as the rest, each followed by its CRC-32 (4 bytes,
 * little endian). Whatever is read is read in whole blocks, so that no byte is passed on that was not verified; a CRC
 * tells every change of a single bit, and of any other change all but one in 2^32.
 */
export const BLOCK_BYTES = 256 * KIB;
const CRC_BYTES = 4;
const FRAME_BYTES = BLOCK_BYTES + CRC_BYTES;

/** Puts checksums between bytes that come in pieces of any size. */
export class BlockFrames {
  #crc = 0;
  #filled = 0;

  /** The bytes themselves, with the checksums of the blocks that they complete. */
  frame(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#crc = crc32(piece, this.#crc);
      this.#filled += piece.length;
      at += piece.length;
      pieces.push(piece);
      if (this.#filled === BLOCK_BYTES) pieces.push(this.#close());
    }
    return pieces;
  }

  /** What is left to be written when all bytes have come. */
  end(): Uint8Array[] {
    return this.#filled === 0 ? [] : [this.#close()];
  }

  #close(): Uint8Array {
    const bytes = Buffer.alloc(CRC_BYTES);
    bytes.writeUInt32LE(this.#crc);
    this.#crc = 0;
    this.#filled = 0;
    return bytes;
  }
}

/** How long a blob is by the length of its file. */
export function blobBytesOf(fileBytes: number): number {
  return fileBytes - CRC_BYTES * Math.ceil(fileBytes / FRAME_BYTES);
}

/** Reads up to so many bytes of a file from a place in it; fewer where it ends before. */
export type ReadAt = (at: number, bytes: number) => Promise<Buffer>;

/**
 * The bytes of one block that lie within a range.
 * @param start of the block in the blob. @returns undefined where the file does not hold what was written.
 */
export async function readBlock(readAt: ReadAt, start: number, range: ByteRange): Promise<Buffer | undefined> {
  const at = (start / BLOCK_BYTES) * FRAME_BYTES;
  const wanted = Math.min(BLOCK_BYTES, range.end - start);
  // As a rule the range ends where the blob does: then this is the whole of its last block.
  let block = verified(await readAt(at, wanted + CRC_BYTES), wanted);
  if (block === undefined && wanted < BLOCK_BYTES) block = verified(await readAt(at, FRAME_BYTES), wanted);
  return block?.subarray(Math.max(0, range.start - start), wanted);
}

function verified(frame: Buffer, bytesMin: number): Buffer | undefined {
  const bytes = frame.length - CRC_BYTES;
  if (bytes < bytesMin) return undefined;
  const block = frame.subarray(0, bytes);
  return crc32(block) === frame.readUInt32LE(bytes) ? block : undefined;
}
