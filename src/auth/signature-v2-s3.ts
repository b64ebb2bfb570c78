import type { Clock } from "../kernel/clock.ts";
import { DECOY_SECRET, type Identity, type Keyring } from "./credentials.ts";
import { S3_ERRORS, SKEW_MS_MAX, V2_S3_ERRORS } from "./errors.ts";
import { hmacVersionTwo, matchesBase64 } from "./hmac.ts";
import { compareBytes, type Parameter } from "./percent.ts";
import type { Parsed } from "./signature-v4-header.ts";
import { checkToken } from "./signature-v4.ts";
import { singleHeader } from "./signed-headers.ts";
import { parseAmzDate, parseHttpDate } from "./times.ts";

const errors = S3_ERRORS;

/** The parameters that are part of the resource; all others are not signed in this version. */
const SUBRESOURCES: ReadonlySet<string> = new Set([
  ..."accelerate acl analytics cors defaultObjectAcl delete encryption inventory legal-hold lifecycle location logging metrics".split(" "),
  ..."notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock replication requestPayment".split(" "),
  ..."restore retention select select-type storageClass tagging torrent uploadId uploads versionId versioning versions website".split(" "),
  ..."response-cache-control response-content-disposition response-content-encoding response-content-language".split(" "),
  ..."response-content-type response-expires".split(" "),
]);

/** The headers that have a place of their own in what is signed. */
const POSITIONAL: ReadonlySet<string> = new Set(["content-md5", "content-type", "date"]);

/** This version trims values, but leaves the space inside them alone. */
const AROUND = /^[ \t]+|[ \t]+$/g;

/** Not signed, but decides: a second one must not slip in. */
const CREDENTIALS = "authorization";

export interface VersionTwo {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly bucketOfHost: (host: string) => string | undefined;
}

/**
 * S3's Signature Version 2 in a header: `Authorization: AWS <access key>:<base64 HMAC-SHA1>`. Source: Amazon S3
 * Developer Guide, "Signing and authenticating REST requests".
 * @throws {ServiceError} where it is not exactly as its signer made it.
 */
export function verifyVersionTwoHeader(two: VersionTwo, parsed: Parsed, authorization: string): Identity {
  const [, accessKeyId, signature] = /^AWS +([^\s:]{1,128}):([^\s:]+)$/.exec(authorization) ?? [];
  if (accessKeyId === undefined || signature === undefined) throw errors.malformedHeader('it must be "AWS <access key>:<signature>".');
  const headers = signedHeaders(parsed);
  const amzDate = headers.get("x-amz-date");
  const date = amzDate ?? headers.get("date") ?? "";
  const ms = parseHttpDate(date) ?? parseAmzDate(date);
  if (ms === undefined) throw V2_S3_ERRORS.missingDate();
  const nowMs = two.clock.nowMs();
  if (Math.abs(nowMs - ms) > SKEW_MS_MAX) throw errors.skewed(ms, nowMs);
  return check(two, parsed, { accessKeyId, signature, headers, date: amzDate === undefined ? date : "" });
}

/**
 * The same in the query string of a presigned URL: `AWSAccessKeyId`, `Expires` in epoch seconds, `Signature`.
 * @throws {ServiceError} where it is not exactly as its signer made it, or its time is over.
 */
export function verifyVersionTwoPresigned(two: VersionTwo, parsed: Parsed): Identity {
  const accessKeyId = single(parsed.parameters, "AWSAccessKeyId");
  const signature = single(parsed.parameters, "Signature");
  const expires = single(parsed.parameters, "Expires");
  if (!/^\d{1,11}$/.test(expires)) throw V2_S3_ERRORS.invalidExpires(expires);
  const [expiresMs, nowMs] = [Number(expires) * 1000, two.clock.nowMs()];
  if (nowMs > expiresMs) throw errors.expired({ expiresMs, nowMs });
  return check(two, parsed, { accessKeyId, signature, headers: signedHeaders(parsed), date: expires });
}

function single(parameters: readonly Parameter[], name: string): string {
  const [found, another] = parameters.filter((parameter) => parameter.name === name);
  if (found === undefined || another !== undefined) throw V2_S3_ERRORS.missingParameter();
  return found.value;
}

function check(
  two: VersionTwo,
  parsed: Parsed,
  of: { accessKeyId: string; signature: string; headers: ReadonlyMap<string, string>; date: string },
): Identity {
  const { accessKeyId, signature, headers } = of;
  const identity = two.keyring.find(accessKeyId);
  const amzHeaders = [...headers]
    .filter(([name]) => name.startsWith("x-amz-"))
    .toSorted(([left], [right]) => compareBytes(left, right))
    .map(([name, value]) => `${name}:${value}\n`);
  const secret = identity?.credential.secretAccessKey ?? DECOY_SECRET;
  const positional = [parsed.request.method, headers.get("content-md5") ?? "", headers.get("content-type") ?? "", of.date];
  let matches = false;
  let stringToSign = "";
  for (const resource of canonicalResources(two, parsed)) {
    stringToSign = [...positional, `${amzHeaders.join("")}${resource}`].join("\n");
    if (matchesBase64(hmacVersionTwo("sha1", secret, stringToSign), signature)) matches = true;
  }
  if (identity === undefined) throw errors.unknownAccessKey(accessKeyId);
  if (!matches) throw errors.wrongSignature({ accessKeyId, signature, stringToSign });
  checkToken(identity.credential, headers.get("x-amz-security-token"), errors);
  return identity;
}

/**
 * The headers that are signed, by lower-case name. Parameters that act as headers are signed as such: botocore presigns
 * `x-amz-meta-…`, `content-type` and `content-md5` so. A header that came as such wins over `content-type` in the query
 * string, which then is no more than a note of what the signer expected.
 * @throws {ServiceError} where one came twice.
 */
function signedHeaders(parsed: Parsed): Map<string, string> {
  const headers = new Map<string, string>();
  const { rawHeaders } = parsed.request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!POSITIONAL.has(name) && !name.startsWith("x-amz-") && name !== CREDENTIALS) continue;
    if (headers.has(name)) throw errors.repeatedHeader(name);
    headers.set(name, (rawHeaders[at + 1] ?? "").replaceAll(AROUND, ""));
  }
  const fromQuery = new Map<string, string>();
  for (const parameter of parsed.parameters) {
    const name = parameter.name.toLowerCase();
    if (name !== "content-md5" && name !== "content-type" && !name.startsWith("x-amz-")) continue;
    // Whoever uses such a URL often sends the header as well; it must be the one that was signed.
    const differs = headers.has(name) && !POSITIONAL.has(name) && headers.get(name) !== parameter.value;
    if (fromQuery.has(name) || differs) throw errors.repeatedHeader(name);
    fromQuery.set(name, parameter.value);
  }
  return new Map([...fromQuery, ...headers]);
}

/**
 * Bucket and path as received, then the subresources with their values decoded. A bucket by itself may be signed with a
 * slash at its end whether the request has one or not: botocore always signs one.
 */
function canonicalResources(two: VersionTwo, parsed: Parsed): readonly string[] {
  const bucket = two.bucketOfHost(singleHeader(parsed.request.rawHeaders, "host", errors) ?? "");
  const subresources = parsed.parameters
    .filter(({ name }) => SUBRESOURCES.has(name))
    .toSorted((left, right) => compareBytes(left.name, right.name))
    .map(({ name, value }) => (value === "" ? name : `${name}=${value}`));
  const query = subresources.length === 0 ? "" : `?${subresources.join("&")}`;
  if (bucket !== undefined) return [`/${bucket}${parsed.path}${query}`];
  return /^\/[^/]+$/.test(parsed.path) ? [`${parsed.path}${query}`, `${parsed.path}/${query}`] : [`${parsed.path}${query}`];
}
