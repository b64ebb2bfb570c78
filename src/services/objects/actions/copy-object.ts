import { operation, optional, string, structure } from "../../../wire/shapes.ts";
import { algorithmOf, membersOf, type Checksum, type ChecksumAlgorithm } from "../rules/checksum.ts";
import { quotedEtag, writeCondition } from "../rules/conditions.ts";
import { directiveOf } from "../rules/copy-source.ts";
import { invalidRequest } from "../rules/errors.ts";
import { SINGLE_UPLOAD_BYTES_MAX } from "../rules/limits.ts";
import type { ObjectAttributes, ObjectDescription } from "../store/store.ts";
import { attributesOf, type StoredInput } from "./attributes.ts";
import { commit } from "./commit.ts";
import { bucketOf, objectAction, retried, type Context } from "./context.ts";
import { digestOf, sourceOf, type CopySourceInput } from "./copy.ts";
import { checksumElements, copySourceMembers, isoTime, objectLabels, storedMembers, writeConditionMembers } from "./shapes.ts";

const result = structure({ ETag: string, LastModified: isoTime, ChecksumType: string, ...checksumElements });

const copyObjectOperation = operation("CopyObject", {
  input: structure({
    ...objectLabels,
    ...copySourceMembers,
    ...storedMembers,
    ...writeConditionMembers,
    ChecksumAlgorithm: optional(string, { header: "x-amz-checksum-algorithm" }),
    MetadataDirective: optional(string, { header: "x-amz-metadata-directive" }),
    Tagging: optional(string, { header: "x-amz-tagging" }),
    TaggingDirective: optional(string, { header: "x-amz-tagging-directive" }),
  }),
  output: structure({ CopyObjectResult: optional(result, { payload: true }) }),
});

interface Directives extends StoredInput, CopySourceInput {
  readonly MetadataDirective?: string | undefined;
  readonly TaggingDirective?: string | undefined;
}

/** Stores an object that shares the bytes of another; none are moved. */
export const copyObject = (context: Context) =>
  objectAction(copyObjectOperation, async (input, call) => {
    const { Bucket, Key: key } = input;
    const bucket = await bucketOf(context, Bucket, call);
    const condition = writeCondition({ ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch });
    const asked = input.ChecksumAlgorithm === undefined ? undefined : algorithmOf(input.ChecksumAlgorithm);
    const { modifiedMs, etag, checksum } = await retried(async () => {
      const source = await sourceOf(context, input, call);
      if (source.bucket === Bucket && source.key === key) refuseUnchanged(input);
      const attributes = copiedAttributes(source, input);
      const { etag, checksum } = await digests(context, source, { asked, signal: call.signal });
      const object = { ...attributes, bucketId: bucket.id, key, sizeBytes: source.sizeBytes, etag, checksum };
      const copy = context.store.call("copyObject", { object, sourceId: source.id, condition });
      const told = { name: "ObjectCreated:Copy", key, object: { sizeBytes: source.sizeBytes, etag } };
      return { ...(await commit(context, { call: copy, told }, { bucket, call })), etag, checksum };
    });
    return { CopyObjectResult: { ETag: quotedEtag(etag), LastModified: modifiedMs, ChecksumType: checksum.type, ...membersOf(checksum) } };
  });

function copiedAttributes(source: ObjectDescription, input: Directives): ObjectAttributes {
  const replaces = directiveOf(input.MetadataDirective, "x-amz-metadata-directive") === "REPLACE";
  const retags = directiveOf(input.TaggingDirective, "x-amz-tagging-directive") === "REPLACE";
  const own = attributesOf(input);
  return {
    headers: replaces ? own.headers : source.headers,
    metadata: replaces ? own.metadata : source.metadata,
    tags: retags ? own.tags : source.tags,
    storageClass: own.storageClass, // Never that of the source.
  };
}

function refuseUnchanged(input: Directives): void {
  if (input.MetadataDirective === "REPLACE" || input.StorageClass !== undefined || input.WebsiteRedirectLocation !== undefined) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage " +
      "class, website redirect location or encryption attributes.",
  );
}

/** A copy is one piece, also of what was uploaded in parts: its ETag is an MD5, its checksum one of the whole. */
async function digests(
  context: Context,
  source: ObjectDescription,
  of: { asked: ChecksumAlgorithm | undefined; signal: AbortSignal },
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
