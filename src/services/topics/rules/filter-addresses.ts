import { NOTHING, type Answer, type Answers, type Bits } from "./filter-bits.ts";
import { RangeIndex } from "./filter-ranges.ts";

/** An address by its groups of 16 bits: two for IPv4, eight for IPv6. */
type Address = readonly number[];

/** The addresses of a CIDR block, from the first to the last. */
export interface AddressBlock {
  readonly low: Address;
  readonly high: Address;
}

/** Of an IPv6 address. */
const GROUP_CHARACTERS_MAX = 4;
const COLON = 58;
const DOT = 46;
/** The longest way to write an address: six groups and an IPv4 address. */
const TEXT_LENGTH_MAX = 45;

/** @param bits of the mask; undefined: the text is no address, or has fewer bits. */
export function addressBlock(text: string, bits: number): AddressBlock | undefined {
  const groups = addressGroups(text);
  if (groups === undefined || bits > groups.length * 16) return undefined;
  const masks = groups.map((_, index) => (0xffff << (16 - Math.min(16, Math.max(0, bits - index * 16)))) & 0xffff);
  const low = groups.map((group, index) => group & (masks[index] ?? 0));
  return { low, high: low.map((group, index) => group | (~(masks[index] ?? 0) & 0xffff)) };
}

/** CIDR blocks that may overlap. An address is found among their ends by halving, and then by its place among them. */
export class AddressIndex {
  readonly #ends: readonly Address[];
  readonly #ranges: RangeIndex;

  constructor(blocks: readonly { readonly block: AddressBlock; readonly bits: Bits }[], answers: Answers) {
    this.#ends = blocks.flatMap(({ block: { low, high } }) => [low, high]).sort(compare);
    const end = (address: Address) => ({ at: this.#place(address), within: true });
    this.#ranges = new RangeIndex(
      blocks.map(({ block: { low, high }, bits }) => ({ range: { low: end(low), high: end(high) }, bits })),
      answers,
    );
  }

  /** What holds for a text that stands within another. Made for hundreds of thousands of texts in one message. */
  find(text: string, start: number, end: number): Answer {
    if (end - start > TEXT_LENGTH_MAX || !mayBeAddress(text, start, end)) return NOTHING;
    const groups = addressGroups(text.slice(start, end));
    return groups === undefined ? NOTHING : this.#ranges.find(this.#place(groups));
  }

  /** The number of the first end that is the address; half less than that of the first behind it. */
  #place(address: Address): number {
    const ends = this.#ends;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(ends[middle] ?? address, address) < 0) low = middle + 1;
      else high = middle;
    }
    const end = ends[low];
    return end !== undefined && compare(end, address) === 0 ? low : low - 0.5;
  }
}

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
function mayBeAddress(text: string, start: number, end: number): boolean {
  for (let at = start; at < end && at - start <= GROUP_CHARACTERS_MAX; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT || code === COLON) return true;
  }
  return false;
}

function addressGroups(text: string): number[] | undefined {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  return text.includes(":") ? groupsOfV6(text) : groupsOfV4(text, 0);
}

/** Two groups of 16 bits. Without leading zeros: some read those as octal, and then mean another address. */
function groupsOfV4(text: string, from: number): number[] | undefined {
  let value = 0;
  let at = from;
  for (let part = 0; part < 4; part += 1) {
    if (part > 0 && text.charCodeAt(at++) !== DOT) return undefined;
    const start = at;
    let number = 0;
    for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48) number = number * 10 + digit;
    const digits = at - start;
    if (digits === 0 || digits > 3 || number > 255 || (digits > 1 && text.charCodeAt(start) === 48)) return undefined;
    value = value * 256 + number;
  }
  return at === text.length ? [value >>> 16, value & 0xffff] : undefined;
}

/** Eight groups; `::` stands for as many zeros as are missing, and the last two may be written as an IPv4 address. */
function groupsOfV6(text: string): number[] | undefined {
  const groups: number[] = [];
  let gap = text.charCodeAt(0) === COLON && text.charCodeAt(1) === COLON ? 0 : -1;
  let at = gap + 1 + (gap === 0 ? 1 : 0);
  while (at < text.length && groups.length < 8) {
    const start = at;
    let group = 0;
    for (let digit = hexDigit(text.charCodeAt(at)); digit >= 0 && at - start < 5; digit = hexDigit(text.charCodeAt(++at)))
      group = group * 16 + digit;
    if (text.charCodeAt(at) === DOT) {
      const tail = groupsOfV4(text, start);
      if (tail === undefined) return undefined;
      groups.push(...tail);
      at = text.length;
      break;
    }
    if (at === start || at - start > 4) return undefined;
    groups.push(group);
    if (at === text.length) break;
    if (text.charCodeAt(at++) !== COLON || at === text.length) return undefined;
    if (text.charCodeAt(at) !== COLON) continue;
    if (gap >= 0) return undefined;
    gap = groups.length;
    at += 1;
  }
  const zeros = 8 - groups.length;
  if (at < text.length || (gap < 0 ? zeros !== 0 : zeros < 1)) return undefined;
  if (gap < 0) return groups;
  const all = [0, 0, 0, 0, 0, 0, 0, 0]; // To move and fill what is there takes the platform several times as long.
  for (let group = 0; group < groups.length; group += 1) all[group < gap ? group : group + zeros] = groups[group] ?? 0;
  return all;
}

/** -1: it is none. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
