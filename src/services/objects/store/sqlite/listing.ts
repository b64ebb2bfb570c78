import type { Database } from "../../../../storage/sqlite/database.ts";
import type { ChecksumAlgorithm, ChecksumType } from "../../rules/checksum.ts";
import { afterAllWith, commonPrefixOf, type Position } from "../../rules/listing.ts";
import type { UploadChecksum } from "../../rules/multipart.ts";
import type { ListArgs, ListEntry, ListUploadsArgs, ObjectSummary, UploadEntry, UploadPosition, UploadSummary } from "../store.ts";

/** Rows read at once: few after a common prefix, since another may follow, then ever more. */
const ROWS_MIN = 8;
const ROWS_MAX = 512;
/** Behind every key: no UTF-8 text has such a byte. */
const BEHIND_ALL = Buffer.from([0xff]);

/** A place in the order of rows: by key, then by number where several rows share a key. */
interface Place {
  readonly key: Uint8Array;
  /** Rows of the key above this number. */
  readonly above: number;
}

interface Row {
  readonly key: Uint8Array;
  readonly id: number;
}

/**
 * One page in the order of keys. Whatever shares a common prefix is stepped over without being read, so that a page costs
 * what it shows and not what the bucket holds.
 * @param read rows above a place and below a key, in order.
 * @returns up to `limit + 1` rows and prefixes; the last tells that there are more than `limit`.
 */
function page<R extends Row>(
  args: { prefix: string; delimiter: string; limit: number; start: Place },
  read: (from: Place, below: Uint8Array, rowsMax: number) => R[],
): (R | { readonly commonPrefix: string })[] {
  const [prefix, delimiter] = [Buffer.from(args.prefix), Buffer.from(args.delimiter)];
  const below = afterAllWith(prefix) ?? BEHIND_ALL;
  const found: (R | { readonly commonPrefix: string })[] = [];
  let from = Buffer.compare(args.start.key, prefix) < 0 ? { key: prefix, above: 0 } : args.start;
  let rowsMax = ROWS_MIN;
  while (found.length <= args.limit) {
    const rows = read(from, below, rowsMax);
    let stepped: Uint8Array | undefined;
    for (const row of rows) {
      const common = commonPrefixOf(row.key, prefix, delimiter);
      found.push(common === undefined ? row : { commonPrefix: textOf(common) });
      stepped = common === undefined ? undefined : afterAllWith(common);
      if (stepped !== undefined || found.length > args.limit) break;
    }
    const last = rows.at(-1);
    if (stepped === undefined && (last === undefined || rows.length < rowsMax)) break;
    from = stepped === undefined ? { key: last?.key ?? BEHIND_ALL, above: last?.id ?? 0 } : { key: stepped, above: 0 };
    rowsMax = stepped === undefined ? Math.min(2 * rowsMax, ROWS_MAX) : ROWS_MIN;
  }
  return found;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

function placeOf(from: Position | undefined): Place {
  if (from === undefined) return { key: Buffer.alloc(0), above: 0 };
  if ("afterKey" in from) return { key: Buffer.from(from.afterKey), above: Number.MAX_SAFE_INTEGER };
  return { key: afterAllWith(Buffer.from(from.afterPrefix)) ?? BEHIND_ALL, above: 0 };
}

// Objects

interface ObjectRow extends Row {
  readonly size: number;
  readonly modified_ms: number;
  readonly etag: string;
  readonly checksum_algorithm: string;
  readonly checksum_type: string;
  readonly storage_class: string;
}

export function objectListing(database: Database): (args: ListArgs) => { entries: ListEntry[]; next: Position | undefined } {
  const rows = database.prepare<ObjectRow>(
    `SELECT id, key, size, modified_ms, etag, checksum_algorithm, checksum_type, storage_class
     FROM object WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
  );
  // A key has one object: after that object is at the first key behind it.
  const first = ({ key, above }: Place) => (above > 0 ? Buffer.concat([key, Buffer.from([0])]) : key);
  return (args) => {
    if (args.limit === 0) return { entries: [], next: undefined };
    const found = page({ ...args, start: placeOf(args.from) }, (from, below, rowsMax) =>
      rows.all(args.bucketId, first(from), below, rowsMax),
    );
    const entries = found.slice(0, args.limit).map((row) => ("commonPrefix" in row ? row : summaryOf(row)));
    const last = entries.at(-1);
    return { entries, next: found.length > args.limit && last !== undefined ? after(last) : undefined };
  };
}

function after(last: ListEntry): Position {
  return "commonPrefix" in last ? { afterPrefix: last.commonPrefix } : { afterKey: last.key };
}

function summaryOf(row: ObjectRow): ObjectSummary {
  return {
    key: textOf(row.key),
    sizeBytes: row.size,
    modifiedMs: row.modified_ms,
    etag: row.etag,
    checksumAlgorithm: row.checksum_algorithm as ChecksumAlgorithm,
    checksumType: row.checksum_type as ChecksumType,
    storageClass: row.storage_class,
  };
}

// Uploads

interface UploadRow extends Row {
  readonly upload_id: string;
  readonly created_ms: number;
  readonly checksum_algorithm: string | null;
  readonly checksum_type: string | null;
  readonly storage_class: string;
}

export function uploadListing(database: Database): (args: ListUploadsArgs) => { entries: UploadEntry[]; next: UploadPosition | undefined } {
  const rows = database.prepare<UploadRow>(
    `SELECT id, key, upload_id, created_ms, checksum_algorithm, checksum_type, storage_class
     FROM upload WHERE bucket = ? AND completed_ms IS NULL AND (key, id) > (?, ?) AND key < ? ORDER BY key, id LIMIT ?`,
  );
  const number = database.prepare<{ id: number }>("SELECT id FROM upload WHERE upload_id = ?");
  const start = (from: UploadPosition | undefined): Place => {
    if (from === undefined || !("uploadId" in from)) return placeOf(from);
    return { key: Buffer.from(from.afterKey), above: number.get(from.uploadId)?.id ?? Number.MAX_SAFE_INTEGER };
  };
  return (args) => {
    if (args.limit === 0) return { entries: [], next: undefined };
    const found = page({ ...args, start: start(args.from) }, (from, below, rowsMax) =>
      rows.all(args.bucketId, from.key, from.above, below, rowsMax),
    );
    const entries = found.slice(0, args.limit).map((row) => ("commonPrefix" in row ? row : uploadOf(row)));
    const last = entries.at(-1);
    return { entries, next: found.length > args.limit && last !== undefined ? afterUpload(last) : undefined };
  };
}

function afterUpload(last: UploadEntry): UploadPosition {
  return "commonPrefix" in last ? { afterPrefix: last.commonPrefix } : { afterKey: last.key, uploadId: last.uploadId };
}

function uploadOf(row: UploadRow): UploadSummary {
  return {
    key: textOf(row.key),
    uploadId: row.upload_id,
    createdMs: row.created_ms,
    storageClass: row.storage_class,
    checksum: uploadChecksumOf(row),
  };
}

export function uploadChecksumOf(row: { checksum_algorithm: string | null; checksum_type: string | null }): UploadChecksum | null {
  if (row.checksum_algorithm === null || row.checksum_type === null) return null;
  return { algorithm: row.checksum_algorithm as ChecksumAlgorithm, type: row.checksum_type as ChecksumType };
}
