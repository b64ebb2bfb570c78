import { isUtf8 } from "node:buffer";
import { malformed } from "./wire-error.ts";

/** Nesting beyond this is refused before it is parsed: a hundred thousand brackets cost more than they could ever mean. */
export const JSON_DEPTH_MAX = 64;

/** @returns the value of a body; an empty body is an empty structure. @throws {WireError} when it is not JSON in UTF-8, or too deep. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  // Otherwise each wrong byte would silently become a replacement character in somebody's message.
  if (!isUtf8(bytes)) throw malformed("the body is not UTF-8");
  const text = (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString("utf8");
  if (mayBeDeep(text) && isDeep(text)) throw malformed(`the body is nested deeper than ${JSON_DEPTH_MAX}`);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("the body is not JSON");
  }
}

/** A body with few opening brackets, wherever they stand, cannot be deep; counting them costs next to nothing. */
function mayBeDeep(text: string): boolean {
  let openings = 0;
  for (const bracket of ["[", "{"]) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      openings += 1;
      if (openings > JSON_DEPTH_MAX) return true;
    }
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > JSON_DEPTH_MAX) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}
