import sharp from "sharp";
import type { Metadata } from "sharp";
import { pictureOf } from "./picture.ts";
import type { Picture } from "./picture.ts";

/** The photo is at fault, not the service; trying again would give the same. The message is shown to the person who sent it. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}

export const UPLOAD_BYTES_MAX = 40 * 1024 * 1024;
/** More than any phone takes, and no more than a worker can hold while it decodes. */
export const PIXELS_MAX = 64_000_000;
const SIDE_MIN = 16;
/** Results have at most this many pixels on their longer side. */
export const RESULT_SIDE_MAX = 4096;
const DECODE_SECONDS_MAX = 30;

/**
 * What the first bytes of a file say it is. Whatever is not in this list never reaches a decoder: SVG can name other
 * files, PDF and the camera formats are programs of their own.
 */
const SIGNATURES: readonly { readonly bytes: string; readonly at: number }[] = [
  { bytes: "ffd8ff", at: 0 }, // JPEG
  { bytes: "89504e470d0a1a0a", at: 0 }, // PNG
  { bytes: "47494638", at: 0 }, // GIF8
  { bytes: "57454250", at: 8 }, // WEBP, inside RIFF
  { bytes: "6674797061766966", at: 4 }, // ftypavif
  { bytes: "49492a00", at: 0 }, // TIFF, little-endian
  { bytes: "4d4d002a", at: 0 }, // TIFF, big-endian
];

function looksLikeAPhoto(bytes: Buffer): boolean {
  return SIGNATURES.some((signature) => {
    const expected = Buffer.from(signature.bytes, "hex");
    return bytes.subarray(signature.at, signature.at + expected.length).equals(expected);
  });
}

const million = (count: number): string => (count / 1e6).toLocaleString("en", { maximumFractionDigits: 0 });

/** Refuses by what the header claims, before a single pixel is decoded. */
function assertSize({ width, height }: Metadata): void {
  if (width * height > PIXELS_MAX)
    throw new Unusable(
      `The photo has ${million(width * height)} million pixels (${width} × ${height}); at most ${million(PIXELS_MAX)} million are accepted.`,
    );
  if (Math.min(width, height) < SIDE_MIN)
    throw new Unusable(`The photo is only ${width} × ${height} pixels; each side needs at least ${SIDE_MIN}.`);
}

/** The decoder's words, made one sentence for a person. They name no file of ours: we hand it bytes. */
function asUnusable(failure: unknown): Unusable {
  if (failure instanceof Unusable) return failure;
  const text = failure instanceof Error ? failure.message : String(failure);
  if (/timeout/i.test(text)) return new Unusable(`The photo took more than ${DECODE_SECONDS_MAX} seconds to decode.`);
  if (/pixel limit/i.test(text)) return new Unusable(`The photo has more than ${million(PIXELS_MAX)} million pixels.`);
  return new Unusable("The file is damaged or incomplete and cannot be decoded. Please export or upload it again.");
}

/**
 * Decodes an uploaded file, turns it upright and brings it to sRGB and to the size of results.
 * @throws {Unusable} for anything that is not a whole photo of reasonable size.
 */
export async function openPhoto(bytes: Buffer): Promise<Picture> {
  if (bytes.length === 0) throw new Unusable("The file is empty.");
  if (!looksLikeAPhoto(bytes)) throw new Unusable("This is not a photo. Accepted are JPEG, PNG, WebP, AVIF, GIF and TIFF files.");
  // A photo that is cut short is refused; one whose camera wrote odd but harmless headers is not.
  const careful = { limitInputPixels: PIXELS_MAX, failOn: "error", sequentialRead: true, pages: 1 } as const;
  try {
    assertSize(await sharp(bytes, { ...careful, limitInputPixels: false }).metadata());
    const upright = sharp(bytes, careful).autoOrient().flatten({ background: "white" }).timeout({ seconds: DECODE_SECONDS_MAX });
    return await pictureOf(upright.resize(RESULT_SIDE_MAX, RESULT_SIDE_MAX, { fit: "inside", withoutEnlargement: true }));
  } catch (failure) {
    throw asUnusable(failure);
  }
}
