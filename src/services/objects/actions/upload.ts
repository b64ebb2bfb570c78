import { integer, required, string } from "../../../wire/shapes.ts";
import { noSuchUpload } from "../rules/errors.ts";
import { checkPartNumber } from "../rules/multipart.ts";
import type { BucketDescription, UploadDescription, UploadRef } from "../store/store.ts";
import type { Context, ObjectCall } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { objectLabels } from "./shapes.ts";

/** What the actions on one upload have in common. */

export const uploadLabels = { ...objectLabels, UploadId: required(string, { parameter: "uploadId" }) } as const;
export const partLabels = { ...uploadLabels, PartNumber: required(integer, { parameter: "partNumber" }) } as const;

export interface UploadInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

export interface FoundUpload {
  readonly bucket: BucketDescription;
  readonly ref: UploadRef;
  readonly upload: UploadDescription;
}

/** The upload that a request names, completed or not. @throws {ServiceError} NoSuchUpload and what `bucketOf` throws */
export async function uploadOf(
  context: Context,
  { Bucket, Key: key, UploadId: uploadId }: UploadInput,
  call: ObjectCall,
): Promise<FoundUpload> {
  const bucket = await bucketOf(context, Bucket, call);
  const ref = { bucketId: bucket.id, key, uploadId };
  return { bucket, ref, upload: await context.store.findUpload(ref) };
}

/** The same for a part that is about to come. @throws {ServiceError} InvalidArgument, NoSuchUpload */
export async function openUploadOf(
  context: Context,
  input: UploadInput & { readonly PartNumber: number },
  call: ObjectCall,
): Promise<FoundUpload> {
  checkPartNumber(input.PartNumber);
  const found = await uploadOf(context, input, call);
  if (found.upload.completed !== undefined) throw noSuchUpload(input.UploadId);
  return found;
}
