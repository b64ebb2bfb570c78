import { invalidParameter, tooManyTags } from "./errors.ts";
import { TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, TAGS_MAX } from "./limits.ts";

export type Tags = Readonly<Record<string, string>>;

const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const RESERVED_PREFIX = /^aws:/i;

/** Tags as a caller lists them. @throws {ServiceError} InvalidParameter, TagLimitExceeded */
export function readTags(given: readonly { readonly Key: string; readonly Value: string }[]): Tags {
  const tags: Record<string, string> = {};
  for (const { Key, Value } of given) {
    if (Object.hasOwn(tags, Key)) throw invalidParameter("Duplicated keys are not allowed.");
    if (Key === "" || Key.length > TAG_KEY_LENGTH_MAX) throw invalidParameter("Tags Reason: a key has 1 to 128 characters");
    if (Value.length > TAG_VALUE_LENGTH_MAX) throw invalidParameter("Tags Reason: a value has at most 256 characters");
    if (RESERVED_PREFIX.test(Key)) throw invalidParameter("Tags Reason: keys that begin with aws: are reserved");
    if (!TEXT.test(Key) || !TEXT.test(Value)) {
      throw invalidParameter("Tags Reason: keys and values have letters, digits, spaces and the characters _ . : / = + - @");
    }
    tags[Key] = Value;
  }
  checkCount(tags);
  return tags;
}

/** The tags of a topic after some are added; a key that is there already gets its new value. @throws {ServiceError} TagLimitExceeded */
export function mergeTags(existing: Tags, added: Tags): Tags {
  const merged = { ...existing, ...added };
  checkCount(merged);
  return merged;
}

/** Whether all of these tags are among the others, with the same values. */
export function isSubset(given: Tags, existing: Tags): boolean {
  return Object.entries(given).every(([key, value]) => existing[key] === value);
}

function checkCount(tags: Tags): void {
  if (Object.keys(tags).length > TAGS_MAX) throw tooManyTags();
}
