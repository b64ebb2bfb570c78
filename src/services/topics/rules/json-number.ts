const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const SMALL_E = 0x65;
/** Numbers of so many digits are exact. */
const DIGITS_MAX = 15;
/** So many fit into an integer of the processor, beside three bits. */
export const WHOLE_DIGITS_MAX = 8;
/** And so are these, so that one division or multiplication rounds as it must (Clinger, "How to read floating point numbers accurately"). */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The number that is written there, as JSON.parse reads it. Those that people write are read without making a text of
 * them: a message may have a hundred thousand.
 * @param codes from `start` on a number of JSON's grammar.
 * @returns undefined where the platform has to read it: there are too many digits, or as far as we can tell it lies halfway
 * between two numbers.
 */
export function decimal(codes: Uint16Array, start: number): number | undefined {
  let at = start;
  const isNegative = codes[at] === MINUS;
  if (isNegative) at += 1;
  let digits = 0;
  let mantissa = 0;
  let exponent = 0;
  let isFraction = false;
  for (; ; at += 1) {
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
  if (((codes[at] ?? 0) | 0x20) === SMALL_E) exponent += exponentAt(codes, at + 1);
  if (mantissa === 0) return isNegative ? -0 : 0;
  if (digits > DIGITS_MAX) return undefined;
  const power = POWERS[Math.abs(exponent)];
  const value = power === undefined ? scaled(mantissa, exponent) : exponent < 0 ? mantissa / power : mantissa * power;
  return isNegative && value !== undefined ? -value : value;
}

function exponentAt(codes: Uint16Array, from: number): number {
  const sign = codes[from];
  let exponent = 0;
  let at = sign === MINUS || sign === PLUS ? from + 1 : from;
  for (let code = codes[at] ?? 0; code >= ZERO && code <= ZERO + 9; code = codes[++at] ?? 0) exponent = exponent * 10 + code - ZERO;
  return sign === MINUS ? -exponent : exponent;
}

/** Powers beyond these make infinity of any number, or nothing of so few digits. */
const POWER_MIN = -342;
const POWER_MAX = 308;
/** Of each such power, when it was first needed: 53 bits of it, at least 1 and less than 2, the next 53, and two powers of two that are missing. */
const POWER = new Float64Array(4 * (POWER_MAX - POWER_MIN + 1));
/** More than what two numbers for a power and one product leave out. */
const UNCERTAIN = 2 ** -99;
const NORMAL_MIN = 2 ** -1022;
/** Of what is written with such an exponent at the least, all is larger. */
const SUBNORMAL_MAX = -307;
const BITS = new DataView(new ArrayBuffer(8));
/** Of how many times the least number is less than one. */
const LEAST_ROOT = 2 ** 537;
/** Cuts a number into two of half as many bits (Dekker, "A floating-point technique for extending the available precision"). */
const HALVES = 2 ** 27 + 1;

/** The product with a power of ten, from twice as many bits as a number has: only rarely do these not tell how it is rounded. */
function scaled(mantissa: number, exponent: number): number | undefined {
  if (exponent > POWER_MAX) return Infinity;
  if (exponent < POWER_MIN) return 0;
  const at = 4 * (exponent - POWER_MIN);
  if (POWER[at] === 0) POWER.set(powerOfTen(exponent), at);
  const high = POWER[at] ?? 0;
  const product = mantissa * high;
  const ours = upperHalf(mantissa);
  const theirs = upperHalf(high);
  const oursBelow = mantissa - ours;
  const theirsBelow = high - theirs;
  const left = oursBelow * theirsBelow - (product - ours * theirs - oursBelow * theirs - ours * theirsBelow);
  const rest = left + mantissa * (POWER[at + 1] ?? 0);
  const value = product + (rest - product * UNCERTAIN);
  if (value !== product + (rest + product * UNCERTAIN)) return undefined;
  const twos = POWER[at + 2] ?? 0;
  const others = POWER[at + 3] ?? 0;
  if (exponent < SUBNORMAL_MAX && value * twos < NORMAL_MIN / others)
    return subnormal(product, rest, twos * LEAST_ROOT * (others * LEAST_ROOT));
  return value * twos * others;
}

/**
 * The sum as a whole multiple of the least number, which all so small numbers are, and which is their bits: the processor
 * takes many times as long to multiply with them.
 * @param scale makes such multiples of the sum.
 */
function subnormal(product: number, rest: number, scale: number): number | undefined {
  const multiple = Math.floor(product * scale);
  const aboveHalf = product * scale - multiple - 0.5 + rest * scale;
  if (Math.abs(aboveHalf) <= product * scale * UNCERTAIN) return undefined;
  const bits = aboveHalf > 0 ? multiple + 1 : multiple;
  BITS.setUint32(0, bits / 2 ** 32);
  BITS.setUint32(4, bits);
  return BITS.getFloat64(0);
}

function upperHalf(number: number): number {
  const large = number * HALVES;
  return large - (large - number);
}

/** Its first 106 bits, as `POWER` has them. */
function powerOfTen(exponent: number): number[] {
  const power = 10n ** BigInt(Math.abs(exponent));
  const length = power.toString(2).length;
  const bits = exponent < 0 ? (1n << BigInt(105 + length)) / power : (power << 106n) >> BigInt(length);
  const twos = exponent < 0 ? -length : length - 1;
  const half = twos >> 1; // A power of two for both may be too small to be a number.
  return [Number(bits >> 53n) / 2 ** 52, Number(BigInt.asUintN(53, bits)) / 2 ** 105, 2 ** half, 2 ** (twos - half)];
}
