import {
  CHECKSUM_ALGORITHMS,
  CHECKSUM_DEFAULT,
  headerOf,
  type Checksum,
  type ChecksumAlgorithm,
  type ChecksumMembers,
  type ChecksumType,
} from "./checksum.ts";
import { bareEtag, quotedEtag } from "./conditions.ts";
import { badChecksum, invalidArgument, invalidPart, invalidPartOrder, invalidRequest, partTooSmall, severalChecksums } from "./errors.ts";
import { PART_BYTES_MIN, PART_NUMBER_MAX } from "./limits.ts";

/** What an upload was created for. */
export interface UploadChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
}

/**
 * The checksum that an upload is created with; null where its sender names none. CRC64NVME is always over the whole
 * object, the SHAs always over the parts; the others are over the parts unless asked otherwise.
 * @throws InvalidRequest
 */
export function uploadChecksum(algorithm: ChecksumAlgorithm | undefined, type: string | undefined): UploadChecksum | null {
  if (type !== undefined && type !== "FULL_OBJECT" && type !== "COMPOSITE")
    throw invalidRequest("Value for x-amz-checksum-type header is invalid.");
  if (algorithm === undefined) {
    if (type === undefined) return null;
    throw invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
  }
  const chosen = type ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const impossible = chosen === "COMPOSITE" ? algorithm === "CRC64NVME" : algorithm.startsWith("SHA");
  if (impossible)
    throw invalidRequest(`The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
  return { algorithm, type: chosen };
}

/** @throws InvalidArgument */
export function checkPartNumber(number: number): void {
  if (number >= 1 && number <= PART_NUMBER_MAX) return;
  throw invalidArgument(`Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`, {
    name: "partNumber",
    value: String(number),
  });
}

/** Which checksums of a part are to be computed: that of its upload, and the one that its sender claims. */
export function partAlgorithms(upload: UploadChecksum | null, claimed: ChecksumAlgorithm | undefined): ChecksumAlgorithm[] {
  if (upload === null) return [...new Set([CHECKSUM_DEFAULT, ...(claimed === undefined ? [] : [claimed])])];
  if (claimed !== undefined && claimed !== upload.algorithm) throw otherAlgorithm(upload.algorithm, claimed);
  return [upload.algorithm];
}

function otherAlgorithm(algorithm: ChecksumAlgorithm, claimed: ChecksumAlgorithm): Error {
  const [expected, actual] = [algorithm.toLowerCase(), claimed.toLowerCase()];
  return invalidRequest(`Checksum Type mismatch occurred, expected checksum Type: ${expected}, actual checksum Type: ${actual}`);
}

/** What the parts of an upload are told apart by, where its sender named no checksum; the object will have it too. */
export const UPLOAD_CHECKSUM_DEFAULT: UploadChecksum = { algorithm: CHECKSUM_DEFAULT, type: "FULL_OBJECT" };

/** A part that was uploaded. */
export interface Part {
  readonly number: number;
  readonly sizeBytes: number;
  /** Its MD5 in hex. */
  readonly etag: string;
  /** Base64, in the algorithm of its upload, or in CRC64NVME where that has none. */
  readonly checksum: string;
}

/** A part as CompleteMultipartUpload names it. */
export interface AskedPart extends ChecksumMembers {
  readonly PartNumber?: number | undefined;
  readonly ETag?: string | undefined;
}

/**
 * The parts that an object is to be made of, out of those that were uploaded.
 * @throws InvalidRequest, InvalidPartOrder, InvalidPart, EntityTooSmall
 */
export function chosenParts(asked: readonly AskedPart[], upload: { id: string; checksum: UploadChecksum; parts: readonly Part[] }): Part[] {
  if (asked.length === 0) throw invalidRequest("You must specify at least one part");
  const uploaded = new Map(upload.parts.map((part) => [part.number, part]));
  let last = 0;
  const chosen = asked.map((ask) => {
    const number = ask.PartNumber ?? 0;
    if (number <= last) throw invalidPartOrder(upload.id);
    last = number;
    const part = uploaded.get(number);
    if (part === undefined || part.etag !== bareEtag(ask.ETag ?? "")) throw notThatPart(ask, upload.id);
    checkPartChecksum(ask, part, upload);
    return part;
  });
  const small = chosen.slice(0, -1).find((part) => part.sizeBytes < PART_BYTES_MIN);
  if (small !== undefined) throw partTooSmall({ ...small, etag: quotedEtag(small.etag) });
  return chosen;
}

function checkPartChecksum(ask: AskedPart, part: Part, upload: { id: string; checksum: UploadChecksum }): void {
  const { algorithm, type } = upload.checksum;
  // An upload without a checksum of its own takes parts with any, and keeps none of them.
  const others = upload.checksum === UPLOAD_CHECKSUM_DEFAULT ? [] : CHECKSUM_ALGORITHMS.filter((other) => other !== algorithm);
  const claimed = others.find((other) => ask[`Checksum${other}`] !== undefined);
  if (claimed !== undefined) throw otherAlgorithm(algorithm, claimed);
  const value = ask[`Checksum${algorithm}`];
  if (value !== undefined) {
    if (value !== part.checksum) throw notThatPart(ask, upload.id);
  } else if (type === "COMPOSITE") {
    throw invalidRequest(
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. ` +
        `It was missing for part ${part.number} in the request.`,
    );
  }
}

function notThatPart(ask: AskedPart, uploadId: string): Error {
  return invalidPart({ ETag: bareEtag(ask.ETag ?? ""), PartNumber: String(ask.PartNumber ?? 0), UploadId: uploadId });
}

/** What CompleteMultipartUpload says of the whole, beside its parts. */
export interface CompletionClaims extends ChecksumMembers {
  readonly ChecksumType?: string | undefined;
  readonly MpuObjectSize?: number | undefined;
}

/** @throws InvalidRequest, BadDigest */
export function checkCompletion(claims: CompletionClaims, object: { sizeBytes: number; checksum: Checksum }): void {
  const { ChecksumType: type, MpuObjectSize: sizeBytes } = claims;
  const { checksum } = object;
  if (type !== undefined && type !== checksum.type) {
    throw invalidRequest(
      `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  if (sizeBytes !== undefined && sizeBytes !== object.sizeBytes) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${sizeBytes} does not match what was computed: ${object.sizeBytes}`,
    );
  }
  const claimed = CHECKSUM_ALGORITHMS.filter((algorithm) => claims[`Checksum${algorithm}`] !== undefined);
  if (claimed.length > 1) throw severalChecksums();
  const [algorithm] = claimed;
  if (algorithm === undefined) return;
  if (algorithm !== checksum.algorithm) {
    throw invalidRequest(`The upload was not created with the checksum of the header ${headerOf(algorithm)}.`);
  }
  // A composite value may be given with or without the number of parts behind it.
  const value = claims[`Checksum${algorithm}`];
  if (value !== checksum.value && value !== checksum.value.split("-")[0]) throw badChecksum(algorithm);
}

/** What tells a repeated CompleteMultipartUpload from another one with the same upload id. */
export function partsText(asked: readonly AskedPart[]): string {
  return asked.map((ask) => `${ask.PartNumber ?? 0}:${bareEtag(ask.ETag ?? "")}`).join("\n");
}
