import { hash } from "node:crypto"; // A digest is a computation, not an effect.

/** The first 128 bits of a text's SHA-256. */
export type IdBytes = Uint8Array;

export function idBytes(text: string): IdBytes {
  return hash("sha256", text, "buffer").subarray(0, 16);
}

const DIGITS = Buffer.from("0123456789abcdef", "latin1");
/** Where its bytes stand in a UUID of version 8 (RFC 9562), behind hyphens. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
/** Written anew each time, and read at once: to make a buffer for each takes longer than all else. */
const WRITTEN = Buffer.alloc(36, "-");
const VERSION_AT = 14;
const VARIANT_AT = 19;
const EIGHT = 0x38;

/**
 * The id that a message has in the queue of a subscription. Made of both, so that nothing is left to chance where the
 * messages are stored, and of two digests, since a topic brings one message to many queues.
 */
export function deliveryIdOf(message: IdBytes, subscription: IdBytes): string {
  for (let at = 0; at < PLACES.length; at += 1) {
    const place = PLACES[at] ?? 0;
    const byte = (message[at] ?? 0) ^ (subscription[at] ?? 0);
    WRITTEN[place] = DIGITS[byte >> 4] ?? 0;
    WRITTEN[place + 1] = DIGITS[byte & 15] ?? 0;
  }
  WRITTEN[VERSION_AT] = WRITTEN[VARIANT_AT] = EIGHT;
  return WRITTEN.toString("latin1");
}

/** The same of a message and a subscription by their ids. */
export function deliveryId(messageId: string, subscriptionId: string): string {
  return deliveryIdOf(idBytes(messageId), idBytes(subscriptionId));
}
