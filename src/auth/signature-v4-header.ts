import type { HttpRequest } from "../wire/http.ts";
import { canonicalQuery, canonicalS3Path, canonicalServicePath } from "./canonical.ts";
import type { AuthErrors } from "./errors.ts";
import type { Parameter } from "./percent.ts";
import type { Scope } from "./scope.ts";
import type { Claim, VersionFour } from "./signature-v4.ts";
import { canonicalHeaders, type SignedHeaders } from "./signed-headers.ts";
import { formatAmzDate, parseAmzDate, parseHttpDate } from "./times.ts";

/** A request with what was already cut from it. */
export interface Parsed {
  readonly request: HttpRequest;
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

/** The parts of `Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`. */
export interface Authorization {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

const CREDENTIAL = "AWS4-HMAC-SHA256 Credential=";
const SIGNED_HEADERS = ", SignedHeaders=";
const SIGNATURE = ", Signature=";
const PART = /^(Credential|SignedHeaders|Signature)=([^,\s]+)$/;

/** @returns what is wrong with it, in words, where it is not such a header. */
export function parseAuthorization(header: string): Authorization | string {
  // As all of AWS's own clients write it. What stands in the parts is looked at by whoever reads them.
  const second = header.indexOf(SIGNED_HEADERS);
  const third = header.indexOf(SIGNATURE);
  if (header.startsWith(CREDENTIAL) && second > 0 && third > second && !header.includes(",", third + 1)) {
    const credential = header.slice(CREDENTIAL.length, second);
    const signedHeaders = header.slice(second + SIGNED_HEADERS.length, third);
    return { credential, signedHeaders, signature: header.slice(third + SIGNATURE.length) };
  }
  const parts = new Map<string, string>();
  for (const piece of header.slice("AWS4-HMAC-SHA256".length).split(",")) {
    const [, name = "", value = ""] = PART.exec(piece.trim()) ?? [];
    if (name === "" || parts.has(name)) return "it must hold Credential, SignedHeaders and Signature, each once and nothing else.";
    parts.set(name, value);
  }
  const [credential, signedHeaders, signature] = [parts.get("Credential"), parts.get("SignedHeaders"), parts.get("Signature")];
  if (credential === undefined) return "the authorization header requires three components: Credential, SignedHeaders, and Signature.";
  if (signedHeaders === undefined || signature === undefined) return "it requires 'SignedHeaders' and 'Signature'.";
  return { credential, signedHeaders, signature };
}

/**
 * Reads a request that is signed in its Authorization header; all but the signature itself is then in order.
 * @throws {ServiceError} for what is malformed, out of time, repeated or not covered by the signature.
 */
export function claimOfHeader(
  four: VersionFour,
  parsed: Parsed,
  found: { authorization: Authorization; scope: Scope; errors: AuthErrors },
): Claim {
  const { request } = parsed;
  const { authorization, scope, errors } = found;
  const signed = four.lists.read(authorization.signedHeaders);
  if (typeof signed === "string") throw errors.malformedHeader(signed);
  const date = dateOf(four, { request, signed, errors });
  if (!date.text.startsWith(scope.date)) {
    throw errors.malformedHeader(`the date in the credential, ${scope.date}, is not the day of the request, ${date.text}.`);
  }
  four.checkSkew(date.ms, errors);
  return {
    credential: authorization.credential,
    scope,
    date: date.text,
    signature: authorization.signature,
    signedHeaders: signed.names,
    head: canonicalHead(parsed, { scope, signed, parameters: parsed.parameters, errors }),
    token: request.headers["x-amz-security-token"],
    errors,
  };
}

/**
 * The canonical request up to where the body's hash stands.
 * @throws {ServiceError} for headers that are repeated or not covered, and a path that cannot be decoded.
 */
export function canonicalHead(
  parsed: Parsed,
  of: { scope: Scope; signed: SignedHeaders; parameters: readonly Parameter[]; errors: AuthErrors },
): string {
  const path = of.scope.service === "s3" ? canonicalS3Path(parsed.path) : canonicalServicePath(parsed.path);
  if (path === undefined) throw of.errors.malformedTarget();
  const query = of.parameters.length === 0 ? "" : canonicalQuery(of.parameters);
  const headers = canonicalHeaders(parsed.request.rawHeaders, of.signed, of.errors);
  return `${parsed.request.method}\n${path}\n${query}\n${headers}\n${of.signed.text}\n`;
}

/** The request's time: of `x-amz-date`, which `canonicalHeaders` sees to be signed, else of a Date header that is. */
function dateOf(
  four: VersionFour,
  { request, signed, errors }: { request: HttpRequest; signed: SignedHeaders; errors: AuthErrors },
): { text: string; ms: number } {
  const amzDate = request.headers["x-amz-date"];
  if (amzDate !== undefined) {
    const ms = four.timeOf(amzDate);
    if (ms === undefined) throw errors.malformedHeader("x-amz-date must be in ISO 8601 basic format: YYYYMMDD'T'HHMMSS'Z'.");
    return { text: amzDate, ms };
  }
  const date = request.headers["date"];
  const ms = date === undefined || !signed.indexes.has("date") ? undefined : (parseAmzDate(date) ?? parseHttpDate(date));
  if (ms === undefined) throw errors.malformedHeader("it requires the existence of either an 'x-amz-date' or a signed 'date' header.");
  return { text: formatAmzDate(ms), ms };
}
