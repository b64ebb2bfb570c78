import type { AuthErrors } from "./errors.ts";
import { SKEW_MS_MAX } from "./errors.ts";
import type { Parameter } from "./percent.ts";
import type { Scope } from "./scope.ts";
import { canonicalHead, type Parsed } from "./signature-v4-header.ts";
import type { Claim, VersionFour } from "./signature-v4.ts";
import { parseAmzDate } from "./times.ts";

const REQUIRED = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"] as const;
const TOKEN = "X-Amz-Security-Token";
const ALL_LOWER: ReadonlySet<string> = new Set([...REQUIRED, TOKEN].map((name) => name.toLowerCase()));
const WEEK_SECONDS = 604_800;
const REQUIRED_TEXT = `Query-string authentication version 4 requires the ${REQUIRED.slice(0, -1).join(", ")}, and ${REQUIRED.at(-1)} parameters.`;

type PresignedParameters = Readonly<Record<(typeof REQUIRED)[number], string>> & { readonly token: string | undefined };

/** Whether the query string carries, or seems to carry, a Version 4 signature. */
export function isPresigned(parameters: readonly Parameter[]): boolean {
  return parameters.some(({ name }) => {
    const lower = name.toLowerCase();
    return lower === "x-amz-signature" || lower === "x-amz-credential" || lower === "x-amz-algorithm";
  });
}

/** @returns undefined where one is missing, came twice, or is spelt in another case beside or instead. */
function presignedParameters(parameters: readonly Parameter[]): PresignedParameters | undefined {
  const found = new Map<string, string>();
  for (const { name, value } of parameters) {
    const lower = name.toLowerCase();
    if (!ALL_LOWER.has(lower)) continue;
    if (found.has(lower)) return undefined;
    // A name in another case counts as seen, but is not found under its own.
    found.set(lower, "");
    found.set(name, value);
  }
  const named: Record<string, string> = {};
  for (const name of REQUIRED) {
    const value = found.get(name);
    if (value === undefined) return undefined;
    named[name] = value;
  }
  return { ...(named as PresignedParameters), token: found.get(TOKEN) };
}

/**
 * Reads a presigned request; all but the signature itself is then in order.
 * @throws {ServiceError} for what is malformed, out of its time, repeated or not covered by the signature.
 */
export function claimOfPresigned(four: VersionFour, parsed: Parsed, errorsOf: (scope: Scope | undefined) => AuthErrors): Claim {
  const query = presignedParameters(parsed.parameters);
  const scope = query === undefined ? undefined : four.scope(query["X-Amz-Credential"]);
  const errors = errorsOf(typeof scope === "string" ? undefined : scope);
  if (query === undefined || scope === undefined) throw errors.malformedQuery(REQUIRED_TEXT);
  if (query["X-Amz-Algorithm"] !== "AWS4-HMAC-SHA256") throw errors.malformedQuery('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"');
  if (typeof scope === "string") throw errors.malformedQuery(`Error parsing the X-Amz-Credential parameter; ${scope}`);
  checkTime(four, { query, scope, errors });
  const signed = four.lists.read(query["X-Amz-SignedHeaders"]);
  if (typeof signed === "string") throw errors.malformedQuery(`Error parsing the X-Amz-SignedHeaders parameter; ${signed}`);
  const parameters = parsed.parameters.filter(({ name }) => name !== "X-Amz-Signature");
  return {
    credential: query["X-Amz-Credential"],
    scope,
    date: query["X-Amz-Date"],
    signature: query["X-Amz-Signature"],
    signedHeaders: signed.names,
    head: canonicalHead(parsed, { scope, signed, parameters, errors }),
    token: query.token,
    errors,
  };
}

/** @throws {ServiceError} where the URL is not valid yet or no longer, or says so in a way that cannot be read. */
function checkTime(four: VersionFour, of: { query: PresignedParameters; scope: Scope; errors: AuthErrors }): void {
  const { query, scope, errors } = of;
  const signedMs = parseAmzDate(query["X-Amz-Date"]);
  if (signedMs === undefined) throw errors.malformedQuery("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!query["X-Amz-Date"].startsWith(scope.date)) {
    throw errors.malformedQuery(
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${query["X-Amz-Date"].slice(0, 8)}".`,
    );
  }
  const expires = query["X-Amz-Expires"];
  if (!/^\d{1,9}$/.test(expires)) throw errors.malformedQuery("X-Amz-Expires should be a number");
  const seconds = Number(expires);
  if (seconds < 1) throw errors.malformedQuery("X-Amz-Expires must be at least 1 second");
  if (seconds > WEEK_SECONDS) {
    throw errors.malformedQuery(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${WEEK_SECONDS} seconds`,
    );
  }
  const nowMs = four.clock.nowMs();
  if (signedMs > nowMs + SKEW_MS_MAX) throw errors.skewed(signedMs, nowMs);
  const expiresMs = signedMs + seconds * 1000;
  if (nowMs > expiresMs) throw errors.expired({ expiresMs, nowMs, expiresSeconds: expires });
}
