import type { Operations, Region } from "../jobs.ts";
import { edit, pictureOf } from "./picture.ts";
import type { Picture } from "./picture.ts";
import { subjectOf } from "./subject.ts";
import type { Point } from "./subject.ts";

type Shape = NonNullable<Operations["crop"]>["shape"];

/** Width to height. */
const ASPECT: Record<Shape, number> = { square: 1, portrait: 4 / 5, landscape: 3 / 2, wide: 16 / 9 };

/** The largest cut of a shape is often the whole photo; the subject deserves to be nearer than that. */
const ZOOM = 0.85;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in whole pixels. */
export interface Frame extends Size {
  readonly left: number;
  readonly top: number;
}

export interface FramingInput {
  readonly size: Size;
  readonly shape: Shape;
  /** Where the subject is, in pixels. */
  readonly focus: Point;
  /** Regions that somebody marked: they say better than any measure what matters, so the cut keeps them where it can. */
  readonly keep: readonly Region[];
}

/** The smallest span that holds all marked regions along one axis, in pixels. */
function spanOf(keep: readonly Region[], axis: "x" | "y", length: number): { from: number; to: number } | undefined {
  if (keep.length === 0) return undefined;
  const starts = keep.map((region) => (axis === "x" ? region.left : region.top));
  const ends = keep.map((region) => (axis === "x" ? region.left + region.width : region.top + region.height));
  return { from: Math.floor(Math.min(...starts) * length), to: Math.ceil(Math.max(...ends) * length) };
}

interface Line {
  readonly length: number;
  readonly window: number;
  readonly focus: number;
  readonly span: { from: number; to: number } | undefined;
}

/** Where a window of given length starts on a line: centred on the focus, over the span if that fits, within the line always. */
function place(line: Line): number {
  let start = line.focus - line.window / 2;
  if (line.span !== undefined) {
    if (line.span.to - line.span.from > line.window) start = (line.span.from + line.span.to - line.window) / 2;
    else start = Math.min(Math.max(start, line.span.to - line.window), line.span.from);
  }
  return Math.round(Math.min(Math.max(0, start), line.length - line.window));
}

/** The part of the photo that is kept. */
export function frameOf({ size, shape, focus, keep }: FramingInput): Frame {
  const across = spanOf(keep, "x", size.width);
  const down = spanOf(keep, "y", size.height);
  const fullWidth = Math.min(size.width, size.height * ASPECT[shape]);
  const fullHeight = fullWidth / ASPECT[shape];
  // Marked regions may ask for more room than the subject alone would get.
  const room = Math.max(
    across === undefined ? 0 : (across.to - across.from) / fullWidth,
    down === undefined ? 0 : (down.to - down.from) / fullHeight,
  );
  const zoom = Math.min(1, Math.max(ZOOM, room));
  const width = Math.max(1, Math.round(fullWidth * zoom));
  const height = Math.max(1, Math.round(fullHeight * zoom));
  return {
    left: place({ length: size.width, window: width, focus: focus.x, span: across }),
    top: place({ length: size.height, window: height, focus: focus.y, span: down }),
    width,
    height,
  };
}

/** Marked regions as fractions of the cut. What lies outside is dropped, what lies across its edge is shortened. */
export function regionsWithin(regions: readonly Region[], size: Size, frame: Frame): Region[] {
  const within = (from: number, length: number) => Math.min(Math.max(0, from / length), 1);
  return regions.flatMap((region) => {
    const left = within(region.left * size.width - frame.left, frame.width);
    const right = within((region.left + region.width) * size.width - frame.left, frame.width);
    const top = within(region.top * size.height - frame.top, frame.height);
    const bottom = within((region.top + region.height) * size.height - frame.top, frame.height);
    return right > left && bottom > top ? [{ left, top, width: right - left, height: bottom - top }] : [];
  });
}

/** @param keep the regions that other operations will work on. */
export async function crop(picture: Picture, shape: Shape, keep: readonly Region[]): Promise<{ picture: Picture; frame: Frame }> {
  const frame = frameOf({ size: picture, shape, focus: await subjectOf(picture), keep });
  return { picture: await pictureOf(edit(picture).extract(frame)), frame };
}
