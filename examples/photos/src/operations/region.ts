import type { Region } from "../jobs.ts";
import type { Frame, Size } from "./crop.ts";

/** A marked region in whole pixels, at least one, inside the photo. */
export function pixelsOf(region: Region, { width, height }: Size): Frame {
  const left = Math.min(width - 1, Math.max(0, Math.floor(region.left * width)));
  const top = Math.min(height - 1, Math.max(0, Math.floor(region.top * height)));
  const right = Math.min(width, Math.max(left + 1, Math.ceil((region.left + region.width) * width)));
  const bottom = Math.min(height, Math.max(top + 1, Math.ceil((region.top + region.height) * height)));
  return { left, top, width: right - left, height: bottom - top };
}

/** How much of an operation each pixel of a region gets, from 0 to 1, row after row. */
export type Mask = Float32Array;

/**
 * Softens a mask by averaging over a square, twice: what was found with a hard edge blends into its surroundings.
 * Running sums make the cost independent of the radius.
 */
export function soften(mask: Mask, size: Size, radius: number): Mask {
  let soft = mask;
  for (let pass = 0; pass < 2; pass += 1) {
    soft = averageLines(soft, { count: size.height, length: size.width, step: 1, stride: size.width, radius });
    soft = averageLines(soft, { count: size.width, length: size.height, step: size.width, stride: 1, radius });
  }
  return soft;
}

interface Lines {
  readonly count: number;
  readonly length: number;
  /** From one element of a line to the next. */
  readonly step: number;
  /** From one line to the next. */
  readonly stride: number;
  readonly radius: number;
}

function averageLines(values: Mask, { count, length, step, stride, radius }: Lines): Mask {
  const averaged = new Float32Array(values.length);
  const span = 2 * radius + 1;
  for (let line = 0; line < count; line += 1) {
    const start = line * stride;
    // Beyond the region there is nothing to change, so nothing flows in from there.
    const at = (index: number) => (index < 0 || index >= length ? 0 : (values[start + index * step] ?? 0));
    let sum = 0;
    for (let index = -radius; index <= radius; index += 1) sum += at(index);
    for (let index = 0; index < length; index += 1) {
      averaged[start + index * step] = sum / span;
      sum += at(index + radius + 1) - at(index - radius);
    }
  }
  return averaged;
}

/** 0 below `from`, 1 above `to`, and a smooth rise between. */
export function rise(value: number, from: number, to: number): number {
  const part = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return part * part * (3 - 2 * part);
}

/** A connected find: the indexes of its pixels and the rectangle around them. */
export interface Patch {
  readonly pixels: readonly number[];
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Splits what a mask marks (more than `from`) into connected patches. */
export function patchesOf(mask: Mask, size: Size, from: number): Patch[] {
  const patches: Patch[] = [];
  const seen = new Uint8Array(mask.length);
  for (let start = 0; start < mask.length; start += 1)
    if (seen[start] === 0 && (mask[start] ?? 0) > from) patches.push(patchAt({ mask, size, from, seen }, start));
  return patches;
}

/** All pixels connected with the first one, found without recursion: a region may be the whole photo. */
function patchAt({ mask, size, from, seen }: { mask: Mask; size: Size; from: number; seen: Uint8Array }, start: number): Patch {
  const pixels = [start];
  seen[start] = 1;
  let [left, right, top, bottom] = [size.width, 0, size.height, 0];
  for (let next = 0; next < pixels.length; next += 1) {
    const at = pixels[next] ?? start;
    const x = at % size.width;
    const y = Math.floor(at / size.width);
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    for (const neighbour of [at - size.width, at + size.width, x > 0 ? at - 1 : -1, x < size.width - 1 ? at + 1 : -1]) {
      if (neighbour < 0 || neighbour >= mask.length || seen[neighbour] === 1 || (mask[neighbour] ?? 0) <= from) continue;
      seen[neighbour] = 1;
      pixels.push(neighbour);
    }
  }
  return { pixels, left, right, top, bottom };
}
