import { invalidMessageAttribute, nullValue } from "./errors.ts";
import { ATTRIBUTE_NAME_BYTES_MAX } from "./limits.ts";

/** An attribute's value as it comes over the wire. */
export interface AttributeInput {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

/** A message attribute that was accepted. */
export interface MessageAttribute {
  readonly name: string;
  /** With its custom label: `String.Array`. */
  readonly dataType: string;
  /** Of the type Binary in base64. */
  readonly value: string;
}

const DATA_TYPE = /^(String|Number|Binary)(?:\..+)?$/s;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/**
 * The attributes of a message, checked.
 * @param path where they stand in the request, for what AWS says of a value that is absent: `messageAttributes`.
 * @throws {ServiceError} ParameterValueInvalid, ValidationError
 */
export function readMessageAttributes(given: Readonly<Record<string, AttributeInput>> | undefined, path: string): MessageAttribute[] {
  return Object.entries(given ?? {}).map(([name, input]) => {
    if (input.DataType === undefined) throw nullValue(`${path}.${name}.member.dataType`);
    checkName(name);
    return { name, dataType: input.DataType, value: readValue(name, input.DataType, input) };
  });
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > ATTRIBUTE_NAME_BYTES_MAX || name === "") {
    throw invalidMessageAttribute("Length of message attribute name must be less than 256 bytes.");
  }
  const strange = /[^A-Za-z0-9_.-]/.exec(name)?.[0];
  if (strange !== undefined) {
    const code = strange.charCodeAt(0).toString(16).toUpperCase();
    throw invalidMessageAttribute(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.startsWith(".")) throw invalidMessageAttribute("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith(".")) throw invalidMessageAttribute("Invalid message attribute name ending with character '.' was found.");
  if (name.includes("..")) throw invalidMessageAttribute("Message attribute name can not have successive '.' character.");
}

function readValue(name: string, dataType: string, { StringValue: text, BinaryValue: bytes }: AttributeInput): string {
  const kind = DATA_TYPE.exec(dataType)?.[1];
  if (kind === undefined) {
    throw invalidMessageAttribute(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const field = kind === "Binary" ? "Binary" : "String";
  if ((field === "Binary" ? text : bytes) !== undefined) {
    throw invalidMessageAttribute(`The message attribute '${name}' with type '${dataType}' must use field '${field}'.`);
  }
  const value = text ?? bytes;
  if (value === undefined || value.length === 0) {
    throw invalidMessageAttribute(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${dataType}'.`,
    );
  }
  if (typeof value !== "string") return Buffer.from(value).toString("base64");
  if (kind === "Number" && !NUMBER.test(value)) {
    throw invalidMessageAttribute(`Could not cast message attribute '${name}' value to number.`);
  }
  return value;
}

/** Whether the value is bytes, in base64. */
export function isBinary({ dataType }: MessageAttribute): boolean {
  return dataType.startsWith("Binary");
}

/** What the attributes count towards the size of their message: names, types and values. */
export function attributesBytes(attributes: readonly MessageAttribute[]): number {
  let bytes = 0;
  for (const attribute of attributes) {
    const { name, dataType, value } = attribute;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(dataType) + Buffer.byteLength(value, isBinary(attribute) ? "base64" : "utf8");
  }
  return bytes;
}
