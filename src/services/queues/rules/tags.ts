import { invalidParameter, missingParameter } from "./errors.ts";
import { TAGS_MAX, TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX } from "./limits.ts";

type Tags = Readonly<Record<string, string>>;

const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const RESERVED_PREFIX = /^aws:/i;

/**
 * Tags as a caller gives them.
 * @throws {ServiceError} InvalidParameterValue
 */
export function checkTags(tags: Tags, queueName: string): void {
  for (const [key, value] of Object.entries(tags)) {
    if (key === "" || key.length > TAG_KEY_LENGTH_MAX) throw invalidParameter("Tag keys must be between 1 and 128 characters in length.");
    if (value.length > TAG_VALUE_LENGTH_MAX) throw invalidParameter("Tag values must be between 0 and 256 characters in length.");
    if (RESERVED_PREFIX.test(key)) throw invalidParameter("Tag keys must not start with aws:, which is reserved.");
    if (!TEXT.test(key) || !TEXT.test(value)) {
      throw invalidParameter("Tag keys and values can only include letters, digits, spaces and the characters _ . : / = + - @");
    }
  }
  checkTagCount(Object.keys(tags).length, queueName);
}

/** The tags of a TagQueue. @throws {ServiceError} MissingParameter, InvalidParameterValue */
export function checkAddedTags(tags: Tags, queueName: string): void {
  if (Object.keys(tags).length === 0) throw missingParameter("Tags");
  checkTags(tags, queueName);
}

/** The keys of an UntagQueue. @throws {ServiceError} MissingParameter */
export function checkRemovedTags(keys: readonly string[]): void {
  if (keys.length === 0) throw missingParameter("TagKeys");
}

/**
 * The tags of a queue after some are added; a key that is there already gets its new value.
 * @throws {ServiceError} InvalidParameterValue where a queue would have too many.
 */
export function mergeTags(existing: Tags, added: Tags, queueName: string): Tags {
  const merged = { ...existing, ...added };
  checkTagCount(Object.keys(merged).length, queueName);
  return merged;
}

function checkTagCount(count: number, queueName: string): void {
  if (count > TAGS_MAX) throw invalidParameter(`Too many tags added for queue ${queueName}.`);
}
