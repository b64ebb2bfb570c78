import { invalidParameter, invalidValue } from "./errors.ts";
import { LIST_RESULTS_MAX } from "./limits.ts";

/** What a ListQueues asks for, beside its place in the list. */
export interface ListRequest {
  readonly prefix: string;
  readonly maxResults: number | undefined;
}

/** How many names a page may have. @throws InvalidParameterValue */
export function pageSize(maxResults: number | undefined): number {
  if (maxResults === undefined) return LIST_RESULTS_MAX;
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > LIST_RESULTS_MAX) {
    throw invalidValue(maxResults, "MaxResults", "Must be between 1 and 1000, if provided.");
  }
  return maxResults;
}

/**
 * A token is base64url of the JSON `[prefix, maxResults, after]`: the last name of its page, and what the page was asked
 * with, so that a continuation of another list is refused.
 */
export function encodeNextToken(request: ListRequest, after: string): string {
  return Buffer.from(JSON.stringify([request.prefix, request.maxResults ?? 0, after])).toString("base64url");
}

/** The name after which the page starts; an empty string without a token. @throws InvalidParameterValue */
export function decodeNextToken(token: string | undefined, request: ListRequest): string {
  if (token === undefined || token === "") return "";
  const [prefix, maxResults, after] = parseToken(token);
  if (typeof prefix !== "string" || typeof maxResults !== "number" || typeof after !== "string") {
    throw invalidParameter("Invalid or expired next token.");
  }
  if (prefix !== request.prefix || maxResults !== (request.maxResults ?? 0)) {
    throw invalidParameter("Invalid NextToken value. If you are passing in NextToken, you must not change the other request parameters.");
  }
  return after;
}

function parseToken(token: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
