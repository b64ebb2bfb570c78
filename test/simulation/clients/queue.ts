import type { Actions } from "../../sdk/queues/protocols.ts";
import type { Delivery } from "../../checkers/history.ts";
import type { Answer } from "../world/network.ts";
import type { Client } from "./client.ts";
import type { Timed } from "./recorder.ts";

/** A queue as clients know it. */
export interface QueuePlace {
  readonly name: string;
  readonly url: string;
  readonly fifo: boolean;
  /** Its DelaySeconds, of messages that say nothing else. */
  readonly delayMs: number;
}

export interface Outgoing {
  readonly body: string;
  readonly delaySeconds?: number;
  /** Of a FIFO queue, and of a fair one. */
  readonly group?: string;
  /** The how-manieth of its group. */
  readonly number?: number;
}

export interface Held extends Delivery {
  readonly handle: string;
}

export interface Receiving {
  readonly max: number;
  readonly visibilitySeconds: number;
  readonly waitSeconds: number;
  /** The caller leaves after so long; else it waits a while longer than the server does. */
  readonly leavesAfterMs?: number;
  readonly attemptId?: string;
  readonly final?: boolean;
}

/** Refusals that nobody minds: of queues that others delete, and of handles that have expired. */
const GONE = ["QueueDoesNotExist", "NonExistentQueue"];
const EXPIRED = [...GONE, "InvalidParameterValue", "ReceiptHandleIsInvalid", "MessageNotInflight"];
/** How long after its wait a receive must have been answered. */
const ANSWER_MS = 5000;

/** A queue in the hands of one client. */
export class QueueClient {
  readonly #client: Client;
  readonly #queue: QueuePlace;

  constructor(client: Client, queue: QueuePlace) {
    this.#client = client;
    this.#queue = queue;
  }

  /** @returns whether all of them were acknowledged. */
  async send(messages: readonly Outgoing[]): Promise<boolean> {
    const [only] = messages;
    if (messages.length === 1 && only !== undefined) {
      const shape = (timed: Timed, answer: Answer | undefined) => [
        this.#sent(only, timed, answer && this.#client.output("SendMessage", answer)),
      ];
      const told = await this.#act("SendMessage", messageOf(only, this.#queue), { shape, expected: GONE });
      return told !== undefined && "output" in told;
    }
    const Entries = messages.map((message, index) => ({ Id: `${index}`, ...messageOf(message, this.#queue) }));
    const shape = (timed: Timed, answer: Answer | undefined) => {
      const entries = new Map((answer && this.#client.output("SendMessageBatch", answer).Successful)?.map((entry) => [entry.Id, entry]));
      return messages.map((message, index) => {
        const entry = entries.get(`${index}`);
        return this.#sent(message, answer !== undefined && entry === undefined ? failed(timed) : timed, entry);
      });
    };
    const told = await this.#act("SendMessageBatch", { Entries }, { shape, expected: GONE });
    return told !== undefined && "output" in told && told.output.Successful?.length === messages.length;
  }

  /** @returns undefined where nobody answered. */
  async receive(receiving: Receiving): Promise<Held[] | undefined> {
    const { max, visibilitySeconds, waitSeconds, leavesAfterMs, attemptId, final = false } = receiving;
    const input = {
      MaxNumberOfMessages: max,
      VisibilityTimeout: visibilitySeconds,
      WaitTimeSeconds: waitSeconds,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All" as const],
      ...(attemptId === undefined ? {} : { ReceiveRequestAttemptId: attemptId }),
    };
    const shape = (timed: Timed, answer: Answer | undefined) => [
      {
        op: "receive" as const,
        ...timed,
        queue: this.#queue.name,
        visibilityMs: visibilitySeconds * 1000,
        max,
        waitMs: waitSeconds * 1000,
        ...(attemptId === undefined ? {} : { attemptId }),
        deliveries: answer === undefined ? [] : this.#held(answer).map(({ handle: _handle, ...delivery }) => delivery),
        final,
      },
    ];
    const timeoutMs = leavesAfterMs ?? waitSeconds * 1000 + ANSWER_MS;
    const attempts = leavesAfterMs === undefined ? {} : { attemptsMax: 1 };
    const undone = attemptId === undefined;
    const told = await this.#act("ReceiveMessage", input, { shape, timeoutMs, ...attempts, undone, expected: [...GONE, "OverLimit"] });
    return told !== undefined && "output" in told ? (told.output.Messages ?? []).map(heldOf) : undefined;
  }

  async delete({ handle, messageId }: Held): Promise<boolean> {
    const shape = (timed: Timed) => [{ op: "delete" as const, ...timed, queue: this.#queue.name, messageId }];
    const told = await this.#act("DeleteMessage", { ReceiptHandle: handle }, { shape, expected: EXPIRED });
    return told !== undefined && "output" in told;
  }

  async deleteBatch(held: readonly Held[]): Promise<boolean> {
    const Entries = held.map(({ handle }, index) => ({ Id: `${index}`, ReceiptHandle: handle }));
    const shape = (timed: Timed, answer: Answer | undefined) => {
      const done = new Set((answer && this.#client.output("DeleteMessageBatch", answer).Successful)?.map(({ Id }) => Id));
      return held.map(({ messageId }, index) => ({
        op: "delete" as const,
        ...(answer === undefined || done.has(`${index}`) ? timed : { ...timed, outcome: "refused" as const }),
        queue: this.#queue.name,
        messageId,
      }));
    };
    const told = await this.#act("DeleteMessageBatch", { Entries }, { shape, expected: GONE });
    return told !== undefined && "output" in told;
  }

  async change({ handle, messageId, receiveCount }: Held, seconds: number): Promise<void> {
    const shape = (timed: Timed) => [{ op: "change" as const, ...timed, messageId, receiveCount, visibilityMs: seconds * 1000 }];
    await this.#act("ChangeMessageVisibility", { ReceiptHandle: handle, VisibilityTimeout: seconds }, { shape, expected: EXPIRED });
  }

  async changeBatch(held: readonly Held[], seconds: number): Promise<void> {
    const Entries = held.map(({ handle }, index) => ({ Id: `${index}`, ReceiptHandle: handle, VisibilityTimeout: seconds }));
    const shape = (timed: Timed, answer: Answer | undefined) => {
      const done = new Set((answer && this.#client.output("ChangeMessageVisibilityBatch", answer).Successful)?.map(({ Id }) => Id));
      return held.map(({ messageId, receiveCount }, index) => ({
        op: "change" as const,
        ...(answer === undefined || done.has(`${index}`) ? timed : { ...timed, outcome: "refused" as const }),
        messageId,
        receiveCount,
        visibilityMs: seconds * 1000,
      }));
    };
    await this.#act("ChangeMessageVisibilityBatch", { Entries }, { shape, expected: GONE });
  }

  async purge(): Promise<boolean> {
    const shape = (timed: Timed) => [{ op: "purge" as const, ...timed, queue: this.#queue.name }];
    const told = await this.#act("PurgeQueue", {}, { shape, expected: [...GONE, "PurgeQueueInProgress"] });
    return told !== undefined && "output" in told;
  }

  async remove(): Promise<boolean> {
    const shape = (timed: Timed) => [{ op: "purge" as const, ...timed, queue: this.#queue.name }];
    const told = await this.#act("DeleteQueue", {}, { shape, expected: GONE });
    return told !== undefined && ("output" in told || GONE.some((code) => told.code.includes(code)));
  }

  /** All messages that it says it has; undefined where nobody answered. */
  async count(): Promise<number | undefined> {
    const shape = (timed: Timed, answer: Answer | undefined) => {
      const [visible = 0, inFlight = 0, delayed = 0] = answer === undefined ? [] : this.#counts(answer);
      return [{ op: "count" as const, ...timed, queue: this.#queue.name, visible, inFlight, delayed }];
    };
    const told = await this.#act("GetQueueAttributes", { AttributeNames: ["All"] }, { shape, expected: GONE });
    if (told === undefined || !("output" in told)) return undefined;
    return countsOf(told.output.Attributes).reduce((sum, count) => sum + count, 0);
  }

  #act<A extends keyof Actions>(action: A, input: Omit<Actions[A][0], "QueueUrl">, request: Parameters<Client["act"]>[2]) {
    // Every action of these has a queue's URL and what is given.
    return this.#client.act(action, { QueueUrl: this.#queue.url, ...input }, request);
  }

  #sent(message: Outgoing, timed: Timed, entry: { MessageId?: string | undefined; SequenceNumber?: string | undefined } | undefined) {
    const { group = "", number } = message;
    const sequence = entry?.SequenceNumber === undefined ? {} : { sequence: entry.SequenceNumber };
    return {
      op: "send" as const,
      ...timed,
      queue: this.#queue.name,
      content: contentOf(message.body, message.group),
      delayMs: message.delaySeconds === undefined ? this.#queue.delayMs : message.delaySeconds * 1000,
      ...(entry?.MessageId === undefined ? {} : { messageId: entry.MessageId }),
      ...(number === undefined ? {} : { fifo: { group, number, ...sequence } }),
    };
  }

  #held(answer: Answer): Held[] {
    return (this.#client.output("ReceiveMessage", answer).Messages ?? []).map(heldOf);
  }

  #counts(answer: Answer): number[] {
    return countsOf(this.#client.output("GetQueueAttributes", answer).Attributes);
  }
}

function failed(timed: Timed): Timed {
  return { ...timed, outcome: "refused", problem: "an entry failed" };
}

function messageOf({ body, delaySeconds, group, number }: Outgoing, { fifo }: QueuePlace) {
  return {
    MessageBody: body,
    MessageAttributes: { n: { DataType: "Number", StringValue: `${body.length}` } },
    ...(delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }),
    ...(group === undefined ? {} : { MessageGroupId: group }),
    ...(fifo ? { MessageDeduplicationId: `${group}-${number}` } : {}),
  };
}

/** The body is never the same twice; what else is delivered with it must fit. */
function contentOf(body: string, group: string | undefined): string {
  return `${body} in ${group ?? "no group"} with ${body.length}`;
}

type Shown = NonNullable<Actions["ReceiveMessage"][1]["Messages"]>[number];

function heldOf({ MessageId = "", Body = "", ReceiptHandle = "", Attributes = {}, MessageAttributes = {} }: Shown): Held {
  const group = Attributes["MessageGroupId"];
  const sequence = Attributes["SequenceNumber"];
  const numbered = /^#(\d+) /.exec(Body)?.[1];
  return {
    messageId: MessageId,
    handle: ReceiptHandle,
    content: `${Body} in ${group ?? "no group"} with ${MessageAttributes["n"]?.StringValue}`,
    receiveCount: Number(Attributes["ApproximateReceiveCount"]),
    ...(sequence === undefined ? {} : { fifo: { group: group ?? "", number: Number(numbered), sequence } }),
  };
}

function countsOf(attributes: Readonly<Record<string, string>> | undefined): number[] {
  const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"];
  return names.map((name) => Number(attributes?.[name]));
}
