import type { Region } from "../jobs.ts";
import type { Frame } from "./crop.ts";
import { labOf, rgbOf } from "./lab.ts";
import type { Lab } from "./lab.ts";
import { CHANNELS } from "./picture.ts";
import type { Picture } from "./picture.ts";
import { patchesOf, pixelsOf, rise, soften } from "./region.ts";
import type { Mask, Patch } from "./region.ts";

/** How much of the yellow is taken out, and how much of the way to white is gone: more looks painted. */
const YELLOW_REMOVED = 0.7;
const LIGHTENING = 0.3;
const LIGHTNESS_GOAL = 97;
/** The edge of a marked region fades over this part of its shorter side, so that the mark is not seen. */
const FADE_PART = 0.12;

/**
 * Whitens teeth within marked regions. Pixels outside the regions keep every bit.
 * @param regions marked on the picture, in fractions of its sides.
 */
export function whitenTeeth(picture: Picture, regions: readonly Region[]): Picture {
  const data = Buffer.from(picture.data);
  for (const region of regions) {
    const frame = pixelsOf(region, picture);
    const radius = Math.max(1, Math.round(Math.min(frame.width, frame.height) / 60));
    whiten({ data, picture, frame, mask: soften(onlyTeeth(teethIn(picture, frame), frame), frame, radius) });
  }
  return { ...picture, data };
}

/** A find weaker than this does not connect two others. */
const PATCH_FROM = 0.2;

/** Fair skin can have the colour of teeth. It reaches the edge of the region then, teeth lie in its middle behind the lips. */
function onlyTeeth(mask: Mask, frame: Frame): Mask {
  const kept = new Float32Array(mask.length);
  for (const patch of patchesOf(mask, frame, PATCH_FROM)) {
    const atEdge = patch.left === 0 || patch.top === 0 || patch.right === frame.width - 1 || patch.bottom === frame.height - 1;
    if (!atEdge || coversTheMiddle(patch, frame)) for (const at of patch.pixels) kept[at] = mask[at] ?? 0;
  }
  return kept;
}

/** True when a good part of the patch lies in the middle half of the region. */
function coversTheMiddle({ pixels }: Patch, { width, height }: Frame): boolean {
  const inMiddle = pixels.filter((at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    return Math.abs(x - width / 2) < width / 4 && Math.abs(y - height / 2) < height / 4;
  });
  return inMiddle.length > pixels.length / 5;
}

/**
 * How much a colour is that of a tooth: fairly bright, hardly red (lips and gums are), a little yellow, but not as strongly
 * coloured as skin.
 */
export function toothness({ lightness, a, b }: Lab): number {
  const bright = rise(lightness, 42, 58);
  const notRed = 1 - rise(a, 4.5, 8);
  const yellowish = rise(b, -2, 3);
  const pale = 1 - rise(b, 26, 40);
  return bright * notRed * yellowish * pale;
}

function teethIn(picture: Picture, frame: Frame): Mask {
  const mask = new Float32Array(frame.width * frame.height);
  for (let y = 0; y < frame.height; y += 1)
    for (let x = 0; x < frame.width; x += 1) mask[y * frame.width + x] = toothness(labAt(picture, frame.left + x, frame.top + y));
  return mask;
}

function labAt({ data, width }: Picture, x: number, y: number): Lab {
  const at = (y * width + x) * CHANNELS;
  return labOf(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
}

function whiten({ data, picture, frame, mask }: { data: Buffer; picture: Picture; frame: Frame; mask: Mask }): void {
  const fade = Math.max(1, Math.min(frame.width, frame.height) * FADE_PART);
  for (let y = 0; y < frame.height; y += 1) {
    for (let x = 0; x < frame.width; x += 1) {
      const edge = Math.min(x, y, frame.width - 1 - x, frame.height - 1 - y);
      const part = (mask[y * frame.width + x] ?? 0) * Math.min(1, edge / fade);
      if (part < 0.01) continue;
      const { lightness, a, b } = labAt(picture, frame.left + x, frame.top + y);
      const lighter = lightness + Math.max(0, LIGHTNESS_GOAL - lightness) * LIGHTENING * part;
      const [red, green, blue] = rgbOf({ lightness: lighter, a: a * (1 - 0.3 * part), b: b * (1 - YELLOW_REMOVED * part) });
      const at = ((frame.top + y) * picture.width + frame.left + x) * CHANNELS;
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
    }
  }
}
