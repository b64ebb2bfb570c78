import { operation, optional, structure, type Infer } from "../../../wire/shapes.ts";
import { noSuchSetting } from "../rules/errors.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel, corsRules } from "./shapes.ts";

const getBucketCorsOperation = operation("GetBucketCors", {
  input: structure(bucketLabel),
  output: structure({ CORSRules: optional(corsRules, { wireName: "CORSRule" }) }),
  xmlRoot: { response: "CORSConfiguration" },
});

/** Which pages of other origins may do what with a bucket. */
export const getBucketCors = (context: Context) =>
  objectAction(getBucketCorsOperation, async (input, call) => {
    const { name, settings } = await bucketOf(context, input.Bucket, call);
    if (settings.cors === undefined) throw noSuchSetting("NoSuchCORSConfiguration", name);
    return { CORSRules: JSON.parse(settings.cors) as Infer<typeof corsRules> };
  });
