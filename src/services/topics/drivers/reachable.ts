import { BlockList, isIP } from "node:net";

/**
 * Networks that no stranger may have us speak to: this machine, those around it, and what is no single host.
 * Source: the IANA registries of special-purpose addresses for IPv4 and IPv6, 2026.
 */
const CLOSED: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** Of IPv6 only what is given out to hosts is open, and of that not what carries an IPv4 address or is set aside. */
const OPEN_V6 = "2000::/3";
const CLOSED_V6: readonly string[] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16"];

/** Which addresses may be reached. */
export class Reachable {
  readonly #closed = listOf([...CLOSED, ...CLOSED_V6]);
  readonly #open = listOf([OPEN_V6]);
  readonly #allowed: BlockList;

  /** @param allowed addresses and networks that may be reached although they are closed. @throws {RangeError} one is none. */
  constructor(allowed: readonly string[]) {
    this.#allowed = listOf(allowed);
  }

  has(address: string): boolean {
    const plain = withoutV6(address);
    const family = familyOf(plain);
    if (family === undefined) return false;
    if (this.#allowed.check(plain, family)) return true;
    return !this.#closed.check(plain, family) && (family === "ipv4" || this.#open.check(plain, family));
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of networks) {
    const [address = "", prefix, ...more] = text.split("/");
    const family = familyOf(address);
    const bits = family === "ipv4" ? 32 : 128;
    if (family === undefined || more.length > 0 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)))
      throw new RangeError(`"${text}" is no address such as 10.0.0.7 or 10.0.0.0/8`);
    list.addSubnet(address, prefix === undefined ? bits : Number(prefix), family);
  }
  return list;
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? "ipv4" : "ipv6";
}

/** An IPv4 address in the clothes of IPv6 reaches the same host. */
function withoutV6(address: string): string {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${first >> 8}.${first & 255}.${second >> 8}.${second & 255}`;
}
