import { outputIdentity, type MessageAttributes } from "./outgoing.ts";

/** The attribute of a message that goes on with work that an earlier one has begun: `{ "part": 1, "cursor": … }`. */
export const CURSOR_ATTRIBUTE = "Millrace.Cursor";

/** The attribute of a message that only looks whether a join has become complete: `{ "untilMs": …, "hop": 2 }`. */
export const DEADLINE_ATTRIBUTE = "Millrace.Deadline";

export interface Continuation {
  /** 0 for a message that begins. */
  readonly part: number;
  readonly cursor: unknown;
}

export function continuationOf(attributes: MessageAttributes): Continuation {
  const found = jsonOf(attributes[CURSOR_ATTRIBUTE]?.value);
  return found === undefined ? { part: 0, cursor: undefined } : { part: Number(found["part"]), cursor: found["cursor"] };
}

export interface Deadline {
  readonly untilMs: number;
  /** How often it has been sent on: SQS delays by at most 15 minutes. */
  readonly hop: number;
}

export function deadlineOf(attributes: MessageAttributes): Deadline | undefined {
  const found = jsonOf(attributes[DEADLINE_ATTRIBUTE]?.value);
  return found === undefined ? undefined : { untilMs: Number(found["untilMs"]), hop: Number(found["hop"]) };
}

/** The identity of a message that a stage sends to itself: the same one however often the run is repeated. */
export function ownIdentity(stage: string, lineage: string, key: string): string {
  return outputIdentity({ stage, lineage, name: "~again", key: `=${key}` });
}

function jsonOf(value: string | Uint8Array | undefined): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "string") return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
