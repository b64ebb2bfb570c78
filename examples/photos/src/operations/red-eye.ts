import type { Region } from "../jobs.ts";
import type { Frame } from "./crop.ts";
import { CHANNELS } from "./picture.ts";
import type { Picture } from "./picture.ts";
import { patchesOf, pixelsOf, rise, soften } from "./region.ts";
import type { Mask, Patch } from "./region.ts";

/**
 * A pupil that the flash lit is far redder than anything around it: red exceeds the larger of green and blue two to seven
 * times, and by 80 to 220 of 255. On skin and lips it is 1.3 to 1.6 times; in the shade of warm skin twice, but only by 60.
 * Between the numbers of each pair a pixel counts in part.
 */
const TIMES = { from: 1.65, to: 2 };
const EXCESS = { from: 55, to: 85 };
/** Weaker pixels do not connect two spots. */
const SPOT_FROM = 0.1;
/** A lit pupil is a disc: smaller finds are noise, longer ones folds of skin or the rim of glasses, ragged ones hair. */
const SPOT_PIXELS_MIN = 4;
const SPOT_ELONGATION_MAX = 2.5;
const SPOT_FILL_MIN = 0.45;
/** The redness of a pupil ends at its rim, that of skin goes on: around a pupil it is on average less than half. */
const RING_REDNESS_MAX = 0.5;

/** A pupil is dark: the red is not only taken out, the rest is lowered too. */
const PUPIL_BRIGHTNESS = 0.8;

/**
 * Takes the flash's red out of pupils within marked regions. Pixels outside the regions keep every bit.
 * @param regions marked on the picture, in fractions of its sides.
 */
export function reduceRedEye(picture: Picture, regions: readonly Region[]): Picture {
  const data = Buffer.from(picture.data);
  for (const region of regions) {
    const frame = pixelsOf(region, picture);
    const excess = excessOf(picture, frame);
    const spots = onlyPupils(rednessOf(picture, frame, excess), excess, frame);
    // The rim of a pupil is a mixture of red and iris; the mask must reach a little over it.
    const reach = Math.max(1, Math.round(Math.sqrt(pixelsIn(spots)) / 10));
    recolourPupils({ data, picture, frame, mask: widen(spots, frame, reach) });
  }
  return { ...picture, data };
}

/** By how much red exceeds the larger of green and blue; 0 where it does not. */
function excessOf({ data, width }: Picture, frame: Frame): Mask {
  const excess = new Float32Array(frame.width * frame.height);
  for (let y = 0; y < frame.height; y += 1) {
    for (let x = 0; x < frame.width; x += 1) {
      const at = ((frame.top + y) * width + frame.left + x) * CHANNELS;
      excess[y * frame.width + x] = Math.max(0, (data[at] ?? 0) - Math.max(data[at + 1] ?? 0, data[at + 2] ?? 0));
    }
  }
  return excess;
}

function rednessOf({ data, width }: Picture, frame: Frame, excess: Mask): Mask {
  return excess.map((over, index) => {
    const red = data[((frame.top + Math.floor(index / frame.width)) * width + frame.left + (index % frame.width)) * CHANNELS] ?? 0;
    return rise(red / Math.max(1, red - over), TIMES.from, TIMES.to) * rise(over, EXCESS.from, EXCESS.to);
  });
}

/** Keeps the connected finds that have the size, the shape and the surroundings of a pupil. */
function onlyPupils(mask: Mask, excess: Mask, frame: Frame): Mask {
  const kept = new Float32Array(mask.length);
  const discs = patchesOf(mask, frame, SPOT_FROM).filter(isDisc);
  for (const disc of discs) if (standsOut(disc, excess, frame)) for (const at of disc.pixels) kept[at] = mask[at] ?? 0;
  return kept;
}

function isDisc({ pixels, left, right, top, bottom }: Patch): boolean {
  const [width, height] = [right - left + 1, bottom - top + 1];
  const isRound = Math.max(width, height) <= SPOT_ELONGATION_MAX * Math.min(width, height);
  return pixels.length >= SPOT_PIXELS_MIN && isRound && pixels.length >= SPOT_FILL_MIN * width * height;
}

/** Compares a find with what lies around it, as far as half its size away. A region marked around nothing but the pupil has nothing to compare. */
function standsOut({ pixels, left, right, top, bottom }: Patch, excess: Mask, frame: Frame): boolean {
  const own = new Set(pixels);
  const reach = Math.max(2, Math.round(Math.max(right - left, bottom - top) / 2));
  let [sum, count] = [0, 0];
  for (let y = Math.max(0, top - reach); y <= Math.min(frame.height - 1, bottom + reach); y += 1) {
    for (let x = Math.max(0, left - reach); x <= Math.min(frame.width - 1, right + reach); x += 1) {
      const at = y * frame.width + x;
      if (own.has(at)) continue;
      sum += excess[at] ?? 0;
      count += 1;
    }
  }
  const inside = pixels.reduce((total, at) => total + (excess[at] ?? 0), 0) / pixels.length;
  return count < pixels.length / 2 || sum / count < inside * RING_REDNESS_MAX;
}

const pixelsIn = (mask: Mask): number => mask.reduce((count, part) => (part > 0 ? count + 1 : count), 0);

/** Grows the mask and gives it a soft edge, without making its middle weaker. */
function widen(mask: Mask, frame: Frame, reach: number): Mask {
  const soft = soften(mask, frame, reach);
  return soft.map((part, at) => Math.min(1, Math.max(mask[at] ?? 0, part * 2.5)));
}

function recolourPupils({ data, picture, frame, mask }: { data: Buffer; picture: Picture; frame: Frame; mask: Mask }): void {
  for (const [index, part] of mask.entries()) {
    if (part === 0) continue;
    const x = frame.left + (index % frame.width);
    const y = frame.top + Math.floor(index / frame.width);
    const at = (y * picture.width + x) * CHANNELS;
    const [red, green, blue] = [picture.data[at] ?? 0, picture.data[at + 1] ?? 0, picture.data[at + 2] ?? 0];
    // The light in the eye is white: where all three channels are high, nothing is lowered.
    const others = (green + blue) / 2;
    if (red <= others) continue;
    const dimming = 1 - (1 - PUPIL_BRIGHTNESS) * part;
    data[at] = Math.round((red + (others - red) * part) * dimming);
    data[at + 1] = Math.round((green + (others - green) * part) * dimming);
    data[at + 2] = Math.round((blue + (others - blue) * part) * dimming);
  }
}
