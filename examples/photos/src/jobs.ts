/**
 * What the parts say to each other. Every message is checked against its shape where it arrives; one that does not fit
 * goes to the dead-letter queue with the list of what is wrong, never to the code.
 */
import { z } from "zod";

/** A batch is named by the page, a photo by its batch and its place in it: asking twice for the same work is the same work. */
const BatchId = z.uuid();
const PhotoId = z.string().regex(/^[0-9a-f-]{36}-\d{1,4}$/);

export const PHOTOS_PER_BATCH_MAX = 1_000;
export const WATERMARK_CHARACTERS_MAX = 40;
export const REGIONS_MAX = 16;

/** A rectangle marked on the upright photo, in fractions of its width and height, so that it does not depend on pixels. */
export const Region = z
  .strictObject({
    left: z.number().min(0).max(1),
    top: z.number().min(0).max(1),
    width: z.number().gt(0).max(1),
    height: z.number().gt(0).max(1),
  })
  // A drag to the very edge may end a rounding error beyond it.
  .refine((region) => region.left + region.width < 1.001 && region.top + region.height < 1.001, "The region leaves the photo.");
export type Region = z.infer<typeof Region>;

const Marked = z.strictObject({ regions: z.array(Region).min(1).max(REGIONS_MAX) });

export const Operations = z
  .strictObject({
    thumbnail: z.literal(true).optional(),
    crop: z.strictObject({ shape: z.enum(["square", "portrait", "landscape", "wide"]) }).optional(),
    recolour: z
      .strictObject({
        style: z.enum(["greyscale", "sepia", "vivid", "muted", "tint"]),
        /** For a tint: the colour, as `#rrggbb`. */
        colour: z
          .string()
          .regex(/^#[0-9a-f]{6}$/i)
          .optional(),
      })
      .refine((recolour) => recolour.style !== "tint" || recolour.colour !== undefined, "A tint needs its colour.")
      .optional(),
    enhance: z.literal(true).optional(),
    watermark: z.strictObject({ text: z.string().trim().min(1).max(WATERMARK_CHARACTERS_MAX) }).optional(),
    redEye: Marked.optional(),
    teeth: Marked.optional(),
  })
  .refine((operations) => Object.values(operations).some((chosen) => chosen !== undefined), "Choose at least one operation.");
export type Operations = z.infer<typeof Operations>;
export type OperationName = keyof Operations;

/** Request queue: web tier → server A. */
export const PhotoRequest = z.strictObject({ batchId: BatchId, photoId: PhotoId, uploadKey: z.string().min(1), operations: Operations });
export type PhotoRequest = z.infer<typeof PhotoRequest>;

/** Queue of the long-running operations: server A → server B. */
export const LongRequest = z.strictObject({
  batchId: BatchId,
  photoId: PhotoId,
  workKey: z.string().min(1),
  /** What is left to do. The regions are those of the working copy, which may be cropped. */
  operations: Operations,
  /** How much of the job server A has done, from 0 to 1. */
  fraction: z.number().min(0).max(1),
});
export type LongRequest = z.infer<typeof LongRequest>;

export const ResultName = z.enum(["photo", "thumbnail"]);
export type ResultName = z.infer<typeof ResultName>;

export const Result = z.strictObject({
  name: ResultName,
  key: z.string(),
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
});
export type Result = z.infer<typeof Result>;

const OfPhoto = { batchId: BatchId, photoId: PhotoId };

/** Response queue: servers A and B → web tier. */
export const PhotoResponse = z.discriminatedUnion("kind", [
  /** A step has begun. `fraction` is how much of the whole job is done, from 0 to 1. */
  z.strictObject({
    kind: z.literal("progress"),
    ...OfPhoto,
    stage: z.enum(["server-a", "waiting", "server-b"]),
    fraction: z.number().min(0).max(1),
    step: z.string(),
  }),
  z.strictObject({ kind: z.literal("done"), ...OfPhoto, results: z.array(Result).min(1) }),
  /** The photo itself is at fault; trying again would not help. `text` is for the person who sent it. */
  z.strictObject({ kind: z.literal("unusable"), ...OfPhoto, text: z.string() }),
]);
export type PhotoResponse = z.infer<typeof PhotoResponse>;
