import { z } from "zod";
import { Operations, PHOTOS_PER_BATCH_MAX } from "../jobs.ts";
import { uploadKey } from "../keys.ts";
import type { PhotoStatus } from "../state.ts";

export const FILE_NAME_CHARACTERS_MAX = 200;

/** What the page asks for. It names the batch itself, so that asking again after a lost answer is not a second batch. */
export const BatchRequest = z.strictObject({
  batchId: z.uuid().toLowerCase(),
  photos: z
    .array(z.strictObject({ uploadId: z.uuid(), name: z.string().min(1).max(FILE_NAME_CHARACTERS_MAX), operations: Operations }))
    .min(1)
    .max(PHOTOS_PER_BATCH_MAX),
});
export type BatchRequest = z.infer<typeof BatchRequest>;

const Ordered = z.strictObject({ photoId: z.string(), name: z.string(), uploadKey: z.string(), operations: Operations });

/** What was asked for: `batches/<batchId>.json`, written once and never changed. */
export const Batch = z.strictObject({ batchId: z.string(), createdMs: z.number(), photos: z.array(Ordered) });
export type Batch = z.infer<typeof Batch>;
export type OrderedPhoto = z.infer<typeof Ordered>;

/** A photo as the page sees it. */
export interface PhotoView extends PhotoStatus {
  readonly photoId: string;
  readonly name: string;
  readonly operations: Operations;
}

export interface BatchView {
  readonly batchId: string;
  readonly createdMs: number;
  readonly photos: readonly PhotoView[];
}

/** A photo is named by its batch and its place in it: the same request always makes the same photos. */
export function batchOf(request: BatchRequest, createdMs: number): Batch {
  const photos = request.photos.map(({ uploadId, name, operations }, index) => ({
    photoId: `${request.batchId}-${index}`,
    name,
    uploadKey: uploadKey(uploadId),
    operations,
  }));
  return { batchId: request.batchId, createdMs, photos };
}

export function viewOf({ photoId, name, operations }: OrderedPhoto, status: PhotoStatus): PhotoView {
  return { photoId, name, operations, ...status };
}

/** `<batchId>-<place>` → `<batchId>`. */
export function batchIdOf(photoId: string): string {
  return photoId.slice(0, photoId.lastIndexOf("-"));
}
