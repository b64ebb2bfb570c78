import { assert } from "../../../kernel/assert.ts";

/**
 * Cyclic redundancy checks, table-driven, and their combination: the CRC of two pieces put together, from the CRCs of
 * the pieces and the length of the second.
 *
 * All are reflected, begin with all ones and are inverted at the end. Eight bytes are taken at a time ("slicing by 8":
 * Kounavis and Berry, "A systematic approach to building high performance software-based CRC generators", 2005); the
 * combination multiplies polynomials over GF(2), as zlib's crc32_combine does.
 */
export interface Crc {
  readonly bits: 32 | 64;
  /** The polynomial with its bits reversed, without the highest term. */
  readonly polynomial: bigint;
}

/** ISO-HDLC, of zip and Ethernet. */
export const CRC32: Crc = { bits: 32, polynomial: 0xedb88320n };
/** Castagnoli, of iSCSI: RFC 3720. */
export const CRC32C: Crc = { bits: 32, polynomial: 0x82f63b78n };
/** NVM Express base specification 2.0, section 5.2.1.3.4. */
export const CRC64NVME: Crc = { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n };

const SLICES = 8;

/**
 * Tables for 64 bits as low and high halves: a JavaScript number holds 32 bits exactly in integer arithmetic.
 * `low[slice * 256 + byte]` is the CRC of that byte followed by `slice` zero bytes.
 */
interface Tables {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

function tablesOf(crc: Crc): Tables {
  const low = new Int32Array(SLICES * 256);
  const high = new Int32Array(SLICES * 256);
  const first = Array.from({ length: 256 }, (_, byte) => shiftedByte(crc, BigInt(byte)));
  let slice = first;
  for (let index = 0; index < SLICES; index += 1) {
    for (const [byte, value] of slice.entries()) {
      low[index * 256 + byte] = Number(BigInt.asIntN(32, value));
      high[index * 256 + byte] = Number(BigInt.asIntN(32, value >> 32n));
    }
    slice = slice.map((value) => (value >> 8n) ^ (first[Number(value & 0xffn)] ?? 0n));
  }
  return { low, high };
}

function shiftedByte(crc: Crc, byte: bigint): bigint {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1n) === 1n ? (value >> 1n) ^ crc.polynomial : value >> 1n;
  return value;
}

/** A running CRC over bytes that come in pieces. */
export interface RunningCrc {
  update(chunk: Uint8Array): void;
  /** Big-endian: four or eight bytes. */
  digest(): Buffer;
}

const tables = new Map<Crc, Tables>();

export function runningCrc(crc: Crc): RunningCrc {
  const known = tables.get(crc) ?? tablesOf(crc);
  tables.set(crc, known);
  return crc.bits === 32 ? new Running32(known.low) : new Running64(known);
}

/* oxlint-disable typescript/no-non-null-assertion -- Every index is below the length of its table or chunk by construction, and this is the inner loop of each upload. */

class Running32 implements RunningCrc {
  readonly #table: Int32Array;
  #crc = -1;

  constructor(table: Int32Array) {
    this.#table = table;
  }

  update(chunk: Uint8Array): void {
    const t = this.#table;
    let crc = this.#crc;
    let at = 0;
    for (const end = chunk.length - 7; at < end; at += 8) {
      const head = crc ^ (chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16) | (chunk[at + 3]! << 24));
      crc =
        t[1792 + (head & 255)]! ^
        t[1536 + ((head >>> 8) & 255)]! ^
        t[1280 + ((head >>> 16) & 255)]! ^
        t[1024 + (head >>> 24)]! ^
        t[768 + chunk[at + 4]!]! ^
        t[512 + chunk[at + 5]!]! ^
        t[256 + chunk[at + 6]!]! ^
        t[chunk[at + 7]!]!;
    }
    for (; at < chunk.length; at += 1) crc = t[(crc ^ chunk[at]!) & 255]! ^ (crc >>> 8);
    this.#crc = crc;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(~this.#crc);
    return bytes;
  }
}

class Running64 implements RunningCrc {
  readonly #tables: Tables;
  #low = -1;
  #high = -1;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  update(chunk: Uint8Array): void {
    const { low: tl, high: th } = this.#tables;
    let low = this.#low;
    let high = this.#high;
    let at = 0;
    for (const end = chunk.length - 7; at < end; at += 8) {
      const a = low ^ (chunk[at]! | (chunk[at + 1]! << 8) | (chunk[at + 2]! << 16) | (chunk[at + 3]! << 24));
      const b = high ^ (chunk[at + 4]! | (chunk[at + 5]! << 8) | (chunk[at + 6]! << 16) | (chunk[at + 7]! << 24));
      const i7 = 1792 + (a & 255);
      const i6 = 1536 + ((a >>> 8) & 255);
      const i5 = 1280 + ((a >>> 16) & 255);
      const i4 = 1024 + (a >>> 24);
      const i3 = 768 + (b & 255);
      const i2 = 512 + ((b >>> 8) & 255);
      const i1 = 256 + ((b >>> 16) & 255);
      const i0 = b >>> 24;
      low = tl[i7]! ^ tl[i6]! ^ tl[i5]! ^ tl[i4]! ^ tl[i3]! ^ tl[i2]! ^ tl[i1]! ^ tl[i0]!;
      high = th[i7]! ^ th[i6]! ^ th[i5]! ^ th[i4]! ^ th[i3]! ^ th[i2]! ^ th[i1]! ^ th[i0]!;
    }
    for (; at < chunk.length; at += 1) {
      const index = (low ^ chunk[at]!) & 255;
      low = tl[index]! ^ ((low >>> 8) | (high << 24));
      high = th[index]! ^ (high >>> 8);
    }
    this.#low = low;
    this.#high = high;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}

/* oxlint-enable typescript/no-non-null-assertion */

export interface Piece {
  /** Big-endian. */
  readonly crc: Buffer;
  readonly lengthBytes: number;
}

/** The CRC of the pieces put together in their order; of none, that of nothing. */
export function combineCrcs(crc: Crc, pieces: readonly Piece[]): Buffer {
  const shifts = new Map<number, bigint>(); // Parts of one upload mostly have one length.
  const combined = pieces.reduce((whole, piece) => {
    const shift = shifts.get(piece.lengthBytes) ?? powerOfX(crc, piece.lengthBytes);
    shifts.set(piece.lengthBytes, shift);
    return multiply(crc, shift, whole) ^ numberOf(crc, piece.crc);
  }, 0n);
  return Buffer.from(combined.toString(16).padStart(crc.bits / 4, "0"), "hex");
}

function numberOf(crc: Crc, bytes: Buffer): bigint {
  assert(bytes.length * 8 === crc.bits, "a CRC has the length of its polynomial");
  return BigInt(`0x${bytes.toString("hex")}`);
}

/** x to the power of `8 * bytes`, modulo the polynomial: what appending so many zero bytes multiplies a CRC with. */
function powerOfX(crc: Crc, bytes: number): bigint {
  let power = 1n << BigInt(crc.bits - 1); // x^0: in reflected form the highest bit.
  let square = 1n << BigInt(crc.bits - 9); // x^8
  for (let rest = BigInt(bytes); rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) power = multiply(crc, power, square);
    square = multiply(crc, square, square);
  }
  return power;
}

/** The product of two reflected polynomials, modulo the CRC's. */
function multiply(crc: Crc, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let mask = 1n << BigInt(crc.bits - 1); mask > 0n; mask >>= 1n) {
    if ((a & mask) !== 0n) product ^= shifted;
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ crc.polynomial : shifted >> 1n;
  }
  return product;
}
