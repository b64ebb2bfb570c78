import { KIB } from "../../../kernel/units.ts";
import { decimal, WHOLE_DIGITS_MAX } from "./json-number.ts";

/** What begins at a place in `nodes`, in its three lowest bits. */
export const OBJECT = 0;
export const ARRAY = 1;
export const STRING = 2;
export const KEY = 3;
/** A key with dots. */
export const PATH = 4;
export const NUMBER = 5;
/** A whole number of few digits, which most are: it stands in the node, for all who ask. */
export const WHOLE = 6;
/** True, false or null, by the bits above. */
export const WORD = 7;

/** Below the bits in which a node says where something stands, how large it is, or which of the words it is. */
export const KIND = 7;
export const KIND_BITS = 3;
export const NULL = 0;
const FALSE = 1;
export const TRUE = 2;

/** Deeper ones are refused; as deep as the parser goes that AWS uses. */
const DEPTH_MAX = 1000;
/** What was needed for a longer text is let go of again. */
const CODES_KEPT = 2 * 256 * KIB + 1;
/** Below so many, characters are copied faster one by one. */
const COPIED_TOGETHER_MIN = 64;
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const COMMA = 0x2c;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const SMALL_E = 0x65;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Reads a JSON text (RFC 8259) once, from its beginning to its end, and keeps where everything stands instead of a tree, in
 * nodes of one number or two, whose lowest bits are their kind and those above:
 *
 *     object, array   where the nodes end that are within, and these nodes
 *     key             where its characters begin · where they end; its value follows
 *     text            where its characters begin · where they end
 *     whole number    the number
 *     other number    where its characters begin
 *     word            which it is
 *
 * Whoever looks for a few keys so passes the rest of a text in steps as large as its objects, and many can look.
 */
export class JsonReader {
  /** The characters of the text, and behind them those of strings with escapes as they are meant. */
  codes = new Uint16Array(0);
  nodes = new Int32Array(0);
  #bytes = Buffer.alloc(0);
  #text = "";
  #isJson = false;
  /** Where the next string with escapes is put. */
  #decoded = 0;
  /** Behind the nodes of an array's numbers, which are read in one go. */
  #next = 0;
  readonly #open = new Int32Array(DEPTH_MAX + 1);

  /** The one that was read last. */
  get text(): string {
    return this.#text;
  }

  /** @returns whether the text is what JSON.parse takes, and no deeper than a thousand levels; the first node is then the whole of it. */
  read(text: string): boolean {
    if (text === this.#text) return this.#isJson;
    this.write(text);
    // No node is longer than the characters for which it stands, with what ends them.
    const room = text.length + 2;
    if (this.nodes.length < room) this.nodes = new Int32Array(room);
    this.#text = text;
    return (this.#isJson = this.#readAll());
  }

  /** Puts the characters of a text into `codes`. */
  write(text: string): void {
    const { length } = text;
    const room = 2 * length + 1;
    if (this.codes.length > CODES_KEPT) {
      this.codes = new Uint16Array(0);
      this.nodes = new Int32Array(0);
    }
    if (this.codes.length < room) {
      this.codes = new Uint16Array(Math.max(room, Math.min(2 * this.codes.length, CODES_KEPT)));
      this.#bytes = Buffer.from(this.codes.buffer);
    }
    const { codes } = this;
    if (length >= COPIED_TOGETHER_MIN && IS_LITTLE_ENDIAN) this.#bytes.write(text, 0, "utf16le");
    else for (let at = 0; at < length; at += 1) codes[at] = text.charCodeAt(at);
    codes[length] = 0; // No character that stands in JSON, so that nobody has to look for the end.
    this.#text = "";
    this.#isJson = false;
  }

  /** The number whose characters begin there, as JSON.parse reads it. */
  numberAt(start: number): number {
    return decimal(this.codes, start) ?? Number(this.#text.slice(start, passNumber(this.codes, start)));
  }

  #readAll(): boolean {
    this.#decoded = this.#text.length + 1;
    return this.#value(passSpace(this.codes, 0)) === this.#text.length;
  }

  /**
   * A value with all that is within, and the space behind it. What is common stands here, so that a hundred thousand values
   * are read without a call; what is rare is read elsewhere.
   * @returns where it ends; -1: there is none.
   */
  #value(from: number): number {
    const { codes, nodes } = this;
    const open = this.#open;
    let at = from;
    let next = 0;
    let depth = 0;
    // The innermost object or array that is open, and the bracket that closes it.
    let within = 0;
    let closing = 0;
    for (;;) {
      let code = codes[at] ?? 0;
      if (closing === CLOSE_OBJECT) {
        if (code !== QUOTE) return -1;
        const start = at + 1;
        let kind = KEY;
        at = start;
        for (code = codes[at] ?? 0; code !== QUOTE && code !== BACKSLASH && code >= SPACE; code = codes[++at] ?? 0)
          if (code === DOT) kind = PATH;
        nodes[next] = (start << KIND_BITS) | kind;
        nodes[next + 1] = at;
        at = code === QUOTE ? at + 1 : this.#escapes(next) | 0;
        if (at < 0) return -1;
        next += 2;
        if (codes[at] !== COLON) at = passSpace(codes, at) | 0;
        if (codes[at] !== COLON) return -1;
        code = codes[++at] ?? 0;
        if (code <= SPACE) code = codes[(at = passSpace(codes, at) | 0)] ?? 0;
      }
      let isLast = false;
      if (closing === CLOSE_ARRAY && code < COLON && code >= ZERO) {
        at = this.#numbers(at, next) | 0;
        next = this.#next | 0;
        if (at < 0) return -1;
        isLast = (code = codes[at] ?? 0) === CLOSE_ARRAY;
        if (code <= SPACE) code = codes[(at = passSpace(codes, at) | 0)] ?? 0;
      }
      if (code === QUOTE) {
        const start = at + 1;
        at = start;
        for (code = codes[at] ?? 0; code !== QUOTE && code !== BACKSLASH && code >= SPACE; code = codes[++at] ?? 0);
        nodes[next] = (start << KIND_BITS) | STRING;
        nodes[next + 1] = at;
        at = code === QUOTE ? at + 1 : this.#escapes(next) | 0;
        next += 2;
      } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        if (depth === DEPTH_MAX) return -1;
        open[depth++] = within;
        within = next++;
        nodes[within] = code === OPEN_OBJECT ? OBJECT : ARRAY;
        closing = code + 2; // It stands two places behind the opening one.
        if ((codes[++at] ?? 0) <= SPACE) at = passSpace(codes, at) | 0;
        if (codes[at] !== closing) continue;
      } else if (!isLast) {
        at = (code < COLON ? this.#number(at, next) : this.#word(at, next)) | 0;
        next += 1;
      }
      if (at < 0) return -1;
      for (; ; at += 1) {
        code = codes[at] ?? 0;
        if (code <= SPACE) code = codes[(at = passSpace(codes, at) | 0)] ?? 0;
        if (depth === 0) return at;
        if (code !== closing) break;
        nodes[within] = (nodes[within] ?? 0) | (next << KIND_BITS);
        within = open[--depth] ?? 0;
        closing = (nodes[within] ?? 0) === OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
      }
      if (code !== COMMA) return -1;
      if ((codes[++at] ?? 0) <= SPACE) at = passSpace(codes, at) | 0;
    }
  }

  /**
   * The rest of a text or key with escapes, whose node says that it ends at its first backslash, or at what no text has: it
   * is put behind all as it is meant. @returns where it ends, behind its quote; -1: it does not.
   */
  #escapes(node: number): number {
    const { codes, nodes } = this;
    const kind = (nodes[node] ?? 0) & KIND;
    const start = (nodes[node] ?? 0) >> KIND_BITS;
    const from = this.#decoded;
    let at = nodes[node + 1] ?? 0;
    let put = from + at - start;
    codes.copyWithin(from, start, at);
    for (let code = codes[at] ?? 0; code !== QUOTE; code = codes[++at] ?? 0) {
      if (code < SPACE) return -1;
      if (code === BACKSLASH) {
        code = escaped(codes, at + 1);
        if (code < 0) return -1;
        at += codes[at + 1] === UNICODE ? 5 : 1;
      }
      codes[put++] = code;
    }
    this.#decoded = put;
    nodes[node] = (from << KIND_BITS) | (kind === KEY && codes.subarray(from, put).includes(DOT) ? PATH : kind);
    nodes[node + 1] = put;
    return at + 1;
  }

  /**
   * Elements of an array that are numbers, with a comma behind each or the bracket behind the last.
   * @returns where that stands, or where another element begins, whose node is `#next`; -1: there is none.
   */
  #numbers(from: number, node: number): number {
    const { codes, nodes } = this;
    let at = from;
    let next = node;
    for (;;) {
      let value = (codes[at] ?? 0) - ZERO;
      let end = at + 1;
      let digit = (codes[end] ?? 0) - ZERO;
      if (value === CLOSE_ARRAY - ZERO) return -1;
      if (value < 0 || value > 9) break;
      if (value > 0) for (; digit >= 0 && digit <= 9; digit = (codes[++end] ?? 0) - ZERO) value = (Math.imul(value, 10) + digit) | 0;
      let held = (value << KIND_BITS) | WHOLE;
      let behind = digit + ZERO;
      if ((behind !== COMMA && behind !== CLOSE_ARRAY) || end - at > WHOLE_DIGITS_MAX) {
        held = (at << KIND_BITS) | NUMBER;
        end = passFraction(codes, end);
        if (end < 0) break;
        behind = codes[end] ?? 0;
        if (behind !== COMMA && behind !== CLOSE_ARRAY) break;
      }
      nodes[next++] = held;
      at = end;
      if (behind === CLOSE_ARRAY) break;
      at += 1;
    }
    this.#next = next;
    return at;
  }

  /** @returns where it ends; -1: it is none. */
  #number(from: number, node: number): number {
    const { codes } = this;
    const isNegative = codes[from] === MINUS;
    const first = isNegative ? from + 1 : from;
    let at = first;
    let value = 0;
    for (let digit = (codes[at] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (codes[++at] ?? 0) - ZERO)
      value = (Math.imul(value, 10) + digit) | 0;
    const digits = at - first;
    if (digits === 0 || (digits > 1 && codes[first] === ZERO)) return -1;
    const code = codes[at] ?? 0;
    if (digits > WHOLE_DIGITS_MAX || code === DOT || (code | 0x20) === SMALL_E || (isNegative && value === 0)) {
      this.nodes[node] = (from << KIND_BITS) | NUMBER;
      return passFraction(codes, at);
    }
    this.nodes[node] = ((isNegative ? -value : value) << KIND_BITS) | WHOLE;
    return at;
  }

  #word(at: number, node: number): number {
    const { codes } = this;
    const first = codes[at];
    const word = first === 0x74 ? TRUE : first === 0x66 ? FALSE : NULL;
    this.nodes[node] = (word << KIND_BITS) | WORD;
    return passWord(codes, at, word === TRUE ? "true" : word === FALSE ? "false" : "null");
  }
}

function passSpace(codes: Uint16Array, from: number): number {
  let at = from;
  for (let code = codes[at] ?? 0; code <= SPACE; code = codes[++at] ?? 0)
    if (code !== SPACE && code !== 10 && code !== 13 && code !== 9) break;
  return at;
}

function passWord(codes: Uint16Array, at: number, word: string): number {
  for (let index = 0; index < word.length; index += 1) if (codes[at + index] !== word.charCodeAt(index)) return -1;
  return at + word.length;
}

function passNumber(codes: Uint16Array, from: number): number {
  return passFraction(codes, passDigits(codes, codes[from] === MINUS ? from + 1 : from));
}

/** What follows the whole digits of a number. @returns where it ends; -1: what follows is no part of a number. */
function passFraction(codes: Uint16Array, from: number): number {
  let at = from;
  if (codes[at] === DOT) {
    const fraction = at + 1;
    at = passDigits(codes, fraction);
    if (at === fraction) return -1;
  }
  if (((codes[at] ?? 0) | 0x20) === SMALL_E) {
    const sign = codes[at + 1];
    const exponent = at + (sign === PLUS || sign === MINUS ? 2 : 1);
    at = passDigits(codes, exponent);
    if (at === exponent) return -1;
  }
  return at;
}

function passDigits(codes: Uint16Array, from: number): number {
  let at = from;
  for (let code = codes[at] ?? 0; code >= ZERO && code <= ZERO + 9; code = codes[++at] ?? 0);
  return at;
}

const UNICODE = 0x75;
/** What the characters behind a backslash mean, by their codes; 0: there is no such escape, or it is that of a code. */
const MEANT = new Uint8Array(128);
for (const [character, meant] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"])
  MEANT[(character ?? "").charCodeAt(0)] = (meant ?? "").charCodeAt(0);

/** The character that is meant by an escape, whose backslash stands before `at`; -1: it is none. */
function escaped(codes: Uint16Array, at: number): number {
  const code = codes[at] ?? 0;
  if (code !== UNICODE) return MEANT[code] || -1;
  let meant = 0;
  for (let index = at + 1; index < at + 5; index += 1) {
    const digit = hexDigit(codes[index] ?? 0);
    if (digit < 0) return -1;
    meant = meant * 16 + digit;
  }
  return meant;
}

/** -1: it is none. */
export function hexDigit(code: number): number {
  if (code >= ZERO && code <= ZERO + 9) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
