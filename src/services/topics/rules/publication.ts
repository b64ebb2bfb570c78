import { hash } from "node:crypto"; // A digest is a computation, not an effect.
import type { Protocol } from "./endpoint.ts";
import { batchTooLong, invalidParameter } from "./errors.ts";
import { SUBJECT_CHARACTERS_MAX } from "./limits.ts";
import { attributesBytes, readMessageAttributes, type AttributeInput, type MessageAttribute } from "./message-attributes.ts";

/** What Publish and an entry of PublishBatch have in common. */
export interface PublicationInput {
  readonly Message: string;
  readonly Subject?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly MessageAttributes?: Readonly<Record<string, AttributeInput>> | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
}

/** What subscribers are to get: the same text for all, or others for some protocols. */
export type Texts = { readonly default: string } & { readonly [P in Protocol]?: string };

/** A message that was accepted for a topic of its kind. */
export interface Publication {
  readonly subject: string | null;
  readonly texts: Texts;
  readonly attributes: readonly MessageAttribute[];
  readonly groupId: string | null;
  /** Of FIFO topics, and only of them. */
  readonly deduplication: Deduplication | null;
  /** Message and attributes, as AWS counts them. */
  readonly sizeBytes: number;
}

/** By what a FIFO topic tells a message from one that it has taken before. */
export interface Deduplication {
  readonly id: string;
  /** Made of the message: good only on a topic with ContentBasedDeduplication. */
  readonly ofContent: boolean;
}

export interface PublicationOptions {
  readonly fifo: boolean;
  /** Where message attributes stand in the request. */
  readonly path: string;
}

const IDENTIFIER = /^[!-~]{1,128}$/;
// oxlint-disable-next-line eslint/no-control-regex -- Those are what a subject must not have.
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * A message as a caller gives it. Whether the topic takes it is decided where the topic is (`checkPublications`).
 * @throws {ServiceError} InvalidParameter, ParameterValueInvalid, ValidationError
 */
export function readPublication(input: PublicationInput, { fifo, path }: PublicationOptions): Publication {
  const { Subject: subject, Message: message } = input;
  if (subject !== undefined) checkSubject(subject);
  if (message === "") throw invalidParameter("Empty message");
  const attributes = readMessageAttributes(input.MessageAttributes, path);
  const deduplication = fifo ? readFifo(input) : refuseFifo(input);
  return {
    subject: subject ?? null,
    texts: input.MessageStructure === "json" ? readTexts(message) : { default: message },
    attributes,
    groupId: input.MessageGroupId ?? null,
    deduplication,
    sizeBytes: Buffer.byteLength(message) + attributesBytes(attributes),
  };
}

function checkSubject(subject: string): void {
  if (subject === "" || subject.length > SUBJECT_CHARACTERS_MAX || CONTROL.test(subject)) throw invalidParameter("Subject");
}

function readFifo({ MessageGroupId: groupId, MessageDeduplicationId: id, Message: message }: PublicationInput): Deduplication {
  if (groupId === undefined || groupId === "") throw invalidParameter("The MessageGroupId parameter is required for FIFO topics");
  checkIdentifier("MessageGroupId", groupId);
  if (id === undefined) return { id: hash("sha256", message), ofContent: true };
  checkIdentifier("MessageDeduplicationId", id);
  return { id, ofContent: false };
}

/** A standard topic hands a group on to its queues, but has no use for a deduplication id. */
function refuseFifo({ MessageGroupId: groupId, MessageDeduplicationId: id }: PublicationInput): null {
  if (id !== undefined) {
    throw invalidParameter(
      "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
    );
  }
  if (groupId !== undefined) checkIdentifier("MessageGroupId", groupId);
  return null;
}

function checkIdentifier(name: string, value: string): void {
  if (IDENTIFIER.test(value)) return;
  throw invalidParameter(`${name} Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`);
}

/** A message of MessageStructure json: texts by protocol, `default` for all that have none of their own. */
function readTexts(message: string): Texts {
  const given = parse(message);
  const { default: text, sqs, http, https } = given;
  if (typeof text !== "string") throw invalidParameter("Message Structure - No default entry in JSON message body");
  const own = Object.entries({ sqs, http, https }).filter(([, value]) => typeof value === "string");
  return { default: text, ...Object.fromEntries(own) };
}

function parse(message: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(message);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  return {};
}

/** What a topic has to say of the messages that it takes. */
export interface TopicTaking {
  readonly contentBasedDeduplication: boolean;
  readonly messageBytesMax: number;
}

/**
 * Whether a topic takes these messages; one that it does not take refuses all.
 * @param messages of Publish one, of PublishBatch all, which count together. @throws {ServiceError} InvalidParameter, BatchRequestTooLong
 */
export function checkPublications(
  messages: readonly Pick<Publication, "deduplication" | "sizeBytes">[],
  topic: TopicTaking,
  batch: boolean,
): void {
  const bytes = messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > topic.messageBytesMax) throw batch ? batchTooLong() : invalidParameter("Message too long");
  if (topic.contentBasedDeduplication || !messages.some(({ deduplication }) => deduplication?.ofContent === true)) return;
  throw invalidParameter("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
}
