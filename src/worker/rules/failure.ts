/**
 * What went wrong with a call or with one entry of a batch, and so whether asking again can help:
 * `unreachable` the server did not answer; `throttled` and `server` it answered that it could not, now;
 * `denied` it does not accept who asks, which changes when keys or policies do; `client` the request never left, for
 * want of credentials or a region; `refused` it will say the same again.
 */
export interface Failure {
  readonly kind: "unreachable" | "throttled" | "server" | "denied" | "client" | "refused";
  /** The error's name in AWS's words, or the system's code: `QueueDoesNotExist`, `ECONNREFUSED`. */
  readonly code: string;
  readonly message: string;
}

export type EntryResult = { readonly ok: true } | { readonly ok: false; readonly failure: Failure };

const NETWORK_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPROTO",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

const NETWORK_NAMES: ReadonlySet<string> = new Set(["TimeoutError", "AbortError", "RequestTimeout", "NetworkingError"]);

/** Clients time out and answers are cut short in words of their own when a server dies under them. */
const NETWORK_TEXT = /socket hang up|other side closed|fetch failed|premature close|network socket disconnected/i;

const THROTTLE_NAMES: ReadonlySet<string> = new Set([
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "TooManyRequestsException",
  "RequestLimitExceeded",
  "SlowDown",
  "KmsThrottled",
  "OverLimit",
]);

/** With the JSON protocol these come with status 400. */
const DENIED_NAMES: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InvalidClientTokenId",
  "InvalidSecurity",
  "InvalidSignatureException",
  "KmsAccessDenied",
  "MissingAuthenticationToken",
  "RequestExpired",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

/** Reads an error as the AWS SDK for JavaScript throws it; anything else that was thrown is `client`. */
export function failureOf(error: unknown): Failure {
  const code = textAt(error, "code") ?? textAt(error, "name") ?? "UnknownError";
  const name = textAt(error, "name") ?? code;
  const message = error instanceof Error ? error.message : String(error);
  // An aggregate of refused connections, one for each address of a name, has its code but no text.
  const failure = (kind: Failure["kind"], shown: string): Failure => ({ kind, code: shown, message: message === "" ? shown : message });
  if (NETWORK_CODES.has(code)) return failure("unreachable", code);
  const status = statusOf(error);
  if (THROTTLE_NAMES.has(name) || status === 429) return failure("throttled", name);
  if (NETWORK_NAMES.has(name) || NETWORK_TEXT.test(message)) return failure("unreachable", name);
  if (status === undefined) return failure("client", name);
  if (DENIED_NAMES.has(name) || status === 401 || status === 403) return failure("denied", name);
  if (status >= 500) return failure("server", name);
  // A body that could not be read after a good status is an answer that was cut short.
  return failure(status >= 400 ? "refused" : "unreachable", name);
}

/** Reads one entry of `BatchResultErrorEntry`. */
export function entryFailure(entry: { code: string; message: string; senderFault: boolean }): Failure {
  const { code, message } = entry;
  if (THROTTLE_NAMES.has(code)) return { kind: "throttled", code, message };
  if (DENIED_NAMES.has(code)) return { kind: "denied", code, message };
  return { kind: entry.senderFault ? "refused" : "server", code, message };
}

/** Whether the same entry may succeed when it is sent again. */
export function isWorthRetrying(failure: Failure): boolean {
  return failure.kind !== "refused";
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

function textAt(error: unknown, key: "code" | "name"): string | undefined {
  if (typeof error !== "object" || error === null || !(key in error)) return undefined;
  const value: unknown = (error as Record<string, unknown>)[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}
