import sharp from "sharp";
import type { Sharp } from "sharp";

/** A decoded photo between two operations: upright, sRGB, three bytes a pixel, row after row. */
export interface Picture {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Bytes of one pixel: red, green, blue. */
export const CHANNELS = 3;

/** One operation takes at most this long; a photo that needs more is not a photo. */
const STEP_SECONDS_MAX = 60;

// Jobs run side by side, each in its slot. A second thread pool inside each of them, or a cache of files that are never
// opened twice, would only cost memory.
sharp.concurrency(1);
sharp.cache(false);

export function edit(picture: Picture): Sharp {
  return sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: CHANNELS } });
}

export async function pictureOf(image: Sharp): Promise<Picture> {
  const plain = image.removeAlpha().toColourspace("srgb").raw().timeout({ seconds: STEP_SECONDS_MAX });
  const { data, info } = await plain.toBuffer({ resolveWithObject: true });
  if (data.length !== info.width * info.height * CHANNELS) throw new Error(`an operation made ${info.channels} channels of three`);
  return { data, width: info.width, height: info.height };
}

/** The finished photo. No metadata is kept: a photo's place and camera are nobody's business. */
export function jpegOf(picture: Picture): Promise<Buffer> {
  return edit(picture).jpeg({ quality: 88, progressive: true }).timeout({ seconds: STEP_SECONDS_MAX }).toBuffer();
}

/** Without loss, and packed lightly: it is read once, by the next server. */
export function workingCopyOf(picture: Picture): Promise<Buffer> {
  return edit(picture).png({ compressionLevel: 2 }).timeout({ seconds: STEP_SECONDS_MAX }).toBuffer();
}

/** More than the largest picture takes as a working copy. */
export const WORKING_COPY_BYTES_MAX = 80 * 1024 * 1024;

/** The copy is our own, checked when it was made; it gets no second check. */
export function openWorkingCopy(bytes: Buffer): Promise<Picture> {
  return pictureOf(sharp(bytes, { sequentialRead: true }));
}
