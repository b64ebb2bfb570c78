import { z } from "zod";
import { uploadKey } from "../keys.ts";
import type { Objects } from "../objects.ts";
import { UPLOAD_BYTES_MAX } from "../operations/check.ts";
import { PHOTOS_PER_BATCH_MAX } from "../jobs.ts";
import { jsonAnswer } from "./http.ts";
import type { Route } from "./http.ts";

export interface UploadsParts {
  readonly objects: Objects;
  readonly bucket: string;
  readonly newId: () => string;
}

const UploadsRequest = z.strictObject({
  files: z
    .array(
      z.strictObject({
        bytes: z
          .int()
          .min(1, "The file is empty.")
          .max(UPLOAD_BYTES_MAX, `A file may have at most ${UPLOAD_BYTES_MAX / 1024 / 1024} MB.`),
        // What the store later says it is, when a browser shows it: never a document or a script.
        contentType: z.enum(["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "image/tiff", "application/octet-stream"]),
      }),
    )
    .min(1)
    .max(PHOTOS_PER_BATCH_MAX),
});

/** Hands out one URL for each file. The bytes go straight to the object store; the web tier never sees them. */
export function uploadRoutes({ objects, bucket, newId }: UploadsParts): Route[] {
  const place = async (file: { bytes: number; contentType: string }) => {
    const uploadId = newId();
    return { uploadId, url: await objects.uploadUrl(bucket, uploadKey(uploadId), file) };
  };
  return [
    {
      method: "POST",
      path: "/api/uploads",
      async handle(request) {
        const { files } = await request.json(UploadsRequest);
        return jsonAnswer(200, { uploads: await Promise.all(files.map(place)) });
      },
    },
  ];
}
