import { NOTHING, type Answer, type Answers, type Bits } from "./filter-bits.ts";
import { RangeIndex } from "./filter-ranges.ts";
import { hexDigit } from "./json-reader.ts";

/** An address by its groups of 16 bits: two for IPv4, eight for IPv6. */
type Address = readonly number[];

/** The addresses of a CIDR block, from the first to the last. */
export interface AddressBlock {
  readonly low: Address;
  readonly high: Address;
}

/** Of an IPv6 address. */
const GROUP_CHARACTERS_MAX = 4;
const GROUPS_MAX = 8;
const COLON = 58;
const DOT = 46;
const ZERO = 48;
/** The longest way to write an address: six groups and an IPv4 address. */
const TEXT_LENGTH_MAX = 45;

/** @param bits of the mask; undefined: the text is no address, or has fewer bits. */
export function addressBlock(text: string, bits: number): AddressBlock | undefined {
  const read = new Uint16Array(GROUPS_MAX);
  const codes = Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  const groups = [...read.subarray(0, readAddress(codes, { start: 0, end: text.length }, read))];
  if (groups.length === 0 || bits > groups.length * 16) return undefined;
  const masks = groups.map((_, index) => (0xffff << (16 - Math.min(16, Math.max(0, bits - index * 16)))) & 0xffff);
  const low = groups.map((group, index) => group & (masks[index] ?? 0));
  return { low, high: low.map((group, index) => group | (~(masks[index] ?? 0) & 0xffff)) };
}

/** CIDR blocks that may overlap. An address is found among their ends by halving, and then by its place among them. */
export class AddressIndex {
  /** Ends, eight groups each, those of IPv4 first; these have two, and zeros behind them. */
  readonly #ends: Uint16Array;
  readonly #ofV4: number;
  readonly #ranges: RangeIndex;
  readonly #read = new Uint16Array(GROUPS_MAX);

  constructor(blocks: readonly { readonly block: AddressBlock; readonly bits: Bits }[], answers: Answers) {
    const ends = blocks.flatMap(({ block: { low, high } }) => [low, high]).sort(compare);
    this.#ends = Uint16Array.from(ends.flatMap((groups) => [...groups, ...NO_GROUPS].slice(0, GROUPS_MAX)));
    this.#ofV4 = ends.filter(({ length }) => length < GROUPS_MAX).length;
    const end = (address: Address) => {
      this.#read.set(address);
      return { at: this.#place(address.length), within: true };
    };
    this.#ranges = new RangeIndex(
      blocks.map(({ block: { low, high }, bits }) => ({ range: { low: end(low), high: end(high) }, bits })),
      answers,
    );
  }

  /** What holds for the text that stands there. Made for tens of thousands of texts in one message. */
  find(codes: Uint16Array, start: number, end: number): Answer {
    if (end - start > TEXT_LENGTH_MAX || !mayBeAddress(codes, start, end)) return NOTHING;
    const groups = readAddress(codes, { start, end }, this.#read);
    return groups === 0 ? NOTHING : this.#ranges.find(this.#place(groups));
  }

  /** The number of the first end that is the address; half less than that of the first behind it. */
  #place(groups: number): number {
    const ofV4 = this.#ofV4;
    let low = groups === GROUPS_MAX ? ofV4 : 0;
    let high = groups === GROUPS_MAX ? this.#ends.length / GROUPS_MAX : ofV4;
    const last = high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compared(middle, groups) < 0) low = middle + 1;
      else high = middle;
    }
    return low < last && this.#compared(low, groups) === 0 ? low : low - 0.5;
  }

  /** An end with the address that was read. */
  #compared(end: number, groups: number): number {
    const ends = this.#ends;
    const read = this.#read;
    for (let at = end * GROUPS_MAX, group = 0; group < groups; at += 1, group += 1) {
      const difference = (ends[at] ?? 0) - (read[group] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }
}

const NO_GROUPS = Array.from({ length: GROUPS_MAX }, () => 0);

/** Those of IPv4 come first. */
function compare(one: Address, other: Address): number {
  if (one.length !== other.length) return one.length - other.length;
  for (let at = 0; at < one.length; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The first dot or colon of an address comes early. */
function mayBeAddress(codes: Uint16Array, start: number, end: number): boolean {
  const last = Math.min(end - 1, start + GROUP_CHARACTERS_MAX);
  for (let at = start; at <= last; at += 1) if (codes[at] === DOT || codes[at] === COLON) return true;
  return false;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Puts the groups of an address there. @returns how many they are, two or eight; 0: it is none. */
function readAddress(codes: Uint16Array, { start, end }: Span, into: Uint16Array): number {
  if (end - start > TEXT_LENGTH_MAX) return 0;
  for (let at = start; at < end; at += 1) if (codes[at] === COLON) return readV6(codes, { start, end }, into);
  return readV4(codes, { start, end }, { into, group: 0 }) ? 2 : 0;
}

/** Two groups of 16 bits. Without leading zeros: some read those as octal, and then mean another address. */
function readV4(codes: Uint16Array, { start, end }: Span, { into, group }: { into: Uint16Array; group: number }): boolean {
  let at = start;
  let before = 0;
  for (let part = 0; part < 4; part += 1) {
    if (part > 0 && codes[at++] !== DOT) return false;
    const first = at;
    let number = 0;
    for (let digit = digitAt(codes, at, end); digit >= 0; digit = digitAt(codes, ++at, end)) number = number * 10 + digit;
    const digits = at - first;
    if (digits === 0 || digits > 3 || number > 255 || (digits > 1 && codes[first] === ZERO)) return false;
    if (part % 2 === 1) into[group + (part >> 1)] = before * 256 + number;
    before = number;
  }
  return at === end;
}

function digitAt(codes: Uint16Array, at: number, end: number): number {
  const digit = (codes[at] ?? 0) - ZERO;
  return at < end && digit <= 9 ? digit : -1;
}

/** Eight groups; `::` stands for as many zeros as are missing, and the last two may be written as an IPv4 address. */
function readV6(codes: Uint16Array, { start, end }: Span, into: Uint16Array): number {
  let gap = end - start > 1 && codes[start] === COLON && codes[start + 1] === COLON ? 0 : -1;
  let at = gap < 0 ? start : start + 2;
  let groups = 0;
  while (at < end && groups < GROUPS_MAX) {
    const first = at;
    let group = 0;
    for (let digit = hexDigit(codes[at] ?? 0); digit >= 0 && at < end && at - first < 5; digit = hexDigit(codes[++at] ?? 0))
      group = group * 16 + digit;
    if (at < end && codes[at] === DOT) {
      if (groups > GROUPS_MAX - 2 || !readV4(codes, { start: first, end }, { into, group: groups })) return 0;
      groups += 2;
      at = end;
      break;
    }
    if (at === first || at - first > GROUP_CHARACTERS_MAX) return 0;
    into[groups++] = group;
    if (at === end) break;
    if (codes[at++] !== COLON || at === end) return 0;
    if (codes[at] !== COLON) continue;
    if (gap >= 0) return 0;
    gap = groups;
    at += 1;
  }
  const zeros = GROUPS_MAX - groups;
  if (at < end || (gap < 0 ? zeros !== 0 : zeros < 1)) return 0;
  if (zeros === 0) return GROUPS_MAX;
  for (let group = GROUPS_MAX - 1; group >= gap; group -= 1) into[group] = group >= gap + zeros ? (into[group - zeros] ?? 0) : 0;
  return GROUPS_MAX;
}
