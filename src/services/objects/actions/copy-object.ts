import { operation, optional, string, structure } from "../../../wire/shapes.ts";
import { algorithmOf, membersOf } from "../rules/checksum.ts";
import { quotedEtag, writeCondition } from "../rules/conditions.ts";
import { directiveOf, refuseUnchangedCopy } from "../rules/copy-source.ts";
import type { ObjectAttributes, ObjectDescription } from "../store/store.ts";
import { attributesOf, type StoredInput } from "./attributes.ts";
import { commit } from "./commit.ts";
import { objectAction, retried, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { copyDigests, sourceOf, type CopySourceInput } from "./copy.ts";
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
      if (source.bucket === Bucket && source.key === key)
        refuseUnchangedCopy({ ...input, replacesMetadata: input.MetadataDirective === "REPLACE" });
      const attributes = copiedAttributes(source, input);
      const { etag, checksum } = await copyDigests(context, source, { asked, signal: call.signal });
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
