import type { Scalar } from "./filter-rule.ts";

/** A string where it stands: between its quotes, or in a copy if it has escapes. */
export interface ScalarText {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Characters by their codes: comparing texts of one character takes several times as long. */
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
export const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
/** Numbers of so many digits are added up exactly. */
const EXACT_DIGITS = 15;

/**
 * Steps through a JSON text (RFC 8259) without building anything of it. Each step leaves the reader behind what it read and
 * behind the white space that follows.
 */
export class JsonReader {
  readonly text: string;
  #at = 0;
  /** Of the string that was passed last. */
  #escaped = false;
  /** One for all strings: there are many. */
  readonly #string = { text: "", start: 0, end: 0 };

  constructor(text: string) {
    this.text = text;
    this.skipSpace();
  }

  isAt(code: number): boolean {
    return this.text.charCodeAt(this.#at) === code;
  }

  isAtEnd(): boolean {
    return this.#at === this.text.length;
  }

  /** Passes one character. */
  step(): void {
    this.#at += 1;
    this.skipSpace();
  }

  /** Passes the character if it is the next one. */
  take(code: number): boolean {
    if (this.text.charCodeAt(this.#at) !== code) return false;
    this.step();
    return true;
  }

  skipSpace(): void {
    for (let code = this.text.charCodeAt(this.#at); code <= SPACE; code = this.text.charCodeAt(this.#at)) {
      if (code !== SPACE && code !== 10 && code !== 13 && code !== 9) return;
      this.#at += 1;
    }
  }

  /** A key with its colon. @param wanted false: any text stands for it. @returns undefined where there is none. */
  readKey(wanted: boolean): string | undefined {
    const start = this.#at + 1;
    if (!this.isAt(QUOTE) || !this.#passString()) return undefined;
    const key = wanted ? this.#content(start) : "";
    this.skipSpace();
    return this.take(COLON) ? key : undefined;
  }

  /**
   * A string, number, boolean or null. @param wanted false: anything stands for it.
   * @returns undefined where there is none; a string is good until the next is read.
   */
  readScalar(wanted: boolean): ScalarText | Exclude<Scalar, string> | undefined {
    const value = this.#scalar(wanted);
    this.skipSpace();
    return value;
  }

  #scalar(wanted: boolean): ScalarText | Exclude<Scalar, string> | undefined {
    const start = this.#at;
    switch (this.text.charCodeAt(start)) {
      case QUOTE:
        if (!this.#passString()) return undefined;
        return wanted ? this.#stringFrom(start + 1) : null;
      case 0x74:
        return this.#word("true") ? true : undefined;
      case 0x66:
        return this.#word("false") ? false : undefined;
      case 0x6e:
        return this.#word("null") ? null : undefined;
      default:
        return this.#number(wanted);
    }
  }

  #word(word: string): boolean {
    if (!this.text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #number(wanted: boolean): number | undefined {
    const start = this.#at;
    const negative = this.isAt(MINUS);
    if (negative) this.#at += 1;
    const first = this.#at;
    let whole = 0;
    let digit = this.text.charCodeAt(first) - ZERO;
    for (; digit >= 0 && digit <= 9; digit = this.text.charCodeAt(++this.#at) - ZERO) whole = whole * 10 + digit;
    const digits = this.#at - first;
    if (digits === 0 || (digits > 1 && this.text.charCodeAt(first) === ZERO)) return undefined;
    const fraction = this.isAt(DOT);
    if (fraction && !this.#digits(1)) return undefined;
    const exponent = (this.text.charCodeAt(this.#at) | 0x20) === 0x65;
    if (exponent) {
      const sign = this.text.charCodeAt(this.#at + 1);
      if (!this.#digits(sign === PLUS || sign === MINUS ? 2 : 1)) return undefined;
    }
    if (!wanted) return 0;
    if (fraction || exponent || digits > EXACT_DIGITS) return Number(this.text.slice(start, this.#at));
    return negative ? -whole : whole;
  }

  /** Passes so many characters and the digits behind them. False: there are none. */
  #digits(behind: number): boolean {
    const start = (this.#at += behind);
    for (let code = this.text.charCodeAt(this.#at); code >= ZERO && code <= ZERO + 9;) code = this.text.charCodeAt(++this.#at);
    return this.#at > start;
  }

  /** From the opening quote to behind the closing one. False: it is no string. */
  #passString(): boolean {
    const text = this.text;
    this.#escaped = false;
    for (;;) {
      const code = text.charCodeAt(++this.#at);
      if (code === QUOTE) {
        this.#at += 1;
        return true;
      }
      if (code === BACKSLASH) {
        this.#escaped = true;
        const length = escapeLength(text, this.#at);
        if (length === 0) return false;
        this.#at += length - 1;
      } else if (!(code >= SPACE)) return false; // A control character, or the end.
    }
  }

  #stringFrom(start: number): ScalarText {
    const string = this.#string;
    string.text = this.#escaped ? this.#content(start) : this.text;
    string.start = this.#escaped ? 0 : start;
    string.end = this.#escaped ? string.text.length : this.#at - 1;
    return string;
  }

  /** What the string that was passed last says. @param start behind its opening quote. */
  #content(start: number): string {
    const end = this.#at - 1;
    return this.#escaped ? unescaped(this.text, start, end) : this.text.slice(start, end);
  }
}

/** What may stand behind a backslash besides `u`, and what it means, in the same order. */
const ESCAPES = '"\\/bfnrt';
const MEANT = '"\\/\b\f\n\r\t';

/** 0: what stands behind the backslash is no escape. */
function escapeLength(text: string, at: number): number {
  if (text.charCodeAt(at + 1) !== 0x75) return at + 1 < text.length && ESCAPES.includes(text.charAt(at + 1)) ? 2 : 0;
  for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHex(text.charCodeAt(digit))) return 0;
  return 6;
}

function isHex(code: number): boolean {
  return (code >= ZERO && code <= ZERO + 9) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

function unescaped(text: string, start: number, end: number): string {
  let content = "";
  let from = start;
  for (let at = text.indexOf("\\", start); at >= 0 && at < end; at = text.indexOf("\\", from)) {
    const named = ESCAPES.indexOf(text.charAt(at + 1));
    content += text.slice(from, at) + (named < 0 ? String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16)) : MEANT[named]);
    from = at + (named < 0 ? 6 : 2);
  }
  return content + text.slice(from, end);
}
