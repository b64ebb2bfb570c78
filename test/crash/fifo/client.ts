import { createHash } from "node:crypto";
import type { Numbered } from "../../checkers/history.ts";
import type { Observation, Observer } from "../observer.ts";

/** What is sent: to which group, and as its how-manieth message. */
export type Outgoing = Omit<Numbered, "sequence">;

/** A message as it was received. */
export interface Held {
  readonly messageId: string;
  readonly handle: string;
}

interface Answered {
  readonly QueueUrl: string;
  readonly Successful: readonly { readonly Id: string; readonly MessageId: string; readonly SequenceNumber: string }[];
  readonly Messages: readonly {
    readonly MessageId: string;
    readonly ReceiptHandle: string;
    readonly Body: string;
    readonly Attributes: Readonly<Record<string, string>>;
  }[];
  readonly Attributes: Readonly<Record<string, string>>;
}

/** The actions of a FIFO queue, each written into the history. */
export class FifoClient {
  readonly #observer: Observer;
  readonly #queueUrl: string;

  constructor(observer: Observer, queueUrl: string) {
    this.#observer = observer;
    this.#queueUrl = queueUrl;
  }

  /** Up to ten messages, each by its own deduplication id. @returns whether they were acknowledged. */
  async send(messages: readonly Outgoing[]): Promise<boolean> {
    const Entries = messages.map((message, index) => ({
      Id: `${index}`,
      MessageBody: bodyOf(message),
      MessageGroupId: message.group,
      MessageDeduplicationId: `${message.group}-${message.number}`,
    }));
    const { timed, answer } = await this.#act("SendMessageBatch", { Entries });
    const accepted = new Map(read(timed.outcome === "done" ? answer : undefined).Successful.map((entry) => [entry.Id, entry]));
    for (const [index, { group, number }] of messages.entries()) {
      const entry = accepted.get(`${index}`);
      const failed = timed.outcome === "done" && entry === undefined;
      this.#observer.record({
        op: "send",
        ...timed,
        ...(failed ? { outcome: "refused", problem: `an entry failed: ${String(answer?.body)}` } : {}),
        content: contentOf(bodyOf({ group, number })),
        delayMs: 0,
        ...(entry === undefined ? {} : { messageId: entry.MessageId }),
        fifo: { group, number, ...(entry === undefined ? {} : { sequence: entry.SequenceNumber }) },
      });
    }
    return timed.outcome === "done";
  }

  async receive(options: { max: number; visibilitySeconds: number; waitSeconds: number; final?: boolean }): Promise<Held[]> {
    const { max, visibilitySeconds, waitSeconds, final = false } = options;
    const { timed, answer } = await this.#act("ReceiveMessage", {
      MaxNumberOfMessages: max,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["All"],
    });
    const messages = timed.outcome === "done" ? read(answer).Messages : [];
    const deliveries = messages.map(({ MessageId: messageId, Body, Attributes }) => ({
      messageId,
      content: contentOf(Body),
      receiveCount: Number(Attributes["ApproximateReceiveCount"]),
      fifo: {
        group: Attributes["MessageGroupId"] ?? "",
        number: Number(Body.split(" ")[1]),
        sequence: Attributes["SequenceNumber"] ?? "",
      },
    }));
    this.#observer.record({ op: "receive", ...timed, visibilityMs: visibilitySeconds * 1000, deliveries, final });
    return messages.map(({ MessageId, ReceiptHandle }) => ({ messageId: MessageId, handle: ReceiptHandle }));
  }

  /** A handle that has expired is refused, and nothing is deleted by it. */
  async delete(held: readonly Held[]): Promise<void> {
    const Entries = held.map(({ handle }, index) => ({ Id: `${index}`, ReceiptHandle: handle }));
    const { timed, answer } = await this.#act("DeleteMessageBatch", { Entries });
    const deleted = new Set(read(timed.outcome === "done" ? answer : undefined).Successful.map(({ Id }) => Number(Id)));
    for (const [index, { messageId }] of held.entries()) {
      const refused = timed.outcome === "done" && !deleted.has(index) ? { outcome: "refused" as const } : {};
      this.#observer.record({ op: "delete", ...timed, ...refused, messageId });
    }
  }

  /** Messages of any kind that are in the queue; undefined where the server did not answer. */
  async count(): Promise<number | undefined> {
    const { timed, answer } = await this.#act("GetQueueAttributes", { AttributeNames: ["All"] });
    if (timed.outcome !== "done") return undefined;
    const { Attributes } = read(answer);
    const counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];
    return counts.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }

  #act(action: string, input: object): Promise<Observation> {
    return act(this.#observer, action, { QueueUrl: this.#queueUrl, ...input });
  }
}

/** Makes a FIFO queue and returns its URL. */
export async function createFifoQueue(observer: Observer, name: string): Promise<string> {
  const { answer } = await act(observer, "CreateQueue", { QueueName: name, Attributes: { FifoQueue: "true" } });
  return read(answer).QueueUrl;
}

function act(observer: Observer, action: string, input: object): Promise<Observation> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
  return observer.ask({ method: "POST", path: "/", headers, body: JSON.stringify(input) });
}

/** `g17 3 …`: the group, the number, and some bytes that every attempt has. */
function bodyOf({ group, number }: Outgoing): string {
  return `${group} ${number} ${"x".repeat((number * 37) % 400)}`;
}

function contentOf(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

const NOTHING: Answered = { QueueUrl: "", Successful: [], Messages: [], Attributes: {} };

function read(answer: Observation["answer"]): Answered {
  return answer === undefined ? NOTHING : { ...NOTHING, ...(JSON.parse(answer.body.toString()) as Partial<Answered>) };
}
