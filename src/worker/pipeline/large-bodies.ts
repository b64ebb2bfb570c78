import { assert } from "../../kernel/assert.ts";
import type { Objects } from "../objects.ts";
import type { Output } from "../outputs.ts";
import { ID_ATTRIBUTE, messageBytes, utf8Bytes, type OutgoingMessage } from "../rules/outgoing.ts";
import { LARGE_BODY_BYTES_MAX, POINTER_THRESHOLD_BYTES, pointerBody, pointerOf, SIZE_ATTRIBUTE } from "../rules/pointer.ts";
import type { ReceivedMessage } from "../sqs.ts";
import { Reject } from "../verdicts.ts";

/** The body of a message that has only a pointer to it. @throws {Reject} where the pointer cannot be read. */
export async function followPointer(
  objects: () => Promise<Objects>,
  message: ReceivedMessage,
  signal: AbortSignal,
): Promise<string | undefined> {
  const pointer = pointerOf(message.body, message.attributes);
  if (pointer === undefined) return undefined;
  if (pointer === "damaged") throw new Reject("the message says that its body is in the object store, and not where");
  return await (await objects()).follow(pointer, LARGE_BODY_BYTES_MAX, signal);
}

/** Puts a body that is too large for a queue into the object store, and a pointer in its place. Others are left as they are. */
export async function withPointer(objects: () => Promise<Objects>, message: OutgoingMessage): Promise<OutgoingMessage> {
  if (messageBytes(message) <= POINTER_THRESHOLD_BYTES) return message;
  const bytes = utf8Bytes(message.body);
  assert(bytes <= LARGE_BODY_BYTES_MAX, `a body has ${bytes} bytes; at most ${LARGE_BODY_BYTES_MAX} are carried`);
  const store = await objects();
  const id = message.attributes[ID_ATTRIBUTE]?.value;
  assert(typeof id === "string", "a message is sent without its identity");
  // The name follows from the message: a second run writes the same bytes to the same place.
  const key = `millrace/bodies/${id}`;
  await store.putBytes(key, message.body, { contentType: "application/json" });
  return {
    ...message,
    body: pointerBody({ bucket: store.bucket, key }),
    attributes: { ...message.attributes, [SIZE_ATTRIBUTE]: { type: "Number", value: String(bytes) } },
  };
}

/** The same for all outputs of a run. */
export async function withPointers(objects: () => Promise<Objects>, outputs: Output[]): Promise<void> {
  const messages = await Promise.all(outputs.map(async ({ message }) => await withPointer(objects, message)));
  for (const [index, message] of messages.entries()) {
    const output = outputs[index];
    if (output !== undefined) outputs[index] = { ...output, message };
  }
}
