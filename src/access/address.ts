/** An address of IPv4 or IPv6 as a number. IPv4 in the clothes of IPv6 (`::ffff:10.0.0.1`) is IPv4. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Addresses that begin with the same bits. */
export interface AddressRange extends Address {
  readonly prefixBits: number;
}

const MAPPED = 0xffffn;

/** `203.0.113.0/24`, `2001:db8::/32` or a single address. Undefined: it is neither. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const [base = "", prefix, ...rest] = text.split("/");
  const address = parseAddress(base);
  if (address === undefined || rest.length > 0) return undefined;
  if (prefix === undefined) return { ...address, prefixBits: address.bits };
  if (!/^\d{1,3}$/.test(prefix)) return undefined;
  const mapped = address.bits === 32 && base.includes(":");
  const prefixBits = Number(prefix) - (mapped ? 96 : 0);
  return prefixBits < 0 || prefixBits > address.bits ? undefined : { ...address, prefixBits };
}

/** Whether the range holds an address; a text that is no address is in no range. */
export function holdsAddress(range: AddressRange, text: string): boolean {
  const address = parseAddress(text.replace(/%.*$/, "")); // A link-local address comes with the name of its interface.
  if (address === undefined || address.bits !== range.bits) return false;
  const shift = BigInt(range.bits - range.prefixBits);
  return address.value >> shift === range.value >> shift;
}

function parseAddress(text: string): Address | undefined {
  const value = text.includes(":") ? valueOfV6(text) : valueOfV4(text);
  if (value === undefined) return undefined;
  if (!text.includes(":")) return { bits: 32, value };
  return value >> 32n === MAPPED ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value };
}

/** Without leading zeros: some read those as octal, and then mean another address. */
function valueOfV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function valueOfV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => groupsOf(half, index === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const zeros = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: zeros }, () => 0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** Groups of 16 bits; at the end two may be written as an IPv4 address. */
function groupsOf(text: string, atEnd: boolean): bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts.at(-1) ?? "";
  const v4 = last.includes(".") ? valueOfV4(last) : undefined;
  if (last.includes(".") && (v4 === undefined || !atEnd)) return undefined;
  const hex = v4 === undefined ? parts : parts.slice(0, -1);
  if (!hex.every((part) => /^[0-9A-Fa-f]{1,4}$/.test(part))) return undefined;
  return [...hex.map((part) => BigInt(`0x${part}`)), ...(v4 === undefined ? [] : [v4 >> 16n, v4 & 0xffffn])];
}
