import { boolean, integer, list, long, operation, optional, required, string, structure, timestamp } from "../../../wire/shapes.ts";
import { membersOf } from "../rules/checksum.ts";
import { invalidArgument } from "../rules/errors.ts";
import { pageSize } from "../rules/listing.ts";
import { checkVersionId } from "../rules/not-offered.ts";
import type { ObjectDescription } from "../store/store.ts";
import { objectAction, type Context } from "./context.ts";
import { objectOf } from "./owned.ts";
import { checksumElements, objectLabels, versionParameter } from "./shapes.ts";

const part = structure({ PartNumber: integer, Size: long, ...checksumElements });
const parts = structure({
  TotalPartsCount: optional(integer, { wireName: "PartsCount" }),
  PartNumberMarker: string,
  NextPartNumberMarker: string,
  MaxParts: integer,
  IsTruncated: boolean,
  Parts: optional(list(part, { flattened: true }), { wireName: "Part" }),
});

const getObjectAttributesOperation = operation("GetObjectAttributes", {
  input: structure({
    ...objectLabels,
    ...versionParameter,
    ObjectAttributes: required(list(string), { header: "x-amz-object-attributes" }),
    MaxParts: optional(string, { header: "x-amz-max-parts" }),
    PartNumberMarker: optional(integer, { header: "x-amz-part-number-marker" }),
  }),
  output: structure({
    LastModified: optional(timestamp("httpDate"), { header: "last-modified" }),
    ETag: string,
    Checksum: structure({ ...checksumElements, ChecksumType: string }),
    ObjectParts: parts,
    StorageClass: string,
    ObjectSize: long,
  }),
  xmlRoot: { response: "GetObjectAttributesResponse" },
});

const ATTRIBUTES: readonly string[] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

/** What is known of an object, as far as it is asked for. */
export const getObjectAttributes = (context: Context) =>
  objectAction(getObjectAttributesOperation, async (input, call) => {
    checkVersionId(input.VersionId);
    const asked = new Set(input.ObjectAttributes);
    const unknown = input.ObjectAttributes.find((name) => !ATTRIBUTES.includes(name)) ?? (asked.size === 0 ? "" : undefined);
    if (unknown !== undefined)
      throw invalidArgument("Invalid attribute name specified.", { name: "x-amz-object-attributes", value: unknown });
    const page = { after: input.PartNumberMarker ?? 0, limit: pageSize(input.MaxParts, "max-parts") };
    const { object } = await objectOf(context, input, call);
    const { checksum } = object;
    return {
      LastModified: object.modifiedMs,
      ETag: asked.has("ETag") ? object.etag : undefined,
      Checksum: asked.has("Checksum") ? { ...membersOf(checksum), ChecksumType: checksum.type } : undefined,
      ObjectParts: asked.has("ObjectParts") && object.partsCount > 0 ? await partsOf(context, object, page) : undefined,
      StorageClass: asked.has("StorageClass") ? object.storageClass : undefined,
      ObjectSize: asked.has("ObjectSize") ? object.sizeBytes : undefined,
    };
  });

/** Parts are told one by one only where each has a checksum that the whole is made of. */
async function partsOf({ store }: Context, object: ObjectDescription, page: { after: number; limit: number }) {
  const { contentId, checksum, partsCount } = object;
  if (checksum.type !== "COMPOSITE") return { TotalPartsCount: partsCount };
  const { parts, more } = await store.listObjectParts({ contentId, ...page });
  return {
    TotalPartsCount: partsCount,
    PartNumberMarker: String(page.after),
    NextPartNumberMarker: String(parts.at(-1)?.number ?? 0),
    MaxParts: page.limit,
    IsTruncated: more,
    Parts: parts.map(({ number, sizeBytes, checksum: value }) => {
      return { PartNumber: number, Size: sizeBytes, ...membersOf({ algorithm: checksum.algorithm, value }) };
    }),
  };
}
