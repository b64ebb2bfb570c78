import { ID_ATTRIBUTE } from "../worker/index.ts";
import type { SentMessage } from "./network.ts";

/** A message that a handler has emitted. */
export interface Emitted {
  /** The output's identity: the same when the same input is run again. */
  readonly id: string;
  /** Parsed where it is JSON. */
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, string>>;
}

/** @param sent as it went to a queue or a topic. */
export function emittedOf({ body, attributes }: SentMessage): Emitted {
  const { [ID_ATTRIBUTE]: id = "", ...own } = attributes;
  return { id, body: parsed(body), attributes: own };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
