import { checkKey, parametersOf } from "./address.ts";
import { invalidArgument, invalidRequest } from "./errors.ts";

const HEADER = "x-amz-copy-source";

export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/**
 * `x-amz-copy-source`: bucket and key, URL-encoded, with or without a slash before or a whole URL around, and perhaps a
 * version. A plus is a space here, other than in the path of a request.
 * @throws InvalidArgument
 */
export function copySourceOf(header: string): CopySource {
  const question = header.indexOf("?versionId=");
  const encoded = question < 0 ? header : header.slice(0, question);
  const versionId = question < 0 ? undefined : parametersOf(header.slice(question + 1)).get("versionId");
  const path = decode(encoded.replace(/^https?:\/\/[^/]*\//i, ""), header).replace(/^\//, "");
  const slash = path.indexOf("/");
  if (slash <= 0 || slash === path.length - 1) throw invalidArgument("Invalid copy source object key", { name: HEADER, value: header });
  const key = path.slice(slash + 1);
  checkKey(key);
  return { bucket: path.slice(0, slash), key, versionId };
}

function decode(encoded: string, header: string): string {
  const bytes = encoded.replaceAll("+", "%20").replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`);
  try {
    return decodeURIComponent(bytes);
  } catch {
    throw invalidArgument("Invalid copy source encoding.", { name: HEADER, value: header });
  }
}

/** `COPY` or `REPLACE`; COPY where absent. @throws InvalidArgument */
export function directiveOf(value: string | undefined, header: string): "COPY" | "REPLACE" {
  if (value === undefined || value === "COPY") return "COPY";
  if (value === "REPLACE") return "REPLACE";
  const what = header.includes("tagging") ? "tagging" : "metadata";
  throw invalidArgument(`Unknown ${what} directive.`, { name: header, value });
}

/** A copy of an object onto itself must change something that a copy can change. @throws InvalidRequest */
export function refuseUnchangedCopy(asked: {
  readonly replacesMetadata: boolean;
  readonly StorageClass?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
}): void {
  if (asked.replacesMetadata || asked.StorageClass !== undefined || asked.WebsiteRedirectLocation !== undefined) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage " +
      "class, website redirect location or encryption attributes.",
  );
}
