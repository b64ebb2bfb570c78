import { createHash } from "node:crypto";
import type { Delivery, Outcome } from "../checkers/history.ts";
import type { Expected, Observation, Observer } from "./observer.ts";

/** A message as it is sent: the body and a number that travels as an attribute. */
export interface Outgoing {
  readonly body: string;
  readonly number: number;
  readonly delaySeconds: number;
}

/** A message as it was received, with what is needed to go on with it. */
export interface Held extends Delivery {
  readonly handle: string;
}

export function contentOf(body: string, number: string | undefined): string {
  return createHash("sha256").update(`${number}\0${body}`).digest("hex");
}

/** The actions of a queue, each written into the history. */
export class QueueClient {
  readonly #observer: Observer;
  readonly #queueUrl: string;

  constructor(observer: Observer, queueUrl: string) {
    this.#observer = observer;
    this.#queueUrl = queueUrl;
  }

  async send(message: Outgoing): Promise<void> {
    const { timed, answer } = await this.#act("SendMessage", entryOf(message));
    const messageId = timed.outcome === "done" ? { messageId: read(answer).MessageId } : {};
    this.#observer.record({ op: "send", ...timed, ...sentOf(message), ...messageId });
  }

  /** Several at once. An empty body is refused, and with it nothing else. */
  async sendBatch(messages: readonly Outgoing[]): Promise<void> {
    const entries = messages.map((message, index) => ({ Id: `${index}`, ...entryOf(message) }));
    const { timed, answer } = await this.#act("SendMessageBatch", { Entries: entries });
    const { Successful } = read(timed.outcome === "done" ? answer : undefined);
    const ids = new Map(Successful.map(({ Id, MessageId }) => [Id, MessageId]));
    for (const [index, message] of messages.entries()) {
      const messageId = ids.get(`${index}`);
      const outcome: Outcome = timed.outcome === "done" && messageId === undefined ? "refused" : timed.outcome;
      const problem =
        outcome === "refused" && answer !== undefined && message.body !== "" ? { problem: `an entry failed: ${String(answer?.body)}` } : {};
      this.#observer.record({
        op: "send",
        ...timed,
        outcome,
        ...problem,
        ...sentOf(message),
        ...(messageId === undefined ? {} : { messageId }),
      });
    }
  }

  /** @param options `leaveAfterMs`: give up waiting, as a client does that is stopped. */
  async receive(options: {
    max: number;
    visibilitySeconds: number;
    waitSeconds: number;
    leaveAfterMs?: number;
    final?: boolean;
  }): Promise<Held[]> {
    const { max, visibilitySeconds, waitSeconds, leaveAfterMs, final = false } = options;
    const input = {
      MaxNumberOfMessages: max,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: waitSeconds,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    };
    const { timed, answer } = await this.#act("ReceiveMessage", input, leaveAfterMs === undefined ? {} : { leaveAfterMs });
    const held = timed.outcome === "done" ? read(answer).Messages.map(heldOf) : [];
    const deliveries = held.map(({ messageId, content, receiveCount }) => ({ messageId, content, receiveCount }));
    this.#observer.record({ op: "receive", ...timed, visibilityMs: visibilitySeconds * 1000, deliveries, final });
    return held;
  }

  async delete(held: Held): Promise<void> {
    const { timed } = await this.#act("DeleteMessage", { ReceiptHandle: held.handle });
    this.#observer.record({ op: "delete", ...timed, messageId: held.messageId });
  }

  async deleteBatch(held: readonly Held[]): Promise<void> {
    const Entries = held.map(({ handle }, index) => ({ Id: `${index}`, ReceiptHandle: handle }));
    const { timed, answer } = await this.#act("DeleteMessageBatch", { Entries });
    const { Successful } = read(timed.outcome === "done" ? answer : undefined);
    const deleted = new Set(Successful.map(({ Id }) => Number(Id)));
    for (const [index, { messageId }] of held.entries()) {
      const failed = timed.outcome === "done" && !deleted.has(index);
      this.#observer.record({
        op: "delete",
        ...timed,
        ...(failed ? { outcome: "refused", problem: `an entry failed: ${String(answer?.body)}` } : {}),
        messageId,
      });
    }
  }

  /** A message that another reader has deleted meanwhile cannot be changed any more: 400. */
  async change({ handle, messageId, receiveCount }: Held, visibilitySeconds: number): Promise<void> {
    const { timed } = await this.#act(
      "ChangeMessageVisibility",
      { ReceiptHandle: handle, VisibilityTimeout: visibilitySeconds },
      { expected: [400] },
    );
    this.#observer.record({ op: "change", ...timed, messageId, receiveCount, visibilityMs: visibilitySeconds * 1000 });
  }

  /** Messages of any kind that are in the queue; undefined where the server did not answer. */
  async count(): Promise<number | undefined> {
    const { timed, answer } = await this.#act("GetQueueAttributes", { AttributeNames: ["All"] });
    if (timed.outcome !== "done") return undefined;
    const { Attributes } = read(answer);
    const counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];
    return counts.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }

  /** Bodies as they are, taken out of the queue; for queues whose messages are read by their text. */
  async take(): Promise<{ messageId: string; body: string }[]> {
    const { answer } = await this.#act("ReceiveMessage", { MaxNumberOfMessages: 10, VisibilityTimeout: 60 });
    const messages = read(answer).Messages;
    if (messages.length > 0)
      await this.#act("DeleteMessageBatch", { Entries: messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle })) });
    return messages.map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body }));
  }

  #act(
    action: string,
    input: object,
    { expected = [], ...asked }: { expected?: Expected; leaveAfterMs?: number } = {},
  ): Promise<Observation> {
    return act(this.#observer, action, { input: { QueueUrl: this.#queueUrl, ...input }, expected, ...asked });
  }
}

/** Makes a queue and returns its URL. */
export async function createQueue(observer: Observer, name: string): Promise<string> {
  const { answer } = await act(observer, "CreateQueue", { input: { QueueName: name } });
  return read(answer).QueueUrl;
}

function act(
  observer: Observer,
  action: string,
  { input, expected = [], ...asked }: { input: object; expected?: Expected; leaveAfterMs?: number },
): Promise<Observation> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
  return observer.ask({ method: "POST", path: "/", headers, body: JSON.stringify(input), ...asked }, expected);
}

interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes: { readonly ApproximateReceiveCount: string };
  readonly MessageAttributes?: { readonly number: { readonly StringValue: string } };
}

function heldOf({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Received): Held {
  return {
    messageId: MessageId,
    handle: ReceiptHandle,
    content: contentOf(Body, MessageAttributes?.number.StringValue),
    receiveCount: Number(Attributes.ApproximateReceiveCount),
  };
}

function entryOf({ body, number, delaySeconds }: Outgoing): object {
  return { MessageBody: body, DelaySeconds: delaySeconds, MessageAttributes: { number: { DataType: "Number", StringValue: `${number}` } } };
}

function sentOf({ body, number, delaySeconds }: Outgoing): { content: string; delayMs: number } {
  return { content: contentOf(body, `${number}`), delayMs: delaySeconds * 1000 };
}

/** What answers can hold; what one does not hold is empty. */
interface Answered {
  readonly QueueUrl: string;
  readonly MessageId: string;
  readonly Successful: readonly { readonly Id: string; readonly MessageId: string }[];
  readonly Messages: readonly Received[];
  readonly Attributes: Readonly<Record<string, string>>;
}

const NOTHING: Answered = { QueueUrl: "", MessageId: "", Successful: [], Messages: [], Attributes: {} };

function read(answer: Observation["answer"]): Answered {
  return answer === undefined ? NOTHING : { ...NOTHING, ...(JSON.parse(answer.body.toString()) as Partial<Answered>) };
}
