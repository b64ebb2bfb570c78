import { GIB, KIB, MIB } from "../../../kernel/units.ts";

/** Limits of S3, from its user guide ("Multipart upload limits", "Object metadata", "POST policy") unless noted. */

/** UTF-8 bytes. */
export const KEY_BYTES_MAX = 1024;
/** One PUT, one part, or one copy that is not multipart. */
export const SINGLE_UPLOAD_BYTES_MAX = 5 * GIB;
export const PART_BYTES_MIN = 5 * MIB;
export const PART_NUMBER_MAX = 10_000;
/** Names and values of user metadata together, in UTF-8 bytes, names without their prefix. */
export const METADATA_BYTES_MAX = 2 * KIB;
/** Entries of a page, for every listing. */
export const PAGE_MAX = 1000;
/** Keys of one DeleteObjects. */
export const DELETE_KEYS_MAX = 1000;
export const BUCKET_PAGE_MAX = 10_000;

export const OBJECT_TAGS_MAX = 10;
export const BUCKET_TAGS_MAX = 50;
export const TAG_KEY_CHARACTERS_MAX = 128;
export const TAG_VALUE_CHARACTERS_MAX = 256;

export const CORS_RULES_MAX = 100;
export const NOTIFICATIONS_MAX = 100;

/** Fields of a POST form before the file, together. */
export const FORM_FIELDS_BYTES_MAX = 20 * KIB;
/**
 * An XML body; our own figure, and that of the parser. The longest that a client has reason to send is
 * CompleteMultipartUpload with 10,000 parts and their checksums, just below it.
 */
export const XML_BYTES_MAX = 2 * MIB;

export const STORAGE_CLASSES: readonly string[] = [
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "OUTPOSTS",
  "GLACIER_IR",
  "SNOW",
  "EXPRESS_ONEZONE",
  "FSX_OPENZFS",
  "FSX_ONTAP",
];
