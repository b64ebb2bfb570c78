import sharp from "sharp";
import { labOf } from "./lab.ts";
import { CHANNELS, edit, pictureOf } from "./picture.ts";
import type { Picture } from "./picture.ts";
import { soften } from "./region.ts";

/** The subject is looked for in a small copy: what cannot be seen there is not the subject. */
const SEARCH_SIDE = 256;
/** A line of pixels at the rim is left out: a frame around a photo is not its subject. */
const RIM = 3;
/** How far from the middle, and from the point of attention, a pixel still counts: as parts of the photo's sides. */
const MIDDLE_REACH = 0.35;
const ATTENTION_REACH = 0.15;
const ATTENTION_WEIGHT = 2;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Where the subject is, in pixels of the picture: the centre of gravity of what stands out. A pixel stands out by a colour unlike the
 * photo's mean (frequency-tuned saliency: Achanta and others, CVPR 2009), by detail, since what is meant is in focus, and by
 * being near the point that libvips calls attention, where skin and strong colours meet; and nearer the middle more than at the rim.
 */
export async function subjectOf(picture: Picture): Promise<Point> {
  const small = await pictureOf(edit(picture).resize(SEARCH_SIDE, SEARCH_SIDE, { fit: "inside" }));
  const attention = await attentionOf(small);
  const { colour, detail } = cuesOf(small);
  const { width, height } = small;
  let [x, y, sum] = [0, 0, 0];
  for (const [at, distinct] of colour.entries()) {
    const here = { x: (at % width) / width, y: Math.floor(at / width) / height };
    const cues =
      distinct +
      (detail[at] ?? 0) +
      ATTENTION_WEIGHT * nearness(here, { x: attention.x / width, y: attention.y / height }, ATTENTION_REACH);
    // Squared: what stands out twice as much weighs four times, so that a large calm area does not outweigh a small subject.
    const weight = (cues * nearness(here, { x: 0.5, y: 0.5 }, MIDDLE_REACH)) ** 2;
    [x, y, sum] = [x + weight * here.x, y + weight * here.y, sum + weight];
  }
  return sum === 0 ? { x: picture.width / 2, y: picture.height / 2 } : { x: (x / sum) * picture.width, y: (y / sum) * picture.height };
}

/** 1 at the point, falling off as a bell. */
function nearness(here: Point, there: Point, reach: number): number {
  return Math.exp(-(((here.x - there.x) / reach) ** 2 + ((here.y - there.y) / reach) ** 2) / 2);
}

async function attentionOf({ data, width, height }: Picture): Promise<Point> {
  // The search runs only where something is to be cut away: half the width does.
  const { info } = await sharp(data, { raw: { width, height, channels: CHANNELS } })
    .resize(Math.max(1, Math.floor(width / 2)), height, { fit: "cover", position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { attentionX = width / 2, attentionY = height / 2 } = info;
  return { x: attentionX, y: attentionY };
}

/** For each pixel, how unlike the mean its colour is and how much detail is around it; each with a mean of about 1. */
function cuesOf(small: Picture): { colour: Float32Array; detail: Float32Array } {
  const { width, height, data } = small;
  const labs = Array.from({ length: width * height }, (_, at) => labOf(data[3 * at] ?? 0, data[3 * at + 1] ?? 0, data[3 * at + 2] ?? 0));
  const axes = (["lightness", "a", "b"] as const).map((axis) => Float32Array.from(labs, (lab) => lab[axis]));
  const means = axes.map(meanOf);
  const softened = axes.map((axis) => soften(axis, small, 2));
  const lightness = (at: number) => axes[0]?.[at] ?? 0;
  const colour = new Float32Array(width * height);
  const detail = new Float32Array(width * height);
  for (let y = RIM; y < height - RIM; y += 1) {
    for (let x = RIM; x < width - RIM; x += 1) {
      const at = y * width + x;
      colour[at] = Math.hypot(...softened.map((axis, index) => (axis[at] ?? 0) - (means[index] ?? 0)));
      detail[at] = Math.abs(4 * lightness(at) - lightness(at - 1) - lightness(at + 1) - lightness(at - width) - lightness(at + width));
    }
  }
  return { colour: toMeanOne(colour), detail: toMeanOne(soften(detail, small, 5)) };
}

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function toMeanOne(values: Float32Array): Float32Array {
  const mean = meanOf(values);
  return mean === 0 ? values : values.map((value) => value / mean);
}
