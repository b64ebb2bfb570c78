import type { Departure } from "../../../kernel/departure.ts";
import { runningDigest, type Checksums } from "../content/digest.ts";
import { bytesOf } from "../content/send.ts";
import type { Checksum, ChecksumAlgorithm } from "../rules/checksum.ts";
import { checkCopySource } from "../rules/conditions.ts";
import { copySourceOf } from "../rules/copy-source.ts";
import { invalidRequest } from "../rules/errors.ts";
import { SINGLE_UPLOAD_BYTES_MAX } from "../rules/limits.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import type { ByteRange } from "../rules/range.ts";
import type { ObjectDescription } from "../store/store.ts";
import type { Context, ObjectCall } from "./context.ts";
import { sourceObjectOf } from "./owned.ts";
import { segmentsOf } from "./get-object.ts";

/** The members of `copySourceMembers`, as a request has them. */
export interface CopySourceInput {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string | undefined;
  readonly CopySourceIfNoneMatch?: string | undefined;
  readonly CopySourceIfModifiedSince?: number | undefined;
  readonly CopySourceIfUnmodifiedSince?: number | undefined;
}

/** The object that is to be copied: it is the caller's, it is there, and its conditions hold. @throws {ServiceError} */
export async function sourceOf(
  context: Context,
  input: CopySourceInput,
  call: ObjectCall,
): Promise<ObjectDescription & { bucket: string }> {
  const { bucket: name, key, versionId } = copySourceOf(input.CopySource);
  checkVersionId(versionId);
  const { bucket, object } = await sourceObjectOf(context, { name, key }, call);
  const conditions = {
    ifMatch: input.CopySourceIfMatch,
    ifNoneMatch: input.CopySourceIfNoneMatch,
    ifModifiedSince: input.CopySourceIfModifiedSince,
    ifUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  };
  checkCopySource(conditions, object, context.clock.nowMs());
  return { ...object, bucket: bucket.name };
}

export interface Digested {
  /** Hex. */
  readonly md5: string;
  readonly checksums: Checksums;
}

/**
 * Reads bytes of an object for their digests alone: a copy shares the bytes, but may need another ETag or checksum.
 * @throws OperationAborted the object was replaced in the meantime
 */
export async function digestOf(
  context: Context,
  of: { object: ObjectDescription; range: ByteRange; algorithms: readonly ChecksumAlgorithm[] },
  signal: Departure,
): Promise<Digested> {
  const reader = context.readers.enter();
  try {
    const segments = await segmentsOf(context, of, reader);
    const digest = runningDigest(of.algorithms);
    for await (const bytes of bytesOf(context.blobs, segments)) {
      signal.throwIfAborted();
      digest.update(bytes);
    }
    return { md5: digest.md5().toString("hex"), checksums: digest.checksums() };
  } finally {
    reader.leave();
  }
}

/** A copy is one piece, also of what was uploaded in parts: its ETag is an MD5, its checksum one of the whole. */
export async function copyDigests(
  context: Context,
  source: ObjectDescription,
  of: { asked: ChecksumAlgorithm | undefined; signal: Departure },
): Promise<{ etag: string; checksum: Checksum }> {
  const { checksum } = source;
  const algorithm = of.asked ?? checksum.algorithm;
  if (source.partsCount === 0 && checksum.algorithm === algorithm && checksum.type === "FULL_OBJECT")
    return { etag: source.etag, checksum };
  if (source.sizeBytes > SINGLE_UPLOAD_BYTES_MAX) {
    throw invalidRequest(
      `The specified copy source is larger than the maximum allowable size for a copy source: ${SINGLE_UPLOAD_BYTES_MAX}`,
    );
  }
  const range = { start: 0, end: source.sizeBytes };
  const { md5, checksums } = await digestOf(context, { object: source, range, algorithms: [algorithm] }, of.signal);
  return { etag: md5, checksum: { algorithm, type: "FULL_OBJECT", value: checksums[algorithm] ?? "" } };
}
