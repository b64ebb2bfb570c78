import { boolean, integer, list, operation, optional, string, structure } from "../../../wire/shapes.ts";
import { positionOf, tokenOf } from "../rules/listing.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { listAnswer, listPage } from "./listed.ts";
import { bucketLabel, commonPrefixes, listedObject, listParameters } from "./shapes.ts";

const listObjectsV2Operation = operation("ListObjectsV2", {
  input: structure({
    ...bucketLabel,
    ...listParameters,
    ContinuationToken: optional(string, { parameter: "continuation-token" }),
    FetchOwner: optional(boolean, { parameter: "fetch-owner" }),
    StartAfter: optional(string, { parameter: "start-after" }),
  }),
  output: structure({
    Name: string,
    Prefix: string,
    Delimiter: string,
    StartAfter: string,
    ContinuationToken: string,
    NextContinuationToken: string,
    KeyCount: integer,
    MaxKeys: integer,
    EncodingType: string,
    IsTruncated: boolean,
    Contents: list(listedObject, { flattened: true }),
    CommonPrefixes: commonPrefixes,
  }),
  xmlRoot: { response: "ListBucketResult" },
});

/** A page of a bucket's keys in the order of their UTF-8 bytes. A token beats start-after, which is then not repeated. */
export const listObjectsV2 = (context: Context) =>
  objectAction(listObjectsV2Operation, async (input, call) => {
    const { ContinuationToken: token, StartAfter: startAfter } = input;
    const bucket = await bucketOf(context, input.Bucket, call);
    const from = token !== undefined ? positionOf(token) : startAfter === undefined ? undefined : { afterKey: startAfter };
    const page = await listPage(context, bucket.id, { input, from });
    return {
      ...listAnswer(page, input, input.FetchOwner === true ? bucket.account : undefined),
      Name: bucket.name,
      StartAfter: token === undefined ? page.encoded(startAfter) : undefined,
      ContinuationToken: token,
      NextContinuationToken: page.next === undefined ? undefined : tokenOf(page.next),
      KeyCount: page.entries.length,
    };
  });
