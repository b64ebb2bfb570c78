import type { Output } from "../outputs.ts";
import type { MessageAttribute, OutgoingMessage } from "../rules/outgoing.ts";

/** An output as a claim record keeps it: JSON, with bytes as base64 and what is not there left out. */
export interface KeptOutput {
  readonly name: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, { readonly type: string; readonly text?: string; readonly base64?: string }>>;
  readonly delaySeconds?: number | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly traceHeader?: string | undefined;
}

export function keptOutput({ name, message }: Output): KeptOutput {
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).map(([key, { type, value }]) => [
      key,
      typeof value === "string" ? { type, text: value } : { type, base64: Buffer.from(value).toString("base64") },
    ]),
  );
  return { ...message, name, attributes };
}

export function restoredOutput(kept: KeptOutput): { name: string; message: OutgoingMessage } {
  const { name, body, delaySeconds, groupId, deduplicationId, traceHeader } = kept;
  const attributes = Object.fromEntries(
    Object.entries(kept.attributes).map(([key, { type, text, base64 }]): [string, MessageAttribute] => [
      key,
      { type, value: base64 === undefined ? (text ?? "") : Buffer.from(base64, "base64") },
    ]),
  );
  return { name, message: { body, attributes, delaySeconds, groupId, deduplicationId, traceHeader } };
}
