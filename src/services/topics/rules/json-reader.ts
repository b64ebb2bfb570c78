import { KIB } from "../../../kernel/units.ts";
import { decimal, WHOLE_DIGITS_MAX } from "./json-number.ts";

/** What stands at a node, which is three numbers in `nodes`. */
export const OBJECT = 1;
export const ARRAY = 2;
/** From one character of `codes` to another, without the quotes. */
export const STRING = 3;
export const NUMBER = 4;
export const TRUE = 5;
export const FALSE = 6;
export const NULL = 7;
/** A number of up to nine digits alone, which most are: it stands in the node, for all who ask. */
export const WHOLE = 8;

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
 * Reads a JSON text (RFC 8259) once, from its beginning to its end, and keeps where everything stands instead of a tree:
 *
 *     object, array     kind · where the nodes end that are within · 0, and these nodes
 *     key               where its characters begin · where they end · 1 if there is a dot among them; its value follows
 *     whole number      kind · the number · 0
 *     any other         kind · where its characters begin · where they end
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
  /** Where the next node is put. */
  #next = 0;
  /** Where the next string with escapes is put. */
  #decoded = 0;
  readonly #open = new Int32Array(DEPTH_MAX);

  /** The one that was read last. */
  get text(): string {
    return this.#text;
  }

  /** @returns whether the text is what JSON.parse takes, and no deeper than a thousand levels; the first node is then the whole of it. */
  read(text: string): boolean {
    if (text === this.#text) return this.#isJson;
    this.write(text);
    // A node takes two characters at the least: with the comma or the bracket behind it, or with its quotes.
    const room = 3 * ((text.length >> 1) + 2);
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

  /** The number whose characters stand there, as JSON.parse reads it. */
  numberAt(start: number, end: number): number {
    return decimal(this.codes, start, end) ?? Number(this.#text.slice(start, end));
  }

  #readAll(): boolean {
    this.#next = 0;
    this.#decoded = this.#text.length + 1;
    return this.#value(passSpace(this.codes, 0)) === this.#text.length;
  }

  /** A value with all that is within, and the space behind it. @returns where it ends; -1: there is none. */
  #value(from: number): number {
    const { codes, nodes } = this;
    const open = this.#open;
    let depth = 0;
    // The innermost object or array that is open.
    let within = 0;
    let isObject = false;
    for (let at = from; ;) {
      const code = codes[at] ?? 0;
      if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        if (depth === DEPTH_MAX) return -1;
        isObject = code === OPEN_OBJECT;
        within = this.#put(isObject ? OBJECT : ARRAY, 0, 0);
        open[depth++] = within;
        at = passSpace(codes, at + 1);
        const isEmpty = codes[at] === code + 2; // The closing bracket stands two places behind the opening one.
        if (!isEmpty && isObject) at = this.#key(at);
        if (at < 0) return -1;
        if (!isEmpty) continue;
      } else {
        at = code === QUOTE ? this.#string(at) : code < COLON ? this.#number(at) : this.#word(code, at);
        if (at < 0) return -1;
        at = passSpace(codes, at);
      }
      while (depth > 0) {
        const next = codes[at];
        if (next === COMMA) {
          at = passSpace(codes, at + 1);
          if (isObject) at = this.#key(at);
          if (at < 0) return -1;
          break;
        }
        if (next !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) return -1;
        at = passSpace(codes, at + 1);
        nodes[within + 1] = this.#next;
        depth -= 1;
        within = open[depth - 1] ?? 0;
        isObject = nodes[within] === OBJECT;
      }
      if (depth === 0) return at;
    }
  }

  /** @returns where the node is put. */
  #put(first: number, second: number, third: number): number {
    const { nodes } = this;
    const next = this.#next;
    nodes[next] = first;
    nodes[next + 1] = second;
    nodes[next + 2] = third;
    this.#next = next + 3;
    return next;
  }

  /** With its colon and the space behind that. */
  #key(at: number): number {
    const { codes } = this;
    if (codes[at] !== QUOTE) return -1;
    const start = at + 1;
    let end = start;
    let dots = 0;
    let code = codes[end] ?? 0;
    for (; code !== QUOTE && code !== BACKSLASH && code >= SPACE; code = codes[++end] ?? 0) if (code === DOT) dots = 1;
    let behind = end + 1;
    if (code === QUOTE) this.#put(start, end, dots);
    else {
      const from = this.#decoded;
      behind = this.#decode(start, end);
      if (behind < 0) return -1;
      this.#put(from, this.#decoded, codes.subarray(from, this.#decoded).includes(DOT) ? 1 : 0);
    }
    const colon = passSpace(codes, behind);
    return codes[colon] === COLON ? passSpace(codes, colon + 1) : -1;
  }

  /** From the opening quote. */
  #string(at: number): number {
    const { codes } = this;
    const start = at + 1;
    let end = start;
    let code = codes[end] ?? 0;
    while (code !== QUOTE && code !== BACKSLASH && code >= SPACE) code = codes[++end] ?? 0;
    if (code === QUOTE) {
      this.#put(STRING, start, end);
      return end + 1;
    }
    const from = this.#decoded;
    const behind = this.#decode(start, end);
    if (behind < 0) return -1;
    this.#put(STRING, from, this.#decoded);
    return behind;
  }

  /**
   * The rest of a string with escapes: it is put behind the text as it is meant.
   * @param first where its first backslash stands, or what no string has. @returns where it ends, behind its quote.
   */
  #decode(start: number, first: number): number {
    const { codes } = this;
    let at = first;
    let put = this.#decoded;
    codes.copyWithin(put, start, at);
    put += at - start;
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
    return at + 1;
  }

  #number(from: number): number {
    const { codes } = this;
    let value = 0;
    let at = from;
    for (let digit = (codes[at] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (codes[++at] ?? 0) - ZERO)
      value = (Math.imul(value, 10) + digit) | 0;
    const code = codes[at] ?? 0;
    const digits = at - from;
    if (digits === 1 || (digits > 1 && digits <= WHOLE_DIGITS_MAX && codes[from] !== ZERO)) {
      if (code !== DOT && (code | 0x20) !== SMALL_E) {
        this.#put(WHOLE, value, 0);
        return at;
      }
    }
    const end = passNumber(codes, from);
    if (end >= 0) this.#put(NUMBER, from, end);
    return end;
  }

  #word(first: number, at: number): number {
    const { codes } = this;
    const kind = first === 0x74 ? TRUE : first === 0x66 ? FALSE : NULL;
    const end = passWord(codes, at, kind === TRUE ? "true" : kind === FALSE ? "false" : "null");
    if (end >= 0) this.#put(kind, at, end);
    return end;
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
  const first = codes[from] === MINUS ? from + 1 : from;
  let at = passDigits(codes, first);
  if (at === first || (codes[first] === ZERO && at - first > 1)) return -1;
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
