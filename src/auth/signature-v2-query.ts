import type { Clock } from "../kernel/clock.ts";
import type { HttpRequest } from "../wire/http.ts";
import { DECOY_SECRET, type Identity, type Keyring } from "./credentials.ts";
import { SERVICE_ERRORS, SKEW_MS_MAX } from "./errors.ts";
import { hmacVersionTwo, matchesBase64 } from "./hmac.ts";
import { compareBytes, type Parameter } from "./percent.ts";
import { checkToken } from "./signature-v4.ts";
import { singleHeader } from "./signed-headers.ts";
import { parseIsoDate } from "./times.ts";

const errors = SERVICE_ERRORS;
const ALGORITHMS: Readonly<Record<string, "sha1" | "sha256" | undefined>> = { HmacSHA256: "sha256", HmacSHA1: "sha1" };

/** Names of which one shows that a query string is signed for the Query protocol and not for S3. */
const QUERY_NAMES: ReadonlySet<string> = new Set(["Action", "SignatureVersion", "SignatureMethod"]);

/** Whether parameters carry, or seem to carry, a Signature Version 2 of either kind. */
export function hasVersionTwo(parameters: readonly Parameter[]): boolean {
  return parameters.some(({ name }) => name === "Signature" || name === "AWSAccessKeyId");
}

export function isQueryProtocol(parameters: readonly Parameter[]): boolean {
  return parameters.some(({ name }) => QUERY_NAMES.has(name));
}

/**
 * Signature Version 2 of the Query protocol: all parameters are signed, wherever they stand, together with method, host
 * and path. Source: AWS General Reference, "Signature Version 2 signing process".
 * @param parameters all there are: of the query string, or of the body.
 * @throws {ServiceError} where it is not exactly as its signer made it.
 */
export function verifyVersionTwoQuery(
  request: HttpRequest,
  of: { path: string; parameters: readonly Parameter[]; keyring: Keyring; clock: Clock },
): Identity {
  const values = new Map<string, string>();
  for (const { name, value } of of.parameters) {
    // Readers differ in which of two equal names they take.
    if (values.has(name)) throw errors.malformedQuery(`The parameter ${name} was given more than once.`);
    values.set(name, value);
  }
  const need = (name: string): string => {
    const value = values.get(name);
    if (value === undefined || value === "") throw errors.malformedQuery(`The request must contain the parameter ${name}.`);
    return value;
  };
  const accessKeyId = need("AWSAccessKeyId");
  const signature = need("Signature");
  if (need("SignatureVersion") !== "2") throw errors.malformedQuery("SignatureVersion must be 2.");
  const algorithm = ALGORITHMS[need("SignatureMethod")];
  if (algorithm === undefined) throw errors.malformedQuery("SignatureMethod must be HmacSHA256 or HmacSHA1.");
  checkTime(values, of.clock.nowMs());
  const identity = of.keyring.find(accessKeyId);
  const secret = identity?.credential.secretAccessKey ?? DECOY_SECRET;
  const query = canonicalParameters(of.parameters);
  let matches = false;
  let stringToSign = "";
  for (const host of hostsOf(request)) {
    stringToSign = `${request.method}\n${host}\n${of.path === "" ? "/" : of.path}\n${query}`;
    if (matchesBase64(hmacVersionTwo(algorithm, secret, stringToSign), signature)) matches = true;
  }
  if (identity === undefined) throw errors.unknownAccessKey(accessKeyId);
  if (!matches) throw errors.wrongSignature({ accessKeyId, signature, stringToSign });
  checkToken(identity.credential, values.get("SecurityToken"), errors);
  return identity;
}

/** All parameters but the signature, in the order of the bytes of their names. */
function canonicalParameters(parameters: readonly Parameter[]): string {
  return parameters
    .filter(({ name }) => name !== "Signature")
    .toSorted((left, right) => compareBytes(left.name, right.name))
    .map(({ encodedName, encodedValue }) => `${encodedName}=${encodedValue}`)
    .join("&");
}

/** The host as signed: with its port as most clients do, or without as boto 2 does. */
function hostsOf(request: HttpRequest): readonly string[] {
  const host = (singleHeader(request.rawHeaders, "host", errors) ?? "").toLowerCase();
  const bare = host.replace(/:\d+$/, "");
  return bare === host ? [host] : [host, bare];
}

/** Exactly one of `Timestamp`, when it was signed, and `Expires`, how long it holds. */
function checkTime(values: ReadonlyMap<string, string>, nowMs: number): void {
  const [timestamp, expires] = [values.get("Timestamp"), values.get("Expires")];
  const text = timestamp ?? expires;
  if (text === undefined || (timestamp !== undefined && expires !== undefined)) {
    throw errors.malformedQuery("The request must contain exactly one of the parameters Timestamp and Expires.");
  }
  const ms = parseIsoDate(text);
  if (ms === undefined) throw errors.malformedQuery("Timestamp and Expires must be in UTC and ISO 8601 format: 2026-01-31T23:59:59Z.");
  if (timestamp !== undefined && Math.abs(nowMs - ms) > SKEW_MS_MAX) throw errors.skewed(ms, nowMs);
  if (timestamp === undefined && nowMs > ms) throw errors.expired({ expiresMs: ms, nowMs });
}
