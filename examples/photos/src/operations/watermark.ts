import { lettering } from "./lettering.ts";
import { edit, pictureOf } from "./picture.ts";
import type { Picture } from "./picture.ts";

/** Height of a letter as a part of the photo's shorter side, and how much of the width the line may fill. */
const LETTER_PART = 0.035;
const LINE_PART_MAX = 0.9;
const MARGIN_PART = 0.035;
/** Smaller letters cannot be read. */
const LETTER_HEIGHT_MIN = 5;
const STROKE_UNITS = 0.75;
const OPACITY = 0.82;

const fixed = (value: number): string => value.toFixed(3);

/** White strokes with a soft dark edge, so that the line can be read on snow and at night. Only paths of ours go into the SVG. */
function drawing(text: string, { width, height }: Picture): string {
  const line = lettering(text);
  const side = Math.min(width, height);
  const wanted = Math.max(LETTER_HEIGHT_MIN, side * LETTER_PART) / line.height;
  const scale = Math.min(wanted, (width * LINE_PART_MAX) / Math.max(1, line.width));
  const margin = side * MARGIN_PART;
  const left = Math.max(width * (1 - LINE_PART_MAX) * 0.5, width - margin - line.width * scale);
  const top = Math.max(0, height - margin - line.height * scale);
  const paths = line.strokes.map((stroke) => `<path transform="translate(${fixed(stroke.x)} 0)" d="${stroke.path}"/>`).join("");
  const stroke = (colour: string, units: number, opacity: number) =>
    `<g fill="none" stroke="${colour}" stroke-width="${units}" stroke-linecap="round" stroke-linejoin="round" opacity="${opacity}">${paths}</g>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<g transform="translate(${fixed(left)} ${fixed(top)}) scale(${fixed(scale)})">` +
    `${stroke("#000", STROKE_UNITS + 0.9, 0.4)}${stroke("#fff", STROKE_UNITS, OPACITY)}</g></svg>`
  );
}

export function watermark(picture: Picture, text: string): Promise<Picture> {
  return pictureOf(edit(picture).composite([{ input: Buffer.from(drawing(text, picture)) }]));
}
