import { hash } from "node:crypto"; // A digest is a computation, not an effect.

/**
 * The id that a message has in the queue of a subscription. Made of both, so that nothing is left to chance where the
 * messages are stored; in the form of a UUID of version 8 (RFC 9562).
 */
export function deliveryId(messageId: string, subscriptionId: string): string {
  const hex = hash("sha256", `${messageId} ${subscriptionId}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
