import { invalidParameter } from "./errors.ts";

/** A token is base64url of what its page ended with. */
export function encodeNextToken(after: string): string {
  return Buffer.from(after).toString("base64url");
}

/** After what a page starts; an empty string without a token. @throws {ServiceError} InvalidParameter */
export function decodeNextToken(token: string | undefined): string {
  if (token === undefined || token === "") return "";
  const after = Buffer.from(token, "base64url").toString();
  if (encodeNextToken(after) !== token) throw invalidParameter("NextToken");
  return after;
}

/** The same for pages in an order of numbers. @throws {ServiceError} InvalidParameter */
export function decodeNextNumber(token: string | undefined): number {
  const after = decodeNextToken(token);
  if (after !== "" && !/^[1-9]\d{0,14}$/.test(after)) throw invalidParameter("NextToken");
  return Number(after);
}
