import { invalidArgument, invalidTag, badRequest } from "./errors.ts";
import { TAG_KEY_CHARACTERS_MAX, TAG_VALUE_CHARACTERS_MAX } from "./limits.ts";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const ALLOWED = /^[\p{L}\p{N}\p{Z}+\-=._:/@]*$/u;

/**
 * Tags of an object or a bucket, by key. @param tagsMax how many there may be.
 * @throws InvalidTag, BadRequest
 */
export function tagsOf(tags: readonly Tag[], tagsMax: number): Record<string, string> {
  if (tags.length > tagsMax) {
    if (tagsMax > 10) throw badRequest(`Bucket tag count cannot be greater than ${tagsMax}`);
    throw badRequest(`Object tags cannot be greater than ${tagsMax}`);
  }
  const seen = new Set<string>();
  for (const { Key: key, Value: value } of tags) {
    if (seen.has(key)) throw invalidTag("Cannot provide multiple Tags with the same key", { key });
    seen.add(key);
    if (key.toLowerCase().startsWith("aws:")) throw invalidTag("System tags cannot be added/updated by requester", { key });
    if (key === "" || characters(key) > TAG_KEY_CHARACTERS_MAX || !ALLOWED.test(key)) {
      throw invalidTag("The TagKey you have provided is invalid", { key });
    }
    if (characters(value) > TAG_VALUE_CHARACTERS_MAX || !ALLOWED.test(value)) {
      throw invalidTag("The TagValue you have provided is invalid", { key, value });
    }
  }
  return Object.fromEntries(tags.map((tag) => [tag.Key, tag.Value]));
}

function characters(text: string): number {
  return Array.from(text).length;
}

/** `x-amz-tagging`: tags as a query string. @throws InvalidArgument, InvalidTag, BadRequest */
export function taggingHeader(header: string | undefined, tagsMax: number): Record<string, string> {
  if (header === undefined || header === "") return {};
  const tags = header.split("&").map((pair) => {
    const equals = pair.includes("=") ? pair.indexOf("=") : pair.length;
    return { Key: formDecoded(pair.slice(0, equals), header), Value: formDecoded(pair.slice(equals + 1), header) };
  });
  // A comma would be the mark of several headers put together.
  if (header.includes(",") || new Set(tags.map((tag) => tag.Key)).size < tags.length) throw malformedHeader(header);
  return tagsOf(tags, tagsMax);
}

function formDecoded(text: string, header: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw malformedHeader(header);
  }
}

function malformedHeader(header: string): Error {
  const message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
  return invalidArgument(message, { name: "x-amz-tagging", value: header });
}

/** Back into the form in which answers carry them. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
