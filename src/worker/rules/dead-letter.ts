import { KIB } from "../../kernel/units.ts";
import {
  ATTRIBUTES_MAX,
  BATCH_BYTES_MAX,
  DEAD_LETTER_ATTRIBUTE,
  ID_ATTRIBUTE,
  messageBytes,
  utf8Bytes,
  type MessageAttributes,
} from "./outgoing.ts";
import type { Death } from "./settle.ts";

/** How much of a message may be spent on saying why it is dead; a long list of issues is cut. */
const NOTE_BYTES_MAX = 8 * KIB;

export interface DeadMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly messageId: string;
  readonly lineage: string;
  readonly queueName: string;
  readonly receiveCount: number;
}

/**
 * The attributes of a dead letter: those of the message, its identity, and one that holds a JSON object
 * `{ cause, reason, issues, queue, messageId, receiveCount }`. The body stays as it was, so that moving the letter back
 * is enough to try it again. Where the message's own attributes or bytes leave no room, ours are left out.
 */
export function deadLetterAttributes(message: DeadMessage, death: Death): MessageAttributes {
  const { [DEAD_LETTER_ATTRIBUTE]: _former, ...own } = message.attributes;
  const withNote = { ...own, [DEAD_LETTER_ATTRIBUTE]: { type: "String", value: noteOf(message, death) } };
  const withId = { ...withNote, [ID_ATTRIBUTE]: { type: "String", value: message.lineage } };
  for (const attributes of [withId, withNote]) if (fits(message.body, attributes)) return attributes;
  return own;
}

function fits(body: string, attributes: MessageAttributes): boolean {
  return Object.keys(attributes).length <= ATTRIBUTES_MAX && messageBytes({ body, attributes }) <= BATCH_BYTES_MAX;
}

function noteOf(message: DeadMessage, death: Death): string {
  const base = { cause: death.cause, queue: message.queueName, messageId: message.messageId, receiveCount: message.receiveCount };
  const whole = sendable(JSON.stringify({ ...base, reason: death.reason, issues: death.issues }));
  if (utf8Bytes(whole) <= NOTE_BYTES_MAX) return whole;
  // 500 characters are at most 3,000 bytes once escaped; so are ten issues of 60 and 60 with their marks.
  const issues = death.issues.slice(0, 10).map((issue) => ({ message: cut(issue.message, 60), path: cut(issue.path, 20) }));
  return sendable(JSON.stringify({ ...base, reason: cut(death.reason, 500), issues, issuesInAll: death.issues.length }));
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`;
}

/** SQS takes the characters of XML 1.0. JSON has escaped controls and lone surrogates already; two are left. */
function sendable(json: string): string {
  return json.replaceAll(/[\uFFFE\uFFFF]/g, "\uFFFD");
}
