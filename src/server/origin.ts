import { BlockList, isIP } from "node:net";
import type { HttpRequest } from "../wire/http.ts";
import { BadSetting } from "./config.ts";

/** Where a request came from. */
export interface Origin {
  /** The caller's address; IPv4 in its own form. Empty where the socket does not know it. */
  readonly address: string;
  /** Whether the caller used TLS, which ends before this server. */
  readonly secure: boolean;
}

/**
 * Who may say where a request really came from. Anybody can write `X-Forwarded-For`; it is looked at only in what trusted
 * proxies send, from its end, up to the first address that is not one of theirs.
 */
export class TrustedProxies {
  readonly #trusted = new BlockList();
  readonly #none: boolean;

  /** @param addresses such as `10.0.0.7` and `10.0.0.0/8`. @throws {BadSetting} */
  constructor(addresses: readonly string[]) {
    this.#none = addresses.length === 0;
    for (const text of addresses) {
      const [address = "", prefix] = text.split("/");
      const version = isIP(address);
      const bits = version === 6 ? 128 : 32;
      if (version === 0 || text.split("/").length > 2 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)))
        throw new BadSetting(`trusted-proxy must be addresses such as 10.0.0.7 or 10.0.0.0/8, not "${text}".`);
      this.#trusted.addSubnet(address, prefix === undefined ? bits : Number(prefix), familyOf(address));
    }
  }

  originOf({ remoteAddress, headers }: HttpRequest): Origin {
    const peer = plain(remoteAddress);
    if (this.#none || !this.#isTrusted(peer)) return { address: peer, secure: false };
    // Several proxies in a row each say how they were reached; all must have been by TLS.
    const secure = listIn(headers["x-forwarded-proto"]).every((protocol) => protocol.toLowerCase() === "https");
    let address = peer;
    for (const text of listIn(headers["x-forwarded-for"]).toReversed()) {
      const named = plain(text);
      if (isIP(named) === 0) break;
      address = named;
      if (!this.#isTrusted(named)) break;
    }
    return { address, secure: secure && headers["x-forwarded-proto"] !== undefined };
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address));
  }
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** An IPv4 address as sockets for both versions show it, in its own form. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice("::ffff:".length) : address;
}

function listIn(header: string | undefined): string[] {
  return (header ?? "").split(",").flatMap((item) => item.trim() || []);
}
