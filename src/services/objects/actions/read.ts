import { integer, long, optional, string, structure, timestamp, type Infer } from "../../../wire/shapes.ts";
import { contentPolicy } from "../rules/active-content.ts";
import { membersOf, type ChecksumMembers } from "../rules/checksum.ts";
import { checkRead, quotedEtag } from "../rules/conditions.ts";
import { invalidPartNumber, invalidRequest } from "../rules/errors.ts";
import { PART_NUMBER_MAX } from "../rules/limits.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import { contentRange, rangeOf, type ByteRange } from "../rules/range.ts";
import type { ObjectDescription } from "../store/store.ts";
import { storedOutput, type StoredInput } from "./attributes.ts";
import type { Context, ObjectCall } from "./context.ts";
import { objectOf } from "./owned.ts";
import { checksumHeaders, objectLabels, storedMembers, versionParameter } from "./shapes.ts";

/** What GetObject and HeadObject have in common: all but the bytes. */

export const readInput = {
  ...objectLabels,
  ...versionParameter,
  IfMatch: optional(string, { header: "if-match" }),
  IfModifiedSince: optional(timestamp("httpDate"), { header: "if-modified-since" }),
  IfNoneMatch: optional(string, { header: "if-none-match" }),
  IfUnmodifiedSince: optional(timestamp("httpDate"), { header: "if-unmodified-since" }),
  Range: optional(string, { header: "range" }),
  PartNumber: optional(integer, { parameter: "partNumber" }),
  ChecksumMode: optional(string, { header: "x-amz-checksum-mode" }),
  ResponseCacheControl: optional(string, { parameter: "response-cache-control" }),
  ResponseContentDisposition: optional(string, { parameter: "response-content-disposition" }),
  ResponseContentEncoding: optional(string, { parameter: "response-content-encoding" }),
  ResponseContentLanguage: optional(string, { parameter: "response-content-language" }),
  ResponseContentType: optional(string, { parameter: "response-content-type" }),
  ResponseExpires: optional(string, { parameter: "response-expires" }),
} as const;
const input = structure(readInput);
type ReadInput = Infer<typeof input>;

export const readOutput = {
  ...storedMembers,
  ...checksumHeaders,
  StatusCode: optional(integer, { status: true }),
  AcceptRanges: optional(string, { header: "accept-ranges" }),
  ChecksumType: optional(string, { header: "x-amz-checksum-type" }),
  ContentLength: optional(long, { header: "content-length" }),
  ContentSecurityPolicy: optional(string, { header: "content-security-policy" }),
  ContentRange: optional(string, { header: "content-range" }),
  ETag: optional(string, { header: "etag" }),
  LastModified: optional(timestamp("httpDate"), { header: "last-modified" }),
  PartsCount: optional(integer, { header: "x-amz-mp-parts-count" }),
  TagCount: optional(integer, { header: "x-amz-tagging-count" }),
} as const;

/** What is to be sent of an object. */
export interface Selection {
  readonly object: ObjectDescription;
  readonly range: ByteRange;
  /** Whether the answer is one about a part of the object: 206. */
  readonly partial: boolean;
}

/** Finds the object, checks the conditions and decides which bytes are asked for. @throws {ServiceError} */
export async function select(context: Context, input: ReadInput, call: ObjectCall): Promise<Selection> {
  checkVersionId(input.VersionId);
  if (input.Range !== undefined && input.PartNumber !== undefined) {
    throw invalidRequest("Cannot specify both Range header and partNumber query parameter");
  }
  const { object } = await objectOf(context, input, call);
  const { IfMatch: ifMatch, IfNoneMatch: ifNoneMatch, IfModifiedSince: ifModifiedSince, IfUnmodifiedSince: ifUnmodifiedSince } = input;
  checkRead({ ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince }, object, context.clock.nowMs());
  const asked =
    input.PartNumber === undefined ? rangeOf(input.Range, object.sizeBytes) : await partRange(context, object, input.PartNumber);
  return { object, range: asked ?? { start: 0, end: object.sizeBytes }, partial: asked !== undefined };
}

/** The bytes of one part. An object that was not uploaded in parts is one part. @throws InvalidPartNumber */
async function partRange({ store }: Context, object: ObjectDescription, number: number): Promise<ByteRange | undefined> {
  if (object.partsCount === 0) {
    if (number !== 1) throw invalidPartNumber(number, 1);
    return object.sizeBytes === 0 ? undefined : { start: 0, end: object.sizeBytes };
  }
  const { parts } = await store.listObjectParts({ contentId: object.contentId, after: 0, limit: PART_NUMBER_MAX });
  const part = parts.find((part) => part.number === number);
  if (part === undefined) throw invalidPartNumber(number, object.partsCount);
  const start = parts.reduce((sum, before) => (before.number < number ? sum + before.sizeBytes : sum), 0);
  return { start, end: start + part.sizeBytes };
}

type ReadOutput = StoredInput & ChecksumMembers & Record<string, unknown>;

export function readAnswer({ object, range, partial }: Selection, input: ReadInput): ReadOutput {
  const whole = range.start === 0 && range.end === object.sizeBytes;
  // A checksum of the whole beside a part of it makes SDKs report damage.
  const checksum = input.ChecksumMode?.toUpperCase() === "ENABLED" && whole ? object.checksum : null;
  const tags = Object.keys(object.tags).length;
  const stored = { ...storedOutput(object), ...overrides(input) };
  return {
    ...stored,
    ContentSecurityPolicy: contentPolicy(stored.ContentType),
    ...membersOf(checksum),
    ChecksumType: checksum?.type,
    StatusCode: partial ? 206 : 200,
    AcceptRanges: "bytes",
    ContentLength: range.end - range.start,
    ContentRange: partial ? contentRange(range, object.sizeBytes) : undefined,
    ETag: quotedEtag(object.etag),
    LastModified: object.modifiedMs,
    PartsCount: input.PartNumber !== undefined && object.partsCount > 0 ? object.partsCount : undefined,
    TagCount: tags > 0 ? tags : undefined,
  };
}

/** What a URL asks to be said instead of what is stored. */
function overrides(input: ReadInput): StoredInput {
  const asked = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}
