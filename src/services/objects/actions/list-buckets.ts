import { list, operation, optional, string, structure } from "../../../wire/shapes.ts";
import { invalidArgument } from "../rules/errors.ts";
import { BUCKET_PAGE_MAX } from "../rules/limits.ts";
import { positionOf, tokenOf } from "../rules/listing.ts";
import { objectAction, type Context } from "./context.ts";
import { ownerId } from "./owned.ts";
import { isoTime, owner } from "./shapes.ts";

const bucket = structure({ Name: string, CreationDate: isoTime, BucketRegion: string, BucketArn: string });

const listBucketsOperation = operation("ListBuckets", {
  input: structure({
    MaxBuckets: optional(string, { parameter: "max-buckets" }),
    ContinuationToken: optional(string, { parameter: "continuation-token" }),
    Prefix: optional(string, { parameter: "prefix" }),
    BucketRegion: optional(string, { parameter: "bucket-region" }),
  }),
  output: structure({
    Owner: owner, // First: older Java SDKs read in this order.
    Buckets: list(bucket, { itemName: "Bucket" }),
    ContinuationToken: string,
    Prefix: string,
  }),
  xmlRoot: { response: "ListAllMyBucketsResult" },
});

/** The caller's buckets by name; in pages only where a size is given. */
export const listBuckets = (context: Context) =>
  objectAction(listBucketsOperation, async (input, call) => {
    const account = call.principal.accountId;
    const limit = pageSize(input.MaxBuckets);
    const token = input.ContinuationToken === undefined ? undefined : positionOf(input.ContinuationToken);
    const after = token !== undefined && "afterKey" in token ? token.afterKey : "";
    const { buckets, more } = await context.store.listBuckets({ account, prefix: input.Prefix ?? "", after, limit });
    const shown = buckets.filter(({ region }) => input.BucketRegion === undefined || region === input.BucketRegion);
    const last = buckets.at(-1);
    return {
      Owner: { DisplayName: account, ID: ownerId(account) },
      Buckets: shown.map(({ name, region, createdMs }) => ({
        Name: name,
        CreationDate: createdMs,
        BucketRegion: region,
        BucketArn: `arn:aws:s3:::${name}`,
      })),
      ContinuationToken: more && last !== undefined ? tokenOf({ afterKey: last.name }) : undefined,
      Prefix: input.Prefix,
    };
  });

function pageSize(value: string | undefined): number {
  if (value === undefined || value === "") return BUCKET_PAGE_MAX;
  if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= BUCKET_PAGE_MAX) return Number(value);
  throw invalidArgument(`Argument max-buckets must be an integer between 1 and ${BUCKET_PAGE_MAX}`, { name: "max-buckets", value });
}
