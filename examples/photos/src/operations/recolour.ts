import type { Matrix3x3 } from "sharp";
import type { Operations } from "../jobs.ts";
import { edit, pictureOf } from "./picture.ts";
import type { Picture } from "./picture.ts";

type Recolour = NonNullable<Operations["recolour"]>;

/** The luminance of Rec. 709 in all three channels: grey, and still the three that every operation works on. */
const LUMINANCE: [number, number, number] = [0.2126, 0.7152, 0.0722];
const GREYSCALE: Matrix3x3 = [LUMINANCE, LUMINANCE, LUMINANCE];

/** Brown as an old print: each row makes one channel out of red, green and blue. */
const SEPIA: Matrix3x3 = [
  [0.393, 0.769, 0.189],
  [0.349, 0.686, 0.168],
  [0.272, 0.534, 0.131],
];

const VIVID = { saturation: 1.45, brightness: 1.03 };
const MUTED = { saturation: 0.55, brightness: 1.02 };

export function recolour(picture: Picture, { style, colour }: Recolour): Promise<Picture> {
  const image = edit(picture);
  switch (style) {
    case "greyscale":
      return pictureOf(image.recomb(GREYSCALE));
    case "sepia":
      return pictureOf(image.recomb(SEPIA));
    case "vivid":
      return pictureOf(image.modulate(VIVID));
    case "muted":
      return pictureOf(image.modulate(MUTED));
    case "tint":
      // The shape of the message says that a tint has its colour.
      return pictureOf(image.tint(colour ?? "#808080"));
  }
}
