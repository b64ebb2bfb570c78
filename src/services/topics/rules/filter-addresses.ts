import { codesOf } from "./filter-affixes.ts";
import { NOTHING, type Answer, type Answers, type Bits } from "./filter-bits.ts";
import { pieceAt, piecesOf } from "./filter-ranges.ts";
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
  const reader = new AddressReader();
  const groups = [...reader.groups.subarray(0, reader.read(codesOf(text), 0, text.length))];
  if (groups.length === 0 || bits > groups.length * 16) return undefined;
  const masks = groups.map((_, index) => (0xffff << (16 - Math.min(16, Math.max(0, bits - index * 16)))) & 0xffff);
  const low = groups.map((group, index) => group & (masks[index] ?? 0));
  return { low, high: low.map((group, index) => group | (~(masks[index] ?? 0) & 0xffff)) };
}

/** Numbers to one address: its first three groups, the next three, and the last two, which those of IPv4 are. */
const PARTS = 3;

/** CIDR blocks that may overlap, as the pieces into which their ends cut all addresses: one is found by halving. */
export class AddressIndex {
  /** Ends by their parts, each once, those of IPv4 first. */
  readonly #ends: Float64Array;
  /** Those of IPv4, of which the last part is all. */
  readonly #v4: Float64Array;
  readonly #pieces: readonly Answer[];
  readonly #reader = new AddressReader();

  constructor(blocks: readonly { readonly block: AddressBlock; readonly bits: Bits }[], answers: Answers) {
    const all = blocks.flatMap(({ block: { low, high } }) => [low, high]).sort(compare);
    const ends = all.filter((end, at) => at === 0 || compare(end, all[at - 1] ?? []) !== 0);
    this.#ends = Float64Array.from(ends.flatMap(partsOf));
    this.#v4 = Float64Array.from(
      ends.filter(({ length }) => length < GROUPS_MAX),
      (end) => twoOf(end, 0),
    );
    const pieceOf = (end: Address) => {
      this.#reader.groups.set(end);
      return this.#piece(end.length);
    };
    const spans = blocks.map(({ block: { low, high }, bits }) => ({ from: pieceOf(low), to: pieceOf(high), bits }));
    this.#pieces = piecesOf(ends.length, spans, answers);
  }

  /** What holds for the text that stands there. Made for tens of thousands of texts in one message. */
  find(codes: Uint16Array, start: number, end: number): Answer {
    const groups = this.#reader.read(codes, start, end);
    return groups === 0 ? NOTHING : (this.#pieces[this.#piece(groups)] ?? NOTHING);
  }

  /** Of the address that was read. */
  #piece(groups: number): number {
    const ends = this.#ends;
    const read = this.#reader.groups;
    if (groups < GROUPS_MAX) return pieceAt(this.#v4, twoOf(read, 0));
    const one = threeOf(read, 0);
    const two = threeOf(read, 3);
    const three = twoOf(read, 6);
    let low = this.#v4.length;
    let high = ends.length / PARTS;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = PARTS * middle;
      let difference = (ends[at] ?? 0) - one;
      if (difference === 0) difference = (ends[at + 1] ?? 0) - two;
      if (difference === 0) difference = (ends[at + 2] ?? 0) - three;
      if (difference === 0) return 2 * middle + 1;
      if (difference < 0) low = middle + 1;
      else high = middle;
    }
    return 2 * low;
  }
}

function partsOf(address: Address): number[] {
  return address.length < GROUPS_MAX ? [0, 0, twoOf(address, 0)] : [threeOf(address, 0), threeOf(address, 3), twoOf(address, 6)];
}

function twoOf(groups: ArrayLike<number>, at: number): number {
  return (groups[at] ?? 0) * 0x10000 + (groups[at + 1] ?? 0);
}

function threeOf(groups: ArrayLike<number>, at: number): number {
  return twoOf(groups, at) * 0x10000 + (groups[at + 2] ?? 0);
}

/** Those of IPv4 come first. */
function compare(one: Address, other: Address): number {
  const [ours, theirs] = [
    [one.length, ...partsOf(one)],
    [other.length, ...partsOf(other)],
  ];
  return ours.map((part, at) => part - (theirs[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

class AddressReader {
  /** Of the address that was read last. */
  readonly groups = new Uint16Array(GROUPS_MAX);

  /** @returns how many groups the text has that stands there, two or eight; 0: it is no address. */
  read(codes: Uint16Array, start: number, end: number): number {
    const length = end - start;
    if (length > TEXT_LENGTH_MAX) return 0;
    // The first dot or colon of an address comes early, and a colon comes before any dot.
    const last = start + Math.min(length, GROUP_CHARACTERS_MAX + 1);
    for (let at = start; at < last; at += 1) {
      const code = codes[at];
      if (code === DOT) return this.#putV4(readV4(codes, start, end), 0) ? 2 : 0;
      if (code === COLON) return this.#readV6(codes, start, end) ? GROUPS_MAX : 0;
    }
    return 0;
  }

  #putV4(address: number, group: number): boolean {
    this.groups[group] = address >>> 16;
    this.groups[group + 1] = address & 0xffff;
    return address >= 0;
  }

  /** Eight groups; `::` stands for as many zeros as are missing, and the last two may be written as an IPv4 address. */
  #readV6(codes: Uint16Array, start: number, end: number): boolean {
    let gap = end - start > 1 && codes[start] === COLON && codes[start + 1] === COLON ? 0 : -1;
    let at = gap < 0 ? start : start + 2;
    let read = 0;
    while (at < end && read < GROUPS_MAX) {
      const first = at;
      let group = 0;
      for (let digit = hexDigit(codes[at] ?? 0); digit >= 0 && at < end && at - first < 5; digit = hexDigit(codes[++at] ?? 0))
        group = group * 16 + digit;
      if (at < end && codes[at] === DOT) {
        if (read > GROUPS_MAX - 2 || !this.#putV4(readV4(codes, first, end), read)) return false;
        read += 2;
        at = end;
        break;
      }
      if (at === first || at - first > GROUP_CHARACTERS_MAX) return false;
      this.groups[read++] = group;
      if (at === end) break;
      if (codes[at++] !== COLON || at === end) return false;
      if (codes[at] !== COLON) continue;
      if (gap >= 0) return false;
      gap = read;
      at += 1;
    }
    if (at < end || (gap < 0 ? read < GROUPS_MAX : read === GROUPS_MAX)) return false;
    if (gap >= 0) this.#widen(gap, read);
    return true;
  }

  /** Puts zeros into a gap. @param read groups so far. */
  #widen(gap: number, read: number): void {
    const { groups } = this;
    const zeros = GROUPS_MAX - read;
    for (let group = GROUPS_MAX - 1; group >= gap; group -= 1) groups[group] = group >= gap + zeros ? (groups[group - zeros] ?? 0) : 0;
  }
}

/** The address as one number; -1: it is none. Without leading zeros: some read those as octal, and then mean another address. */
function readV4(codes: Uint16Array, start: number, end: number): number {
  let address = 0;
  let part = 0;
  let dots = 0;
  let first = start;
  for (let at = start; at < end; at += 1) {
    const digit = (codes[at] ?? 0) - ZERO;
    if (digit >= 0 && digit <= 9) {
      part = part * 10 + digit;
      if (part > 255 || (at > first && codes[first] === ZERO)) return -1;
    } else {
      if (codes[at] !== DOT || at === first || dots === 3) return -1;
      address = address * 256 + part;
      part = 0;
      dots += 1;
      first = at + 1;
    }
  }
  return dots === 3 && end > first ? address * 256 + part : -1;
}
