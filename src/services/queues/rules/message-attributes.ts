import { hash } from "node:crypto"; // A digest is a computation, not an effect.
import { invalidParameter, unsupportedOperation } from "./errors.ts";
import { ATTRIBUTE_NAME_LENGTH_MAX, DATA_TYPE_LENGTH_MAX, MESSAGE_ATTRIBUTES_MAX } from "./limits.ts";
import { hasForbiddenCharacter, textBytes } from "./message.ts";

/** An attribute's value as it comes over the wire; which members it must have depends on its type. */
export interface AttributeInput {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
  readonly StringListValues?: readonly string[] | undefined;
  readonly BinaryListValues?: readonly Uint8Array[] | undefined;
}

/** A message attribute that was accepted: bytes for the type Binary, a string for String and Number. */
export interface MessageAttribute {
  readonly name: string;
  /** With its custom label: `Number.float`. */
  readonly dataType: string;
  readonly value: string | Uint8Array;
}

// Letters and digits of any script: AWS's pages name those of ASCII, its servers let others through.
const NAME = /^[\p{L}\p{N}_.-]+$/u;
const RESERVED_PREFIX = /^(?:aws|amazon)\./i;
const DATA_TYPE = /^(?:String|Number|Binary)(?:\..+)?$/;
const NUMBER = /^[+-]?(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,4}))?$/;

/**
 * The attributes of a message, checked and in ascending order of their names, which is the order of their digest.
 * @throws {ServiceError} InvalidParameterValue; UnsupportedOperation for list values, which AWS has never offered.
 */
export function readMessageAttributes(given: Readonly<Record<string, AttributeInput>> | undefined): readonly MessageAttribute[] {
  if (given === undefined) return [];
  const names = Object.keys(given).sort();
  if (names.length > MESSAGE_ATTRIBUTES_MAX) {
    throw invalidParameter(`Number of message attributes [${names.length}] exceeds the allowed maximum [${MESSAGE_ATTRIBUTES_MAX}].`);
  }
  return names.map((name) => readMessageAttribute(name, given[name] ?? {}));
}

function readMessageAttribute(name: string, input: AttributeInput): MessageAttribute {
  checkName(name);
  if (isFilled(input.StringListValues) || isFilled(input.BinaryListValues)) {
    throw unsupportedOperation(`Message attribute '${name}' has a list value; Amazon SQS does not support list values.`);
  }
  const dataType = input.DataType ?? "";
  if (dataType === "") throw invalidParameter(`The message (user) attribute '${name}' must contain a non-empty message attribute type.`);
  if (!DATA_TYPE.test(dataType) || dataType.length > DATA_TYPE_LENGTH_MAX) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  return { name, dataType, value: readValue(name, dataType, input) };
}

function checkName(name: string): void {
  const problem = problemOfName(name);
  if (problem !== undefined) throw invalidParameter(`The message (user) attribute name '${name}' is invalid: ${problem}.`);
}

function problemOfName(name: string): string | undefined {
  if (name === "" || name.length > ATTRIBUTE_NAME_LENGTH_MAX) return "it must be 1 to 256 characters long";
  if (!NAME.test(name)) return "it can contain letters, digits, underscores, hyphens and periods";
  if (RESERVED_PREFIX.test(name)) return "it must not start with AWS. or Amazon.";
  if (name.startsWith(".") || name.endsWith(".") || name.includes(".."))
    return "it must not start or end with a period or have two in a row";
  return undefined;
}

function readValue(name: string, dataType: string, input: AttributeInput): string | Uint8Array {
  const { StringValue: text, BinaryValue: bytes } = input;
  if (text !== undefined && bytes !== undefined) throw invalidParameter(`The message (user) attribute '${name}' must have a single value.`);
  const field = isBinary(dataType) ? "Binary" : "String";
  if ((field === "Binary" ? text : bytes) !== undefined) {
    throw invalidParameter(`The message (user) attribute '${name}' with type '${dataType}' must use field '${field}'.`);
  }
  const value = text ?? bytes;
  if (value === undefined || value.length === 0) {
    throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${field}'.`);
  }
  if (typeof value === "string") checkText(name, dataType, value);
  return value;
}

function checkText(name: string, dataType: string, text: string): void {
  if (hasForbiddenCharacter(text)) throw invalidParameter(`Invalid characters found in the value of message (user) attribute '${name}'.`);
  if (dataType.startsWith("Number") && !isNumber(text)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}

/** A decimal of at most 38 significant digits, from -10^128 to 10^126. */
function isNumber(text: string): boolean {
  const match = NUMBER.exec(text);
  if (match === null) return false;
  const whole = match[1] ?? "";
  const digits = (whole + (match[2] ?? match[3] ?? "")).replace(/^0+/, "");
  if (digits === "") return true;
  const significant = digits.replace(/0+$/, "");
  const leadingZeros = whole.length + (match[2] ?? match[3] ?? "").length - digits.length;
  // The number is 0.<digits> × 10^magnitude, and so at most 10^magnitude; equal to 10^(magnitude-1) where the digit is 1.
  const magnitude = whole.length - leadingZeros + Number(match[4] ?? 0);
  const highest = text.startsWith("-") ? 128 : 126;
  return significant.length <= 38 && (magnitude <= highest || (magnitude === highest + 1 && significant === "1"));
}

function isBinary(dataType: string): boolean {
  return dataType.startsWith("Binary");
}

function isFilled(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

/** What the attributes count towards the size of their message: names, types and values. */
export function attributesBytes(attributes: readonly MessageAttribute[]): number {
  let bytes = 0;
  for (const { name, dataType, value } of attributes) bytes += textBytes(name) + textBytes(dataType) + valueBytes(value);
  return bytes;
}

function valueBytes(value: string | Uint8Array): number {
  return typeof value === "string" ? textBytes(value) : value.length;
}

const STRING_VALUE = 1;
const BINARY_VALUE = 2;

/**
 * The digest that senders compare with theirs, as lower-case hex. What is digested, for each attribute in order:
 *
 *     length of the name, 4 bytes big-endian · name
 *     length of the type, 4 bytes            · type with its custom label
 *     1 byte: 1 for String and Number, 2 for Binary
 *     length of the value, 4 bytes           · value
 *
 * Source: "Calculating the MD5 message digest for message attributes" in the AWS developer guide.
 */
export function attributesMd5(attributes: readonly MessageAttribute[]): string {
  const parts: Uint8Array[] = [];
  for (const { name, dataType, value } of attributes) {
    pushWithLength(parts, Buffer.from(name));
    pushWithLength(parts, Buffer.from(dataType));
    parts.push(Uint8Array.of(typeof value === "string" ? STRING_VALUE : BINARY_VALUE));
    pushWithLength(parts, typeof value === "string" ? Buffer.from(value) : value);
  }
  return hash("md5", Buffer.concat(parts));
}

function pushWithLength(parts: Uint8Array[], bytes: Uint8Array): void {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  parts.push(length, bytes);
}

/** How attributes are stored: `[["Name","Number.float","1.5"],["Data","Binary","AAEC"]]`, bytes as base64. */
export function attributesToJson(attributes: readonly MessageAttribute[]): string | null {
  if (attributes.length === 0) return null;
  return JSON.stringify(
    attributes.map(({ name, dataType, value }) => [
      name,
      dataType,
      typeof value === "string" ? value : Buffer.from(value).toString("base64"),
    ]),
  );
}

/** The attributes that `attributesToJson` wrote. */
export function attributesFromJson(json: string | null): readonly MessageAttribute[] {
  if (json === null) return [];
  const rows = JSON.parse(json) as [string, string, string][];
  return rows.map(([name, dataType, value]) => ({ name, dataType, value: isBinary(dataType) ? Buffer.from(value, "base64") : value }));
}
