import { createHash } from "node:crypto";
import type { MessageAttributeValue } from "@aws-sdk/client-sqs";

export type MessageAttributes = Readonly<Record<string, MessageAttributeValue>>;

export function md5(content: string | Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}

/** MD5OfMessageAttributes: names in order; each name, type and value behind its length, a byte before the value for its kind. */
export function attributesMd5(attributes: MessageAttributes): string {
  const parts = Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { DataType = "", StringValue = "", BinaryValue }]) => [
      withLength(Buffer.from(name)),
      withLength(Buffer.from(DataType)),
      Buffer.from([BinaryValue === undefined ? 1 : 2]),
      withLength(BinaryValue ?? Buffer.from(StringValue)),
    ]);
  return md5(Buffer.concat(parts));
}

function withLength(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The size that limits count: body, and name, type and value of each attribute. */
export function sizeOf(body: string, attributes: MessageAttributes | undefined): number {
  return Object.entries(attributes ?? {}).reduce(
    (sum, [name, { DataType = "", StringValue = "", BinaryValue }]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(DataType) + (BinaryValue?.length ?? Buffer.byteLength(StringValue)),
    Buffer.byteLength(body),
  );
}
