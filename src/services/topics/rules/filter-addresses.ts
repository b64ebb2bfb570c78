/** The addresses of a CIDR block, as keys that are ordered like the addresses. */
export interface AddressBlock {
  readonly low: string;
  readonly high: string;
}

const COLON = 58;
const DOT = 46;
/** The longest way to write an address: six groups and an IPv4 address. */
export const ADDRESS_CHARACTERS_MAX = 45;

/**
 * An address of IPv4 or IPv6 as a text that is compared instead of it: its version, then its bytes. Undefined: it
 * is no address. Made for hundreds of thousands of texts in one message, hence character by character.
 */
export function addressKey(text: string): string | undefined {
  const groups = addressGroups(text);
  return groups === undefined ? undefined : keyOf(groups);
}

/** @param bits of the mask; undefined: the text is no address, or has fewer bits. */
export function addressBlock(text: string, bits: number): AddressBlock | undefined {
  const groups = addressGroups(text);
  if (groups === undefined || bits > groups.length * 16) return undefined;
  const masks = groups.map((_, index) => (0xffff << (16 - Math.min(16, Math.max(0, bits - index * 16)))) & 0xffff);
  const low = groups.map((group, index) => group & (masks[index] ?? 0));
  return { low: keyOf(low), high: keyOf(low.map((group, index) => group | (~(masks[index] ?? 0) & 0xffff))) };
}

/** Characters of 8 bits each: the platform compares texts of such several times as fast. */
function keyOf(groups: readonly number[]): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  if (groups.length === 2) return String.fromCharCode(4, a >>> 8, a & 255, b >>> 8, b & 255);
  return String.fromCharCode(
    6,
    a >>> 8,
    a & 255,
    b >>> 8,
    b & 255,
    c >>> 8,
    c & 255,
    d >>> 8,
    d & 255,
    e >>> 8,
    e & 255,
    f >>> 8,
    f & 255,
    g >>> 8,
    g & 255,
    h >>> 8,
    h & 255,
  );
}

function addressGroups(text: string): number[] | undefined {
  if (text.length > ADDRESS_CHARACTERS_MAX) return undefined;
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
  let gap = text.startsWith("::") ? 0 : -1;
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
  for (let left = zeros; left > 0; left -= 1) groups.push(0);
  groups.copyWithin(gap + zeros, gap, 8 - zeros).fill(0, gap, gap + zeros);
  return groups;
}

/** -1: it is none. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
