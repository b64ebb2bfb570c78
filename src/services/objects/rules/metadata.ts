import { metadataTooLarge } from "./errors.ts";
import { METADATA_BYTES_MAX } from "./limits.ts";

/**
 * User metadata travels in headers, which hold Latin-1 text of bytes. Clients send UTF-8 bytes as they are, or the
 * encoded words of RFC 2047; what is stored is the text, and it goes out in encoded words where it is not plain ASCII.
 */

/** Header values by name as received, to text by lower-case name. @throws MetadataTooLarge */
export function metadataOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), decodedWords(textOf(value))] as const);
  const bytes = entries.reduce((sum, [name, text]) => sum + Buffer.byteLength(name) + Buffer.byteLength(text), 0);
  if (bytes > METADATA_BYTES_MAX) throw metadataTooLarge(bytes, METADATA_BYTES_MAX);
  return Object.fromEntries(entries);
}

/** The other way, for answers. */
export function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, isPlain(text) ? text : encodedWord(text)]));
}

/** A header's bytes as UTF-8 where they are that, else as Latin-1. */
function textOf(header: string): string {
  // oxlint-disable-next-line no-control-regex -- Everything up to the end of ASCII.
  if (/^[\u0000-\u007f]*$/.test(header)) return header;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(header, "latin1"));
  } catch {
    return header;
  }
}

function isPlain(text: string): boolean {
  return /^[\u0020-\u007e\t]*$/.test(text);
}

const WORD = /=\?([^?\s]{1,40})\?([bq])\?([^?\s]*)\?=/gi;

/** RFC 2047, with the spaces between two encoded words removed. What is broken stays as it is. */
function decodedWords(text: string): string {
  if (!text.includes("=?")) return text;
  return text.replace(/(\?=)\s+(?==\?)/g, "$1").replace(WORD, (word, ...groups: string[]) => {
    const [charset = "", encoding = "", encoded = ""] = groups;
    const bytes = encoding.toLowerCase() === "b" ? fromBase64(encoded) : fromQ(encoded);
    if (bytes === undefined) return word;
    try {
      return new TextDecoder(charset, { fatal: true }).decode(bytes);
    } catch {
      return word;
    }
  });
}

function fromBase64(encoded: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return undefined;
  return Buffer.from(encoded, "base64");
}

function fromQ(encoded: string): Buffer | undefined {
  if (/=(?![0-9A-Fa-f]{2})/.test(encoded)) return undefined;
  const bytes = encoded
    .replaceAll("_", " ")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1");
}

/** One word in the Q encoding; letters, digits and a few harmless marks stand for themselves. */
function encodedWord(text: string): string {
  const bytes = Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    if (character === " ") return "_";
    if (/[A-Za-z0-9!*+\-/]/.test(character)) return character;
    return `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return `=?UTF-8?Q?${bytes.join("")}?=`;
}

/** Content-Encoding without `aws-chunked`, which describes the transfer and not the object; undefined where nothing is left. */
export function storedContentEncoding(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const codings = header
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding.toLowerCase() !== "aws-chunked");
  return codings.length === 0 ? undefined : codings.join(",");
}
