import { ServiceError } from "../../../kernel/service-error.ts";
import { attributesToJson, readMessageAttributes, type AttributeInput } from "./message-attributes.ts";
import { hasForbiddenCharacter, textBytes } from "./message.ts";
import { isFifoQueueName } from "./queue-name.ts";
import { parseQueueArn, type QueueRef } from "./queue-url.ts";

/** A message that another service sends on an account's behalf: an event of a bucket, a notification of a topic. */
export interface Delivery {
  readonly queueArn: string;
  /** The MessageId. */
  readonly id: string;
  readonly body: string;
  readonly source: Source;
  /** What receivers see as SenderId. */
  readonly senderId: string;
  /** Of a body that many get with small differences: the part that is the same, and the other; together all but punctuation. */
  readonly parts?: readonly [common: string, own: string] | undefined;
  /** What counts against the queue's limit; by default the body and its attributes. */
  readonly sizeBytes?: number;
  readonly attributes?: readonly DeliveredAttribute[];
  readonly traceHeader?: string | null;
  /** FIFO queues take what has a group and a deduplication id, others what has no deduplication id. */
  readonly groupId?: string | null;
  readonly deduplicationId?: string | null;
}

export interface DeliveredAttribute {
  readonly name: string;
  readonly dataType: string;
  /** Of the type Binary in base64. */
  readonly value: string;
}

/** What a policy may look at of a delivery. */
export interface Source {
  /** The service's name as a principal: `s3.amazonaws.com`. */
  readonly service: string;
  /** The bucket or topic. */
  readonly arn: string;
  /** The account whose it is, twelve digits. Its own queues take from it what their policies do not deny, others what theirs allow. */
  readonly accountId: string;
}

/**
 * The queue of an ARN as a service asks for it; undefined where the ARN names no queue.
 * @param ownAccountAsked whether a queue's policy is asked about its own account, too.
 */
export function queueForService(queueArn: string, source: Source, ownAccountAsked: boolean): QueueRef | undefined {
  return askedFor(parseQueueArn(queueArn), source, ownAccountAsked);
}

function askedFor(queue: QueueRef | undefined, source: Source, ownAccountAsked: boolean): QueueRef | undefined {
  if (queue === undefined || (!ownAccountAsked && queue.account === source.accountId)) return queue;
  const { service, arn, accountId } = source;
  return { ...queue, asker: { kind: "service", action: "SendMessage", accountId, service, sourceArn: arn } };
}

/** Beyond so many, the ARNs that were read are forgotten. */
const ARNS_MAX = 10_000;

/** Makes messages of deliveries. A topic brings the same to many queues: what was found of it for one is not looked for again. */
export class DeliveryReader {
  readonly #ownAccountAsked: boolean;
  readonly #queues = new Map<string, QueueRef | undefined>();
  #common = "";
  #isCommonFit = true;

  /** @param ownAccountAsked whether a queue's policy is asked about its own account, too. */
  constructor(ownAccountAsked: boolean) {
    this.#ownAccountAsked = ownAccountAsked;
  }

  /** What is put into which queue; undefined where no queue of that ARN could take such a message. */
  read(delivery: Delivery) {
    const { id, body, parts, senderId, traceHeader = null, groupId = null, deduplicationId = null } = delivery;
    const queue = askedFor(this.#queueOf(delivery.queueArn), delivery.source, this.#ownAccountAsked);
    if (queue === undefined || !this.#isFit(parts === undefined ? body : parts[0])) return undefined;
    if (parts !== undefined && hasForbiddenCharacter(parts[1])) return undefined;
    const fifo = isFifoQueueName(queue.name);
    if (fifo ? groupId === null || deduplicationId === null : deduplicationId !== null) return undefined;
    const attributes = attributesOf(delivery.attributes ?? []);
    if (attributes === undefined) return undefined;
    const sizeBytes = delivery.sizeBytes ?? textBytes(body);
    // Nobody is told the digest before the message is received: it is made then (`store.ts`).
    const message = { id, senderId, body, bodyMd5: "", attributes, sizeBytes, traceHeader, groupId, delayMs: undefined };
    if (deduplicationId === null) return { queue, message };
    return { queue, message: { ...message, deduplication: { id: deduplicationId, ofContent: false } } };
  }

  #queueOf(arn: string): QueueRef | undefined {
    const known = this.#queues.get(arn);
    if (known !== undefined || this.#queues.has(arn)) return known;
    if (this.#queues.size === ARNS_MAX) this.#queues.clear();
    const queue = parseQueueArn(arn);
    this.#queues.set(arn, queue);
    return queue;
  }

  /** To compare a text with itself costs nothing. */
  #isFit(text: string): boolean {
    if (text !== this.#common) {
      this.#common = text;
      this.#isCommonFit = !hasForbiddenCharacter(text);
    }
    return this.#isCommonFit;
  }
}

/** Attributes as they are stored; undefined where they are no attributes of a queue's message, be it that they are too many. */
function attributesOf(given: readonly DeliveredAttribute[]): string | null | undefined {
  if (given.length === 0) return null;
  const inputs = given.map(({ name, dataType, value }): [string, AttributeInput] => {
    const isBinary = dataType.startsWith("Binary");
    return [
      name,
      isBinary ? { DataType: dataType, BinaryValue: Buffer.from(value, "base64") } : { DataType: dataType, StringValue: value },
    ];
  });
  try {
    return attributesToJson(readMessageAttributes(Object.fromEntries(inputs)));
  } catch (refusal) {
    if (refusal instanceof ServiceError) return undefined;
    throw refusal;
  }
}
