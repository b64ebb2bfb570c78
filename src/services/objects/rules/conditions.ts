import { SECOND_MS } from "../../../kernel/units.ts";
import { headerNotOffered, noSuchKey, notModified, preconditionFailed } from "./errors.ts";

/** What conditions look at. */
export interface State {
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
}

/** An entity tag without its quotes and without a weakness mark; conditions and part lists write it either way. */
export function bareEtag(etag: string): string {
  const strong = etag.trim().replace(/^W\//, "");
  return /^".*"$/.test(strong) ? strong.slice(1, -1) : strong;
}

export function quotedEtag(etag: string): string {
  return `"${etag}"`;
}

/** HTTP dates know whole seconds only. */
export function wholeSeconds(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

// Reading

/** The four headers of a conditional read; dates in epoch milliseconds, and absent where they are none. */
export interface ReadConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: number | undefined;
  readonly ifUnmodifiedSince?: number | undefined;
}

type Failed = "If-Match" | "If-Unmodified-Since" | "If-None-Match" | "If-Modified-Since";

/**
 * The first condition that does not hold. Entity tags beat dates (RFC 9110 section 13.2.2); a date in the future is no
 * condition for If-Modified-Since.
 */
function firstFailed(conditions: ReadConditions, state: State, nowMs: number): Failed | undefined {
  const modifiedMs = wholeSeconds(state.modifiedMs);
  const { ifMatch, ifNoneMatch, ifModifiedSince: sinceMs, ifUnmodifiedSince: unmodifiedSinceMs } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, state.etag)) return "If-Match";
  } else if (unmodifiedSinceMs !== undefined && modifiedMs > unmodifiedSinceMs) return "If-Unmodified-Since";
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, state.etag)) return "If-None-Match";
  } else if (sinceMs !== undefined && sinceMs <= nowMs && modifiedMs <= sinceMs) return "If-Modified-Since";
  return undefined;
}

/** @throws PreconditionFailed, or NotModified with the headers a cache wants. */
export function checkRead(conditions: ReadConditions, state: State, nowMs: number): void {
  const failed = firstFailed(conditions, state, nowMs);
  if (failed === undefined) return;
  if (failed === "If-Match" || failed === "If-Unmodified-Since") throw preconditionFailed(failed);
  throw notModified({ etag: quotedEtag(state.etag), "last-modified": new Date(state.modifiedMs).toUTCString() });
}

/** The same for the source of a copy, where each of the four fails in one way. @throws PreconditionFailed */
export function checkCopySource(conditions: ReadConditions, state: State, nowMs: number): void {
  const failed = firstFailed(conditions, state, nowMs);
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed}`);
}

function matches(header: string, etag: string): boolean {
  if (header.trim() === "*") return true;
  return header.split(",").some((one) => bareEtag(one) === etag);
}

// Writing

/** A write that happens only while the key is absent, or holds this entity tag. */
export type WriteCondition = { readonly header: "If-None-Match" } | { readonly header: "If-Match"; readonly etag: string };

/**
 * The condition of a write. Only `If-None-Match: *` and `If-Match: <etag>` mean something to S3, and not both together.
 * @throws NotImplemented
 */
export function writeCondition(headers: { ifMatch?: string | undefined; ifNoneMatch?: string | undefined }): WriteCondition | undefined {
  const { ifMatch, ifNoneMatch } = headers;
  if (ifMatch !== undefined && ifNoneMatch !== undefined) throw headerNotOffered("If-Match,If-None-Match");
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== "*") throw headerNotOffered("If-None-Match");
    return { header: "If-None-Match" };
  }
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === "*") throw headerNotOffered("If-Match");
  return { header: "If-Match", etag: bareEtag(ifMatch) };
}

/** @throws PreconditionFailed; NoSuchKey where an entity tag is expected and there is no object. */
export function checkWrite(condition: WriteCondition | undefined, key: string, existing: { etag: string } | undefined): void {
  if (condition === undefined) return;
  if (condition.header === "If-None-Match") {
    if (existing !== undefined) throw preconditionFailed("If-None-Match");
    return;
  }
  if (existing === undefined) throw noSuchKey(key);
  if (existing.etag !== condition.etag) throw preconditionFailed("If-Match");
}
