import { operation, required, structure } from "../../../wire/shapes.ts";
import { checkCorsRules } from "../rules/cors.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel, corsRules } from "./shapes.ts";

const configuration = structure({ CORSRules: required(corsRules, { wireName: "CORSRule" }) });

const putBucketCorsOperation = operation("PutBucketCors", {
  input: structure({ ...bucketLabel, CORSConfiguration: required(configuration, { payload: true }) }),
  output: structure({}),
});

/** Says which pages of other origins may do what with a bucket. */
export const putBucketCors = (context: Context) =>
  objectAction(putBucketCorsOperation, async (input, call) => {
    const rules = input.CORSConfiguration.CORSRules;
    checkCorsRules(rules);
    const bucket = await bucketOf(context, input.Bucket, call);
    await context.store.setBucketSetting({ bucketId: bucket.id, setting: "cors", value: JSON.stringify(rules) });
    return {};
  });
