import { assert, unreachable } from "../kernel/assert.ts";
import type { BlobShape, BooleanShape, NumberShape, Shape, StringShape, TimestampShape } from "./shapes.ts";
import { wrongType } from "./wire-error.ts";

/** A shape whose value is one piece of text in Query parameters, XML and headers. */
export type ScalarShape = StringShape | NumberShape | BooleanShape | BlobShape | TimestampShape;

export function isScalar(shape: Shape): shape is ScalarShape {
  return shape.kind !== "list" && shape.kind !== "map" && shape.kind !== "structure" && shape.kind !== "stream";
}

/** @returns a function that reads the text of such a value. @throws {WireError} from that function, when the text is something else. */
export function scalarReader(shape: ScalarShape): (text: string) => unknown {
  switch (shape.kind) {
    case "string":
      return (text) => text;
    case "integer":
    case "long":
      return integerReader(shape.kind);
    case "double":
      return (text) => parseDouble(text);
    case "boolean":
      return (text) => parseBoolean(text);
    case "blob":
      return (text) => parseBase64(text.trim());
    case "timestamp":
      return timestampReader(shape.format);
    default:
      return unreachable(shape);
  }
}

export interface ScalarStyle {
  /** S3 knows whole seconds only, yet writes `.000` after them. */
  readonly wholeSeconds?: boolean;
}

/** @returns a function that writes such a value as text, not yet escaped for where it will stand. */
export function scalarWriter(shape: ScalarShape, style: ScalarStyle = {}): (value: unknown) => string {
  switch (shape.kind) {
    case "string":
    case "boolean":
    case "integer":
    case "long":
    case "double":
      return String;
    case "blob":
      return (value) => base64Of(value as Uint8Array);
    case "timestamp":
      return timestampWriter(shape.format, style.wholeSeconds ?? false);
    default:
      return unreachable(shape);
  }
}

const INTEGER_MIN = -(2 ** 31);
const INTEGER_MAX = 2 ** 31 - 1;

/** Whether a number fits its shape: 32 bits signed, or what a number can hold exactly. */
export function fitsInteger(kind: "integer" | "long", value: number): boolean {
  return kind === "integer" ? Number.isInteger(value) && value >= INTEGER_MIN && value <= INTEGER_MAX : Number.isSafeInteger(value);
}

export const INTEGER_NAMES = { integer: "an integer of 32 bits", long: "an integer" } as const;

function integerReader(kind: "integer" | "long"): (text: string) => number {
  return (text) => {
    const trimmed = text.trim();
    const value = /^[+-]?[0-9]{1,19}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
    if (!fitsInteger(kind, value)) throw wrongType(INTEGER_NAMES[kind], text);
    // There is no negative zero on the wire.
    return value === 0 ? 0 : value;
  };
}

function parseDouble(text: string): number {
  const trimmed = text.trim();
  if (trimmed === "NaN" || trimmed === "Infinity" || trimmed === "-Infinity") return Number(trimmed);
  if (!/^[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?$/.test(trimmed)) throw wrongType("a number", text);
  return Number(trimmed);
}

function parseBoolean(text: string): boolean {
  const lower = text.trim().toLowerCase();
  if (lower !== "true" && lower !== "false") throw wrongType("true or false", text);
  return lower === "true";
}

/** Strict, because Node skips what is not base64 and would take other bytes than were meant. */
export function parseBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw wrongType("base64", text);
  return Buffer.from(text, "base64");
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

const ISO_8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;
/** The three forms that HTTP allows (RFC 9110, 5.6.7): IMF-fixdate, RFC 850, asctime. */
const HTTP_DATE =
  /^(?:[A-Z][a-z]{2,8}, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;
const ASCTIME = /\d{4}$/;

function timestampReader(format: TimestampShape["format"]): (text: string) => number {
  const read = { iso8601: parseIso8601, httpDate: parseHttpDate, epochSeconds: parseEpochSeconds }[format];
  const expected = { iso8601: "a time such as 2026-01-31T12:00:00Z", httpDate: "an HTTP date", epochSeconds: "seconds since 1970" }[format];
  return (text) => {
    const epochMs = read(text.trim());
    if (Number.isNaN(epochMs)) throw wrongType(expected, text);
    return epochMs;
  };
}

function parseIso8601(text: string): number {
  return ISO_8601.test(text) ? Date.parse(text) : Number.NaN;
}

function parseHttpDate(text: string): number {
  if (!HTTP_DATE.test(text)) return Number.NaN;
  // asctime names no zone and means UTC; Date.parse would take the machine's own.
  return Date.parse(ASCTIME.test(text) ? `${text} GMT` : text);
}

function parseEpochSeconds(text: string): number {
  return /^-?[0-9]{1,11}(?:\.[0-9]{1,9})?$/.test(text) ? secondsToMs(Number(text)) : Number.NaN;
}

export function secondsToMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** The farthest that a `Date` reaches: 100 million days from 1970. */
const EPOCH_MS_MAX = 8.64e15;

function timestampWriter(format: TimestampShape["format"], wholeSeconds: boolean): (value: unknown) => string {
  const checked = (value: unknown) => {
    assert(typeof value === "number" && Math.abs(value) <= EPOCH_MS_MAX, "a timestamp is epoch milliseconds");
    return wholeSeconds ? Math.floor(value / 1000) * 1000 : value;
  };
  switch (format) {
    case "iso8601":
      return (value) => new Date(checked(value)).toISOString();
    case "httpDate":
      return (value) => new Date(checked(value)).toUTCString();
    case "epochSeconds":
      return (value) => String(checked(value) / 1000);
    default:
      return unreachable(format);
  }
}
