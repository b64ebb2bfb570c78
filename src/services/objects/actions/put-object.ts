import { operation, optional, stream, string, structure } from "../../../wire/shapes.ts";
import { CHECKSUM_DEFAULT, membersOf, type Checksum } from "../rules/checksum.ts";
import { quotedEtag, writeCondition } from "../rules/conditions.ts";
import { attributesOf } from "./attributes.ts";
import { commit } from "./commit.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { keeping, receiveBody } from "./incoming.ts";
import { checksumHeaders, objectLabels, storedMembers, writeConditionMembers } from "./shapes.ts";

const putObjectOperation = operation("PutObject", {
  input: structure({
    ...objectLabels,
    ...storedMembers,
    ...writeConditionMembers,
    Tagging: optional(string, { header: "x-amz-tagging" }),
    Body: optional(stream, { payload: true }),
  }),
  output: structure({
    ETag: optional(string, { header: "etag" }),
    ...checksumHeaders,
    ChecksumType: optional(string, { header: "x-amz-checksum-type" }),
  }),
});

/** Stores an object, in place of the one that was there. Its bytes are checked before anything of it can be seen. */
export const putObject = (context: Context) =>
  objectAction(putObjectOperation, async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    const condition = writeCondition({ ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch });
    const attributes = attributesOf(input);
    const received = await receiveBody(context, call);
    const { segments, sizeBytes, md5: etag } = received;
    const algorithm = received.claim?.algorithm ?? CHECKSUM_DEFAULT;
    const checksum: Checksum = { algorithm, type: "FULL_OBJECT", value: received.checksums[algorithm] ?? "" };
    const object = { ...attributes, bucketId: bucket.id, key: input.Key, sizeBytes, etag, checksum };
    const put = context.store.call("putObject", { object, segments, condition });
    const told = { name: "ObjectCreated:Put", key: input.Key, object: { sizeBytes, etag } };
    await keeping(context, received, () => commit(context, { call: put, told }, { bucket, call }));
    return { ETag: quotedEtag(etag), ...membersOf(checksum), ChecksumType: checksum.type };
  });
