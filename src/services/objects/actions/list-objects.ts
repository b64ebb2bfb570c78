import { boolean, integer, list, operation, optional, string, structure } from "../../../wire/shapes.ts";
import { markerPosition } from "../rules/listing.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { listAnswer, listPage } from "./listed.ts";
import { bucketLabel, commonPrefixes, listedObject, listParameters } from "./shapes.ts";

const listObjectsOperation = operation("ListObjects", {
  input: structure({ ...bucketLabel, ...listParameters, Marker: optional(string, { parameter: "marker" }) }),
  output: structure({
    Name: string, // Before Contents: older Java SDKs read in this order.
    Prefix: string,
    Marker: string,
    NextMarker: string,
    Delimiter: string,
    MaxKeys: integer,
    EncodingType: string,
    IsTruncated: boolean,
    Contents: list(listedObject, { flattened: true }),
    CommonPrefixes: commonPrefixes,
  }),
  xmlRoot: { response: "ListBucketResult" },
});

/** The older listing: a page is told by a marker, which is named only where there is a delimiter; else it is the last key. */
export const listObjects = (context: Context) =>
  objectAction(listObjectsOperation, async (input, call) => {
    const { Marker: marker = "", Prefix: prefix = "", Delimiter: delimiter = "" } = input;
    const bucket = await bucketOf(context, input.Bucket, call);
    const page = await listPage(context, bucket.id, { input, from: markerPosition(marker, prefix, delimiter) });
    const { next } = page;
    const nextMarker = next === undefined || delimiter === "" ? undefined : "afterKey" in next ? next.afterKey : next.afterPrefix;
    return {
      ...listAnswer(page, input, bucket.account),
      Name: bucket.name,
      Marker: page.encoded(marker),
      NextMarker: page.encoded(nextMarker),
    };
  });
