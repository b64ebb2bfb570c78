import { SECOND_MS } from "../../../kernel/units.ts";
import { invalidParameter, invalidValue } from "./errors.ts";
import { parseJsonCondition } from "./json-path.ts";
import { PEEK_MESSAGES_MAX, PEEK_SCAN_MAX, WAIT_SECONDS_MAX } from "./limits.ts";
import { MESSAGE_STATES, type MessageSearch, type MessageState, type PeekPosition } from "./message-search.ts";

/** A page of messages as its URL asks for it. */
export interface PeekRequest {
  readonly search: MessageSearch;
  readonly messagesMax: number;
  readonly scanMax: number;
  readonly cursor: Cursor;
}

/** Where a page begins, and how many messages the pages before it have looked at. */
export interface Cursor {
  readonly after: PeekPosition | undefined;
  readonly scannedBefore: number;
}

export const FIRST_PAGE: Cursor = { after: undefined, scannedBefore: 0 };

type Parameters = ReadonlyMap<string, string>;

/** What a search may ask for, by the names of the URL. */
const CONTENT = ["messageId", "group", "attribute", "body", "json"];
const STANDING = ["state", "olderThanSeconds", "newerThanSeconds", "receivesMin", "receivesMax"];

/** Those of a signature in the query string; they select nothing. */
const SIGNATURE = /^(?:X-Amz-|AWSAccessKeyId$|Signature$|Expires$)/;

/** @throws {ServiceError} InvalidParameterValue */
export function readPeekRequest(parameters: Parameters): PeekRequest {
  refuseUnknown(parameters, [...CONTENT, ...STANDING, "limit", "scan", "cursor", "region"]);
  return {
    search: readSearch(parameters),
    messagesMax: wholeNumber(parameters, "limit", { min: 1, max: PEEK_MESSAGES_MAX }) ?? 100,
    scanMax: wholeNumber(parameters, "scan", { min: 1, max: PEEK_SCAN_MAX }) ?? 1000,
    cursor: decodeCursor(parameters.get("cursor")),
  };
}

/**
 * What a follower of a queue asks for: only what a message consists of can be looked for, since how it stands is not known
 * of it any more when it is shown.
 * @throws {ServiceError} InvalidParameterValue
 */
export function readTailRequest(parameters: Parameters): { search: MessageSearch; after: number | undefined; waitMs: number } {
  refuseUnknown(parameters, [...CONTENT, "after", "wait", "region"]);
  return {
    search: readSearch(parameters),
    after: wholeNumber(parameters, "after", { min: 0, max: Number.MAX_SAFE_INTEGER }),
    waitMs: (wholeNumber(parameters, "wait", { min: 0, max: WAIT_SECONDS_MAX }) ?? 0) * SECOND_MS,
  };
}

/** @throws {ServiceError} InvalidParameterValue */
export function readQuarantineRequest(parameters: Parameters): { after: number; limit: number } {
  refuseUnknown(parameters, ["after", "limit", "region"]);
  return {
    after: wholeNumber(parameters, "after", { min: 0, max: Number.MAX_SAFE_INTEGER }) ?? 0,
    limit: wholeNumber(parameters, "limit", { min: 1, max: PEEK_MESSAGES_MAX }) ?? 100,
  };
}

function readSearch(parameters: Parameters): MessageSearch {
  const seconds = (name: string) => {
    const value = wholeNumber(parameters, name, { min: 0, max: Number.MAX_SAFE_INTEGER / SECOND_MS });
    return value === undefined ? undefined : value * SECOND_MS;
  };
  const count = (name: string) => wholeNumber(parameters, name, { min: 0, max: Number.MAX_SAFE_INTEGER });
  return {
    states: readStates(parameters.get("state")),
    messageId: parameters.get("messageId"),
    groupId: parameters.get("group"),
    attribute: readAttribute(parameters.get("attribute")),
    bodyText: parameters.get("body"),
    bodyJson: readJson(parameters.get("json")),
    olderThanMs: seconds("olderThanSeconds"),
    newerThanMs: seconds("newerThanSeconds"),
    receivesMin: count("receivesMin"),
    receivesMax: count("receivesMax"),
  };
}

/** A filter that is misspelt must not show everything. */
function refuseUnknown(parameters: Parameters, known: readonly string[]): void {
  for (const name of parameters.keys())
    if (!known.includes(name) && !SIGNATURE.test(name))
      throw invalidParameter(`There is no parameter ${name}; there are ${known.join(", ")}.`);
}

function readStates(text: string | undefined): readonly MessageState[] {
  if (text === undefined) return MESSAGE_STATES;
  return text.split(",").map((name) => {
    const state = MESSAGE_STATES.find((known) => known === name);
    if (state === undefined) throw invalidValue(name, "state", `Must be of ${MESSAGE_STATES.join(", ")}, several separated by commas.`);
    return state;
  });
}

/** `name` or `name=value`; no name holds an equals sign. */
function readAttribute(text: string | undefined): MessageSearch["attribute"] {
  if (text === undefined) return undefined;
  const equals = text.indexOf("=");
  return equals === -1 ? { name: text, value: undefined } : { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

function readJson(text: string | undefined): MessageSearch["bodyJson"] {
  if (text === undefined) return undefined;
  const condition = parseJsonCondition(text);
  if (condition === undefined) throw invalidValue(text, "json", "Must be a path and a value, such as order.items[0].sku=A-17.");
  return condition;
}

function wholeNumber(parameters: Parameters, name: string, { min, max }: { min: number; max: number }): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw invalidValue(text, name, `Must be a whole number from ${min} to ${Math.floor(max)}.`);
  return value;
}

/** A cursor is base64url of the JSON `[part, visibleMs, sequence, scannedBefore]`. */
export function encodeCursor({ part, visibleMs, sequence }: PeekPosition, scannedBefore: number): string {
  return Buffer.from(JSON.stringify([part, visibleMs, sequence, scannedBefore])).toString("base64url");
}

/** @throws {ServiceError} InvalidParameterValue */
export function decodeCursor(cursor: string | undefined): Cursor {
  if (cursor === undefined || cursor === "") return FIRST_PAGE;
  const [part, ...numbers] = parseList(Buffer.from(cursor, "base64url").toString());
  const [visibleMs, sequence, scannedBefore] = numbers.filter((value) => Number.isSafeInteger(value)) as number[];
  if ((part !== "ready" && part !== "hidden") || visibleMs === undefined || sequence === undefined || scannedBefore === undefined)
    throw invalidValue(cursor, "cursor", "It is no cursor that a page of messages ended with.");
  return { after: { part, visibleMs, sequence }, scannedBefore };
}

function parseList(json: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
