import { ServiceError } from "../kernel/service-error.ts";
import type { HttpRequest } from "../wire/http.ts";

/**
 * Without credentials, a server on loopback is within reach of any web page that its owner visits: a form can post
 * `Action=PurgeQueue`, and a name that its owner points at 127.0.0.1 makes the page "same-origin". So in dev mode the
 * Host must be one of ours, and what a browser marks as coming from elsewhere is refused; S3's CORS rules may allow it.
 */
export interface HostGuard {
  /** @throws {ServiceError} AccessDenied where the Host is not one of ours. */
  checkHost(request: HttpRequest): void;
  /** Whether a browser sent it on behalf of a page that is not ours. */
  isForeign(request: HttpRequest): boolean;
}

export function hostGuard(options: { hosts: readonly string[]; baseHosts: readonly string[] }): HostGuard {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  const suffixes = options.baseHosts.map((host) => `.${host.toLowerCase()}`);
  // The set of Host headers is small in practice; asking once for each keeps the check off the hot path.
  const known = new Map<string, boolean>();
  const decide = (header: string) => {
    const name = hostName(header);
    return isLoopback(name) || isAddress(name) || hosts.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
  };
  return {
    checkHost({ headers }) {
      const header = headers["host"] ?? "";
      let allowed = known.get(header);
      if (allowed === undefined) {
        allowed = decide(header);
        if (known.size < 1000) known.set(header, allowed);
      }
      if (!allowed)
        throw forbidden(
          `The Host "${header.slice(0, 200)}" is not one of this server's names. Add it with --allow-host, or configure credentials.`,
        );
    },
    isForeign({ headers }) {
      const origin = headers["origin"];
      if (origin !== undefined) return origin !== `http://${headers["host"]}` && origin !== `https://${headers["host"]}`;
      const site = headers["sec-fetch-site"];
      return site === "cross-site" || site === "same-site";
    },
  };
}

/** What a foreign page is told. */
export function foreignOrigin(request: HttpRequest): ServiceError {
  const origin = request.headers["origin"] ?? "another site";
  return forbidden(
    `Requests of a web page from ${origin.slice(0, 200)} are refused while no credentials are configured. For uploads to a bucket, set a CORS rule on it.`,
  );
}

function forbidden(message: string): ServiceError {
  return new ServiceError({
    code: "AccessDeniedException",
    queryCode: "AccessDenied",
    httpStatus: 403,
    fault: "client",
    namespace: "com.amazon.coral.service",
    message,
  });
}

/** Without port and brackets, in lower case. */
function hostName(header: string): string {
  return header
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");
}

/** Names and addresses that only this machine reaches. */
export function isLoopback(name: string): boolean {
  return name === "localhost" || name === "::1" || name.endsWith(".localhost") || /^127(\.\d{1,3}){3}$/.test(name);
}

/** A literal address cannot be pointed elsewhere by whoever owns a name. */
function isAddress(name: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || name.includes(":");
}
