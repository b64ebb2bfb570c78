import { KIB, MIB } from "../../kernel/units.ts";
import type { MessageAttributes } from "./outgoing.ts";

/** Above this a body goes to the object store: below the 256 KiB of a topic, with room for attributes. */
export const POINTER_THRESHOLD_BYTES = 200 * KIB;

/** What a worker reads into memory at the word of a message; the whole of it is one handler's argument. */
export const LARGE_BODY_BYTES_MAX = 64 * MIB;

/** Holds the body's size. The first is what the current extended clients write and read, the second the older ones. */
export const SIZE_ATTRIBUTE = "ExtendedPayloadSize";
const OLD_SIZE_ATTRIBUTE = "SQSLargePayloadSize";

const POINTER_CLASS = "software.amazon.payloadoffloading.PayloadS3Pointer";
const POINTER_CLASSES: ReadonlySet<unknown> = new Set([POINTER_CLASS, "com.amazon.sqs.javamessaging.MessageS3Pointer"]);

/** Where a large body lies. */
export interface Pointer {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The body of a message whose own is in the object store, as the extended clients of AWS write it:
 * `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"b","s3Key":"k"}]`.
 */
export function pointerBody(pointer: Pointer): string {
  return JSON.stringify([POINTER_CLASS, { s3BucketName: pointer.bucket, s3Key: pointer.key }]);
}

/** @returns `undefined` where the message carries its body itself; `"damaged"` where it says that it does not, and does not say where. */
export function pointerOf(body: string, attributes: MessageAttributes): Pointer | "damaged" | undefined {
  if (attributes[SIZE_ATTRIBUTE] === undefined && attributes[OLD_SIZE_ATTRIBUTE] === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return "damaged";
  }
  if (!Array.isArray(parsed) || parsed.length !== 2 || !POINTER_CLASSES.has(parsed[0])) return "damaged";
  const where: unknown = parsed[1];
  if (typeof where !== "object" || where === null) return "damaged";
  const { s3BucketName: bucket, s3Key: key } = where as { readonly s3BucketName?: unknown; readonly s3Key?: unknown };
  return typeof bucket === "string" && typeof key === "string" ? { bucket, key } : "damaged";
}
