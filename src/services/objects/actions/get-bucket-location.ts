import { operation, string, structure } from "../../../wire/shapes.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

const getBucketLocationOperation = operation("GetBucketLocation", {
  input: structure(bucketLabel),
  output: structure({ LocationConstraint: string }),
  xmlRoot: { response: "LocationConstraint" },
  unwrapped: true,
});

/** The bucket's region; for the oldest one, us-east-1, S3 says nothing. */
export const getBucketLocation = (context: Context) =>
  objectAction(getBucketLocationOperation, async (input, call) => {
    const { region } = await bucketOf(context, input.Bucket, call);
    return { LocationConstraint: region === "us-east-1" ? undefined : region };
  });
