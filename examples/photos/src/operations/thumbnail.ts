import sharp from "sharp";
import { edit, pictureOf } from "./picture.ts";
import type { Picture } from "./picture.ts";

export const THUMBNAIL_SIDE = 320;

/** A square around what matters. A photo smaller than that is enlarged, so that a page of thumbnails stays even. */
export function thumbnail(picture: Picture): Promise<Picture> {
  return pictureOf(edit(picture).resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: "cover", position: sharp.strategy.attention }));
}
