import { readFile } from "node:fs/promises";
import { CHANNELS } from "./picture.ts";
import type { Picture } from "./picture.ts";
import { openPhoto } from "./check.ts";
import type { Frame } from "./crop.ts";

/** One of the photographs that come with the example. */
export async function bundled(name: string): Promise<Picture> {
  return await openPhoto(await bundledFile(name));
}

export function bundledFile(name: string): Promise<Buffer> {
  return readFile(new URL(`../../photos/${name}.jpg`, import.meta.url));
}

/** Red, green and blue of a pixel. */
export function pixel({ data, width }: Picture, x: number, y: number): [number, number, number] {
  const at = (y * width + x) * CHANNELS;
  return [data[at]!, data[at + 1]!, data[at + 2]!];
}

/** The mean of a measure over a rectangle, or over the whole picture. */
export function mean(picture: Picture, measure: (red: number, green: number, blue: number) => number, frame?: Frame): number {
  const { left, top, width, height } = frame ?? { left: 0, top: 0, width: picture.width, height: picture.height };
  let sum = 0;
  for (let y = top; y < top + height; y += 1) for (let x = left; x < left + width; x += 1) sum += measure(...pixel(picture, x, y));
  return sum / (width * height);
}

/** How many pixels differ outside the rectangle, and inside it. */
export function changes(before: Picture, after: Picture, frame: Frame): { inside: number; outside: number } {
  const counts = { inside: 0, outside: 0 };
  for (let y = 0; y < before.height; y += 1) {
    for (let x = 0; x < before.width; x += 1) {
      if (pixel(before, x, y).every((value, channel) => value === pixel(after, x, y)[channel])) continue;
      const isInside = x >= frame.left && x < frame.left + frame.width && y >= frame.top && y < frame.top + frame.height;
      counts[isInside ? "inside" : "outside"] += 1;
    }
  }
  return counts;
}
