const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
/** Numbers of so many digits are exact. */
const DIGITS_MAX = 15;
/** So many fit into an integer of the processor. */
const WHOLE_DIGITS_MAX = 9;
/** And so are these, so that one division or multiplication rounds as it must (Clinger, "How to read floating point numbers accurately"). */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The number that is written there, as JSON.parse reads it. Those that people write are read without making a text of
 * them: a message may have a hundred thousand.
 * @param codes from `start` to `end` a number of JSON's grammar.
 * @returns undefined where the platform has to read it: there are too many digits, or the exponent is too large.
 */
export function decimal(codes: Uint16Array, start: number, end: number): number | undefined {
  return end - start > WHOLE_DIGITS_MAX ? exactly(codes, start, end) : (whole(codes, start, end) ?? exactly(codes, start, end));
}

/** A number of digits alone, which most are. */
function whole(codes: Uint16Array, start: number, end: number): number | undefined {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (codes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function exactly(codes: Uint16Array, start: number, end: number): number | undefined {
  let at = start;
  const isNegative = codes[at] === MINUS;
  if (isNegative) at += 1;
  let digits = 0;
  let mantissa = 0;
  let exponent = 0;
  let isFraction = false;
  for (; at < end; at += 1) {
    const code = codes[at] ?? 0;
    if (code === DOT) {
      isFraction = true;
      continue;
    }
    if (code < ZERO || code > ZERO + 9) break;
    mantissa = mantissa * 10 + code - ZERO;
    if (mantissa > 0) digits += 1;
    if (isFraction) exponent -= 1;
  }
  if (at < end) exponent += exponentAt(codes, at + 1, end);
  if (mantissa === 0) return isNegative ? -0 : 0;
  const power = POWERS[Math.abs(exponent)];
  if (digits > DIGITS_MAX || power === undefined) return undefined;
  const value = exponent < 0 ? mantissa / power : mantissa * power;
  return isNegative ? -value : value;
}

function exponentAt(codes: Uint16Array, from: number, end: number): number {
  const sign = codes[from];
  let exponent = 0;
  for (let at = sign === MINUS || sign === PLUS ? from + 1 : from; at < end; at += 1) exponent = exponent * 10 + (codes[at] ?? ZERO) - ZERO;
  return sign === MINUS ? -exponent : exponent;
}
