import { ServiceError } from "../../../kernel/service-error.ts";
import { runningDigest } from "../content/digest.ts";
import { checkDigest, receive, type Received, type Receiver } from "../content/receive.ts";
import { CHECKSUM_DEFAULT, claimOf, contentMd5, type ChecksumAlgorithm, type ChecksumClaim } from "../rules/checksum.ts";
import { missingContentLength, storageFull, xmlTooLong } from "../rules/errors.ts";
import { SINGLE_UPLOAD_BYTES_MAX, XML_BYTES_MAX } from "../rules/limits.ts";
import type { Context, ObjectCall } from "./context.ts";

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Takes the body of a request in, checked against what its headers claim.
 * @param algorithms which checksums to compute, by the claim; by default the one claimed, or CRC64NVME.
 * @throws {ServiceError} ServiceUnavailable, MissingContentLength, InvalidDigest, and what `receive` throws.
 */
export async function receiveBody(
  context: Context,
  { headers, body }: ObjectCall,
  algorithms: (claim: ChecksumClaim | undefined) => readonly ChecksumAlgorithm[] = (claim) => [claim?.algorithm ?? CHECKSUM_DEFAULT],
): Promise<Received & { readonly claim: ChecksumClaim | undefined }> {
  const claim = claimOf(headers);
  const expected = {
    bytes: announcedBytes(headers),
    bytesMax: SINGLE_UPLOAD_BYTES_MAX,
    md5: contentMd5(headers["content-md5"]),
    claim,
    algorithms: algorithms(claim),
  };
  const to = receiverOf(context);
  if (to.isFull()) throw storageFull();
  return { ...(await receive(body, expected, to)), claim };
}

/** Takes bytes in as long as the storage takes anything. */
export function receiverOf({ storage, blobs, newBlobId }: Context): Receiver {
  return { blobs, newId: newBlobId, isFull: () => storage.report.get("storage.space_short") === 1 };
}

/** The length of the body as it will be stored; undefined where it is not known beforehand. @throws MissingContentLength */
function announcedBytes(headers: ObjectCall["headers"]): number | undefined {
  const decoded = headers["x-amz-decoded-content-length"];
  if (decoded !== undefined) return Number(decoded);
  if (headers["transfer-encoding"] !== undefined) return undefined;
  const length = headers["content-length"];
  if (length !== undefined) return Number(length);
  if (headers["x-amz-content-sha256"] === EMPTY_SHA256) return 0; // Signers leave the header out where there is no body.
  throw missingContentLength();
}

/**
 * Runs what refers to received bytes, and removes the bytes if it is refused. After any other failure it is not known
 * whether they are referred to: they stay, and a later start finds out.
 */
export async function keeping<T>({ blobs }: Context, { segments }: Received, refer: () => Promise<T>): Promise<T> {
  try {
    return await refer();
  } catch (error) {
    if (error instanceof ServiceError) await blobs.remove(segments.map(({ blob }) => blob));
    throw error;
  }
}

/**
 * The whole body of a request that has XML, checked against the digests that came with it; none need come.
 * @param options `claims`: whether checksum headers speak of the body, as they do but for one action.
 * @throws {ServiceError} MaxMessageLengthExceeded, InvalidDigest, BadDigest
 */
export async function readXmlBody({ headers, body }: Pick<ObjectCall, "headers" | "body">, options: { claims: boolean }): Promise<Buffer> {
  const claim = options.claims ? claimOf(headers) : undefined;
  const md5 = contentMd5(headers["content-md5"]);
  const digest = runningDigest(claim === undefined ? [] : [claim.algorithm]);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of body.stream) {
    length += bytes.length;
    if (length > XML_BYTES_MAX) throw xmlTooLong(XML_BYTES_MAX);
    digest.update(bytes);
    pieces.push(bytes);
  }
  checkDigest(digest, { md5, claim }, body);
  return Buffer.concat(pieces);
}
