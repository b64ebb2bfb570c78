import { jsonHolds, type JsonCondition } from "./json-path.ts";
import { attributesFromJson } from "./message-attributes.ts";

/** `in-flight` was received and is hidden; `delayed` is hidden and was never received. */
export type MessageState = "visible" | "in-flight" | "delayed";

export const MESSAGE_STATES: readonly MessageState[] = ["visible", "in-flight", "delayed"];

/** Which messages are looked for: all that is given must hold, `undefined` asks nothing. */
export interface MessageSearch {
  /** Any of these. */
  readonly states: readonly MessageState[];
  readonly messageId: string | undefined;
  readonly groupId: string | undefined;
  /** A message attribute that is there, and where a value is given has it; bytes are compared as base64. */
  readonly attribute: { readonly name: string; readonly value: string | undefined } | undefined;
  /** Occurs in the body, in this very case. */
  readonly bodyText: string | undefined;
  readonly bodyJson: JsonCondition | undefined;
  /** Sent at least so long ago. */
  readonly olderThanMs: number | undefined;
  /** Sent less than so long ago. */
  readonly newerThanMs: number | undefined;
  readonly receivesMin: number | undefined;
  readonly receivesMax: number | undefined;
}

/** Every message. */
export const EVERY_MESSAGE: MessageSearch = {
  states: MESSAGE_STATES,
  messageId: undefined,
  groupId: undefined,
  attribute: undefined,
  bodyText: undefined,
  bodyJson: undefined,
  olderThanMs: undefined,
  newerThanMs: undefined,
  receivesMin: undefined,
  receivesMax: undefined,
};

/** How a message stands in its queue. */
export interface Standing {
  readonly state: MessageState;
  readonly sentMs: number;
  readonly receiveCount: number;
}

/** What is known of a message without reading its body. */
export interface MessageHead {
  readonly id: string;
  readonly groupId: string | null;
  /** As stored: see `attributesToJson`. */
  readonly attributes: string | null;
}

/** Where in a queue a page of messages ended: the last one that was looked at. */
export interface PeekPosition {
  /** `ready` comes first, in the order of sending; `hidden` after it, in the order in which they become visible. */
  readonly part: "ready" | "hidden";
  /** 0 in `ready`. */
  readonly visibleMs: number;
  readonly sequence: number;
}

export function selectsStanding(search: MessageSearch, { state, sentMs, receiveCount }: Standing, nowMs: number): boolean {
  const { states, olderThanMs, newerThanMs, receivesMin, receivesMax } = search;
  const ageMs = nowMs - sentMs;
  if (!states.includes(state)) return false;
  if (olderThanMs !== undefined && ageMs < olderThanMs) return false;
  if (newerThanMs !== undefined && ageMs >= newerThanMs) return false;
  return receiveCount >= (receivesMin ?? 0) && receiveCount <= (receivesMax ?? Infinity);
}

/** Whether a message's head must be read to tell. */
export function looksAtHead({ messageId, groupId, attribute }: MessageSearch): boolean {
  return messageId !== undefined || groupId !== undefined || attribute !== undefined;
}

export function selectsHead({ messageId, groupId, attribute }: MessageSearch, head: MessageHead): boolean {
  if (messageId !== undefined && head.id !== messageId) return false;
  if (groupId !== undefined && head.groupId !== groupId) return false;
  return attribute === undefined || hasAttribute(head.attributes, attribute);
}

function hasAttribute(stored: string | null, wanted: { name: string; value: string | undefined }): boolean {
  return attributesFromJson(stored).some(({ name, value }) => {
    if (name !== wanted.name) return false;
    const text = typeof value === "string" ? value : Buffer.from(value).toString("base64");
    return wanted.value === undefined || text === wanted.value;
  });
}

export function selectsBody({ bodyText, bodyJson }: MessageSearch, body: string): boolean {
  if (bodyText !== undefined && !body.includes(bodyText)) return false;
  return bodyJson === undefined || jsonHolds(body, bodyJson);
}
