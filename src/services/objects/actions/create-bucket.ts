import { operation, optional, string, structure } from "../../../wire/shapes.ts";
import { checkBucketName } from "../rules/bucket-name.ts";
import { elementNotOffered, invalidLocationConstraint } from "../rules/errors.ts";
import { BUCKET_TAGS_MAX } from "../rules/limits.ts";
import { tagsOf } from "../rules/tags.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketLabel, tagSet } from "./shapes.ts";

const configuration = structure({
  LocationConstraint: string,
  Location: structure({ Type: string, Name: string }),
  Bucket: structure({ DataRedundancy: string, Type: string }),
  Tags: tagSet,
});

const createBucketOperation = operation("CreateBucket", {
  input: structure({ ...bucketLabel, CreateBucketConfiguration: optional(configuration, { payload: true }) }),
  output: structure({
    Location: optional(string, { header: "location" }),
    BucketArn: optional(string, { header: "x-amz-bucket-arn" }),
  }),
});

/**
 * Creates a bucket in the region that the body names, or in that of the request's signature. Asked for again by its owner,
 * for the same region, it is there: clients such as rclone create what they are about to fill.
 */
export const createBucket = (context: Context) =>
  objectAction(createBucketOperation, async (input, call) => {
    checkBucketName(input.Bucket);
    const { LocationConstraint: constraint, Location, Bucket, Tags } = input.CreateBucketConfiguration ?? {};
    if (Location !== undefined || Bucket !== undefined) throw elementNotOffered("A directory bucket");
    if (constraint !== undefined && !/^[a-z0-9-]{1,32}$/i.test(constraint)) throw invalidLocationConstraint(constraint);
    await context.store.createBucket({
      name: input.Bucket,
      account: call.principal.accountId,
      region: constraint === undefined || constraint === "" ? call.region : constraint === "EU" ? "eu-west-1" : constraint,
      tags: tagsOf(Tags ?? [], BUCKET_TAGS_MAX),
    });
    return { Location: `/${input.Bucket}`, BucketArn: `arn:aws:s3:::${input.Bucket}` };
  });
