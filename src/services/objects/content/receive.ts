import type { CheckedBody } from "../needs.ts";
import { BlobStoreFull, type BlobStore, type BlobWriter } from "../drivers/blob-store.ts";
import { checkMd5, claimedInTrailer, type ChecksumAlgorithm, type ChecksumClaim } from "../rules/checksum.ts";
import { badChecksum, entityTooLarge, incompleteBody, storageFull } from "../rules/errors.ts";
import type { Segment } from "../rules/segments.ts";
import { runningDigest, type Checksums, type RunningDigest } from "./digest.ts";

/** What is known of a body before it comes. */
export interface Expected {
  /** Its announced length. */
  readonly bytes: number | undefined;
  readonly bytesMax: number;
  readonly md5: Buffer | undefined;
  readonly claim: ChecksumClaim | undefined;
  /** Checksums to be computed; that of the claim is one of them. */
  readonly algorithms: readonly ChecksumAlgorithm[];
}

/** A body on stable storage, but not yet referred to. */
export interface Received {
  readonly segments: readonly Segment[];
  readonly sizeBytes: number;
  /** Hex. */
  readonly md5: string;
  readonly checksums: Checksums;
}

/** Where a body goes. */
export interface Receiver {
  readonly blobs: BlobStore;
  newId(this: void): string;
  /** Whether what is left of the disk is kept for other things. */
  isFull(this: void): boolean;
}

/**
 * Takes a body in as a blob, at the pace of the disk, and checks it against all that is claimed of it before it is kept.
 * An empty body needs no blob.
 * @throws {ServiceError} IncompleteBody, EntityTooLarge, BadDigest, InvalidRequest, MalformedTrailerError,
 * ServiceUnavailable, and whatever the body itself throws; nothing is kept then.
 */
export async function receive(body: CheckedBody, expected: Expected, to: Receiver): Promise<Received> {
  if (expected.bytes !== undefined && expected.bytes > expected.bytesMax) throw entityTooLarge(expected.bytes, expected.bytesMax);
  const digest = runningDigest(expected.algorithms);
  const id = to.newId();
  let writer: BlobWriter | undefined;
  let sizeBytes = 0;
  try {
    for await (const bytes of body.stream) {
      if (bytes.length === 0) continue;
      if (to.isFull()) throw storageFull();
      sizeBytes += bytes.length;
      if (sizeBytes > expected.bytesMax) throw entityTooLarge(sizeBytes, expected.bytesMax);
      writer ??= await to.blobs.create(id);
      const written = writer.write(bytes);
      digest.update(bytes); // While the disk is busy.
      await written;
    }
    if (expected.bytes !== undefined && expected.bytes !== sizeBytes) throw incompleteBody(expected.bytes, sizeBytes);
    const { md5, checksums } = checkDigest(digest, expected, body);
    await writer?.finish();
    return { segments: sizeBytes === 0 ? [] : [{ blob: id, startByte: 0, bytes: sizeBytes }], sizeBytes, md5, checksums };
  } catch (error) {
    await writer?.discard();
    throw error instanceof BlobStoreFull ? storageFull() : error;
  }
}

/** @throws {ServiceError} BadDigest, InvalidRequest, MalformedTrailerError */
export function checkDigest(
  digest: RunningDigest,
  expected: Pick<Expected, "md5" | "claim">,
  body: Pick<CheckedBody, "trailers">,
): Pick<Received, "md5" | "checksums"> {
  const md5 = digest.md5();
  checkMd5(expected.md5, md5);
  const checksums = digest.checksums();
  const { claim } = expected;
  if (claim !== undefined) {
    const claimed = claim.value ?? claimedInTrailer(claim.algorithm, body.trailers());
    if (checksums[claim.algorithm] !== claimed) throw badChecksum(claim.algorithm);
  }
  return { md5: md5.toString("hex"), checksums };
}
