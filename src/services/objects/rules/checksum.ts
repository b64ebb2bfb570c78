import { badMd5, invalidChecksum, invalidDigest, invalidRequest, malformedTrailer, severalChecksums } from "./errors.ts";

/** The checksums that objects may carry, as AWS spells them. */
export type ChecksumAlgorithm = "CRC32" | "CRC32C" | "CRC64NVME" | "SHA1" | "SHA256";
/** Over the whole object, or over the checksums of its parts. */
export type ChecksumType = "FULL_OBJECT" | "COMPOSITE";

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** Base64; behind a composite one stands `-` and the number of parts. */
  readonly value: string;
}

/** Bytes of each, in the order in which AWS lists them. */
const CHECKSUM_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 };
export const CHECKSUM_ALGORITHMS = Object.keys(CHECKSUM_BYTES) as readonly ChecksumAlgorithm[];

/** What an object gets when its sender names none. */
export const CHECKSUM_DEFAULT: ChecksumAlgorithm = "CRC64NVME";

/** In the newer service model, and not offered. */
const NOT_OFFERED: readonly string[] = ["sha512", "md5", "xxhash64", "xxhash3", "xxhash128"];

/** The member of requests and answers that carries the value: `ChecksumCRC32`. */
export type ChecksumMember = `Checksum${ChecksumAlgorithm}`;
export type ChecksumMembers = { [K in ChecksumMember]?: string | undefined };

const PREFIX = "x-amz-checksum-";

export function headerOf(algorithm: ChecksumAlgorithm): string {
  return PREFIX + algorithm.toLowerCase();
}

/** A checksum as the members of an answer. */
export function membersOf(checksum: Pick<Checksum, "algorithm" | "value"> | null): ChecksumMembers {
  return checksum === null ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value };
}

/** `ChecksumAlgorithm` of a request. @throws InvalidRequest for what is no algorithm, or none that is offered. */
export function algorithmOf(name: string): ChecksumAlgorithm {
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toUpperCase());
  if (algorithm !== undefined) return algorithm;
  throw invalidRequest(
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${CHECKSUM_ALGORITHMS.join(", ")}]`,
  );
}

/** What the sender says of a body: the value beforehand, or that it will stand in the trailer. */
export interface ChecksumClaim {
  readonly algorithm: ChecksumAlgorithm;
  /** Undefined: to be found in the trailer. */
  readonly value: string | undefined;
}

/**
 * The checksum that the headers of a request claim for its body.
 * @param headers by lower-case name. @throws InvalidRequest, MalformedTrailerError
 */
export function claimOf(headers: Readonly<Record<string, string | undefined>>): ChecksumClaim | undefined {
  const announced = headers["x-amz-trailer"]?.trim().toLowerCase();
  const names = Object.keys(headers).filter((name) => name.startsWith(PREFIX) && isValueHeader(name));
  if (announced !== undefined) {
    if (names.length > 0) throw severalChecksums();
    return { algorithm: algorithmOfHeader(announced) ?? failTrailer(), value: undefined };
  }
  if (names.length > 1) throw severalChecksums();
  const [name] = names;
  if (name === undefined) return undefined;
  const algorithm = algorithmOfHeader(name);
  if (algorithm === undefined) throw checksumNotOffered(name);
  const value = headers[name]?.trim() ?? "";
  if (!isValue(algorithm, value)) throw invalidChecksum(name, "header");
  return { algorithm, value };
}

/**
 * Refuses values of algorithms that are not offered where they are not of the request's body, so that none is passed over.
 * @param headers by lower-case name. @param parts as the request's XML names them. @throws InvalidRequest
 */
export function refuseOtherChecksums(headers: Readonly<Record<string, string | undefined>>, parts: readonly object[]): void {
  const header = NOT_OFFERED.map((other) => PREFIX + other).find((name) => headers[name] !== undefined);
  if (header !== undefined) throw checksumNotOffered(header);
  const members = NOT_OFFERED.map((other) => `Checksum${other.toUpperCase()}`);
  const member = parts.flatMap((part) => Object.keys(part)).find((name) => members.includes(name));
  if (member !== undefined) throw checksumNotOffered(member);
}

/** @param name of the header or element that carries it. */
function checksumNotOffered(name: string): Error {
  return invalidRequest(`The ${name} checksum is not offered; any of ${CHECKSUM_ALGORITHMS.join(", ")} is.`);
}

/** The value that the trailer brought. @throws MalformedTrailerError it did not; InvalidRequest it is no checksum. */
export function claimedInTrailer(algorithm: ChecksumAlgorithm, trailers: Readonly<Record<string, string>>): string {
  const header = headerOf(algorithm);
  const value = trailers[header]?.trim();
  if (value === undefined) throw malformedTrailer();
  if (!isValue(algorithm, value)) throw invalidChecksum(header, "trailing header");
  return value;
}

function failTrailer(): never {
  throw invalidRequest("The value specified in the x-amz-trailer header is not supported");
}

/** `x-amz-checksum-mode`, `-algorithm` and `-type` begin like the values and are none. */
function isValueHeader(name: string): boolean {
  return algorithmOfHeader(name) !== undefined || NOT_OFFERED.includes(name.slice(PREFIX.length));
}

function algorithmOfHeader(header: string): ChecksumAlgorithm | undefined {
  return CHECKSUM_ALGORITHMS.find((algorithm) => headerOf(algorithm) === header);
}

/** Base64 of exactly the bytes that the algorithm gives. */
function isValue(algorithm: ChecksumAlgorithm, value: string): boolean {
  return isBase64(value, CHECKSUM_BYTES[algorithm]);
}

function isBase64(value: string, bytes: number): boolean {
  const decoded = Buffer.from(value, "base64");
  return decoded.length === bytes && decoded.toString("base64") === value;
}

/** Content-MD5 as bytes. @throws InvalidDigest */
export function contentMd5(value: string | undefined): Buffer | undefined {
  if (value === undefined) return undefined;
  if (!isBase64(value.trim(), 16)) throw invalidDigest(value);
  return Buffer.from(value, "base64");
}

/** @throws BadDigest */
export function checkMd5(expected: Buffer | undefined, calculated: Buffer): void {
  if (expected === undefined || expected.equals(calculated)) return;
  throw badMd5(expected.toString("base64"), calculated.toString("base64"));
}
