import { compileXmlReader } from "../../../wire/xml-shapes.ts";
import { parseXml } from "../../../wire/xml.ts";
import { WireError } from "../../../wire/wire-error.ts";
import type { Infer } from "../../../wire/shapes.ts";
import { malformedXml } from "../rules/errors.ts";
import { OBJECT_TAGS_MAX } from "../rules/limits.ts";
import { tagsOf } from "../rules/tags.ts";
import type { ObjectAttributes } from "../store/store.ts";
import { attributesOf } from "./attributes.ts";
import { tagging } from "./shapes.ts";

/** Fields of an upload form whose name is not that of the header they stand for. */
const HEADER_NAMES: Readonly<Record<string, string>> = { acl: "x-amz-acl" };

/** The fields of a form as the headers that a PUT would have had: their text as UTF-8 bytes. @param fields by lower-case name. */
export function headersOf(fields: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(
    Array.from(fields, ([name, value]) => [HEADER_NAMES[name] ?? name, Buffer.from(value, "utf8").toString("latin1")]),
  );
}

/** What a form says of the object. @param headers as `headersOf` makes them. @throws {ServiceError} */
export function formAttributes(headers: Readonly<Record<string, string>>, taggingField: string | undefined): ObjectAttributes {
  const prefix = "x-amz-meta-";
  const metadata = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
  );
  const attributes = attributesOf({
    CacheControl: headers["cache-control"],
    ContentDisposition: headers["content-disposition"],
    ContentEncoding: headers["content-encoding"],
    ContentLanguage: headers["content-language"],
    ContentType: headers["content-type"],
    Expires: headers["expires"],
    Metadata: Object.fromEntries(metadata) as Record<string, string>,
    StorageClass: headers["x-amz-storage-class"],
    WebsiteRedirectLocation: headers["x-amz-website-redirect-location"],
  });
  return taggingField === undefined ? attributes : { ...attributes, tags: tagsOf(readTagging(taggingField).TagSet, OBJECT_TAGS_MAX) };
}

const readTag = compileXmlReader(tagging);

/** Unlike the header, the field is XML. */
function readTagging(xml: string): Infer<typeof tagging> {
  try {
    return readTag(parseXml(Buffer.from(xml))) as Infer<typeof tagging>;
  } catch (error) {
    throw error instanceof WireError ? malformedXml() : error;
  }
}
