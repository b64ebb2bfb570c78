import { edit, pictureOf } from "./picture.ts";
import type { Picture } from "./picture.ts";

/** Percentiles of brightness that become black and white: a few stray pixels do not hold the whole photo back. */
const BLACK_PERCENTILE = 0.5;
const WHITE_PERCENTILE = 99.5;

/** Contrast around the middle grey. More than this is seen as an effect and not as a better photo. */
const CONTRAST = 1.06;
const MIDDLE_GREY = 128;

/** Sharpens edges of about a pixel; flat areas, where noise lives, hardly at all. */
const SHARPEN = { sigma: 0.9, m1: 0.3, m2: 1.8 };

export function enhance(picture: Picture): Promise<Picture> {
  const image = edit(picture)
    .normalise({ lower: BLACK_PERCENTILE, upper: WHITE_PERCENTILE })
    .linear(CONTRAST, MIDDLE_GREY * (1 - CONTRAST))
    .modulate({ saturation: 1.05 })
    .sharpen(SHARPEN);
  return pictureOf(image);
}
