import { hash } from "node:crypto"; // A digest is a computation, not an effect.
import { DEDUPLICATION_MS } from "./limits.ts";

/** Longer keys are kept as their digest. */
const KEY_CHARACTERS_MAX = 64;

/** Under what a topic remembers a message: its deduplication id, or with its group where each group has its own. Neither holds a space. */
export function deduplicationKey(id: string, groupId: string, perGroup: boolean): string {
  const key = perGroup ? `${groupId} ${id}` : id;
  return key.length <= KEY_CHARACTERS_MAX ? key : ` ${hash("sha256", key, "base64url")}`;
}

/** Of what was published at this time or before, nothing is a duplicate any more. Epoch milliseconds. */
export function forgottenThroughMs(nowMs: number): number {
  return nowMs - DEDUPLICATION_MS;
}

/** The SequenceNumber of the message at this place of the order: 20 digits, rising, so that text compares like numbers. Undefined on standard topics. */
export function sequenceNumber(sequence: number | null): string | undefined {
  return sequence === null ? undefined : String(sequence).padStart(20, "0");
}
