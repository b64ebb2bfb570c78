import { integer, operation, optional, stream, string, structure } from "../../../wire/shapes.ts";
import { readForm, type Form } from "../content/form.ts";
import { receive } from "../content/receive.ts";
import { checkKey } from "../rules/address.ts";
import { CHECKSUM_DEFAULT, claimOf, contentMd5 } from "../rules/checksum.ts";
import { quotedEtag, writeCondition } from "../rules/conditions.ts";
import { missingField } from "../rules/errors.ts";
import { SINGLE_UPLOAD_BYTES_MAX } from "../rules/limits.ts";
import { refuseNotOffered } from "../rules/not-offered.ts";
import { checkPostPolicy, checkPostSize, formKey, postAnswer, postPolicyOf, type PostPolicy } from "../rules/post-policy.ts";
import { commit } from "./commit.ts";
import { objectAction, type Context, type ObjectCall } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { formAttributes, headersOf } from "./form.ts";
import { keeping, receiverOf } from "./incoming.ts";
import { bucketLabel } from "./shapes.ts";

const created = structure({ Location: string, Bucket: string, Key: string, ETag: string });

const postObjectOperation = operation("PostObject", {
  input: structure({ ...bucketLabel, Body: optional(stream, { payload: true }) }),
  output: structure({
    StatusCode: optional(integer, { status: true }),
    LocationHeader: optional(string, { header: "location" }),
    ETagHeader: optional(string, { header: "etag" }),
    PostResponse: optional(created, { payload: true }),
  }),
});

/** Stores the file of a browser's form, as far as the signed policy in the form allows it. */
export const postObject = (context: Context) =>
  objectAction(postObjectOperation, async (input, call) => {
    const form = await readForm(call.body.stream, call.headers["content-type"] ?? "");
    const { key, policy, principal } = await senderOf(context, form, { bucket: input.Bucket, call });
    const headers = headersOf(form.fields);
    refuseNotOffered(headers);
    const sender = { ...call, principal, headers };
    const bucket = await bucketOf(context, input.Bucket, sender);
    const attributes = formAttributes(headers, form.fields.get("tagging"));
    const claim = claimOf(headers);
    const algorithm = claim?.algorithm ?? CHECKSUM_DEFAULT;
    const bytesMax = Math.min(policy?.sizeBytes.max ?? Infinity, SINGLE_UPLOAD_BYTES_MAX);
    const expected = { bytes: undefined, bytesMax, md5: contentMd5(headers["content-md5"]), claim, algorithms: [algorithm] };
    const received = await receive({ stream: form.file, trailers: () => ({}) }, expected, receiverOf(context));
    const { sizeBytes, md5: etag, segments } = received;
    await keeping(context, received, async () => {
      checkPostSize(policy, sizeBytes);
      const checksum = { algorithm, type: "FULL_OBJECT", value: received.checksums[algorithm] ?? "" } as const;
      const object = { ...attributes, bucketId: bucket.id, key, sizeBytes, etag, checksum };
      const condition = writeCondition({ ifMatch: headers["if-match"], ifNoneMatch: headers["if-none-match"] });
      const put = context.store.call("putObject", { object, segments, condition });
      const told = { name: "ObjectCreated:Post", key, object: { sizeBytes, etag } };
      await commit(context, { call: put, told }, { bucket, call: sender });
    });
    const path = `${input.Bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
    const stored = { location: `${call.baseUrl}/${path}`, bucket: input.Bucket, key, etag: quotedEtag(etag) };
    return { ...postAnswer(form.fields, stored), ETagHeader: stored.etag };
  });

/** Whose form it is, what it may upload, and under which key. @throws {ServiceError} */
async function senderOf(
  { clock }: Context,
  { fields, filename }: Form,
  of: { bucket: string; call: ObjectCall },
): Promise<{ key: string; policy: PostPolicy | undefined; principal: ObjectCall["principal"] }> {
  const { form } = of.call.body;
  const principal = form === undefined ? of.call.principal : form.principalOf(Object.fromEntries(fields));
  const template = fields.get("key");
  if (template === undefined || template === "") throw missingField("key");
  const key = formKey(template, filename);
  checkKey(key);
  const encoded = fields.get("policy");
  const policy = encoded === undefined ? undefined : postPolicyOf(encoded);
  if (policy !== undefined) checkPostPolicy(policy, new Map([...fields, ["key", key], ["bucket", of.bucket]]), clock.nowMs());
  return { key, policy, principal };
}
