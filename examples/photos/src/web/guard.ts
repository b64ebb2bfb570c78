import type { IncomingMessage } from "node:http";
import { HttpError } from "./http.ts";

/** The names by which a browser may call a server on this machine. */
export function hostsOf(port: number, more: readonly string[]): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, ...more];
}

/** The page's origins under those names. Behind a proxy that speaks TLS, the browser says https. */
export function originsOf(hosts: readonly string[]): string[] {
  return hosts.flatMap((host) => [`http://${host}`, `https://${host}`]);
}

/**
 * A page of another site cannot drive the service: a name that was pointed at this machine (DNS rebinding) is not among
 * ours, and a browser tells the origin of every request that changes something.
 * @throws {HttpError} 421 or 403.
 */
export function assertOurs({ headers }: Pick<IncomingMessage, "headers">, hosts: readonly string[]): void {
  const host = (headers.host ?? "").toLowerCase();
  if (!hosts.includes(host)) throw new HttpError(421, `This service is not reached as "${host}"; see ALLOWED_HOSTS.`);
  if (headers.origin !== undefined && !originsOf(hosts).includes(headers.origin.toLowerCase()))
    throw new HttpError(403, "Requests from other sites are not accepted.");
}

/**
 * What the page may do: load its own files, show photos from the object store, and upload there. No script from anywhere
 * else runs, also not one that found its way into the page.
 */
export function securityHeaders(browserEndpoint: string): Readonly<Record<string, string>> {
  const store = new URL(browserEndpoint).origin;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: ${store}`,
    `connect-src 'self' ${store}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
  };
}
