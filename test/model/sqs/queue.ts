import type { MessageAttributes } from "./digest.ts";
import type { RedrivePolicy } from "./redrive.ts";

/** A queue as the contract describes it. All times are epoch milliseconds. */
export interface Queue {
  readonly name: string;
  readonly fifo: boolean;
  /** What was set; an attribute that is missing has its default. */
  readonly attributes: Map<string, string>;
  /** What its RedrivePolicy says. */
  redrive: RedrivePolicy | undefined;
  readonly createdMs: number;
  modifiedMs: number;
  purgedMs: number | undefined;
  deleted: boolean;
  /** In the order in which they came. */
  messages: Message[];
  /** FIFO: what was accepted, for five minutes from the first send. */
  remembered: Remembered[];
  /** FIFO: whether groups have deduplication ids of their own, as it was when the queue was created. */
  readonly dedupPerGroup: boolean;
  /** FIFO: what receives with a ReceiveRequestAttemptId were given. */
  readonly attempts: Map<string, Attempt>;
  /** FIFO: since when at the latest and at the earliest each group waits to be served, where it has anything to serve. */
  readonly turns: Map<string, Turn>;
  turnsNotedMs: number;
  /** FIFO: groups that lost a message with its retention since they were last served: from when their turn counts is open. */
  readonly unclear: Set<string>;
  /**
   * Messages to be given up, of which nobody can say whether a receive has come to them: it was full before, and whose turn
   * it was is open. They are in the queue or have gone on; whoever drives looks.
   */
  readonly open: Set<Message>;
}

export interface Remembered {
  readonly key: string;
  readonly id: string;
  readonly sequenceNumber: string;
  readonly sentMs: number;
}

export interface Attempt {
  readonly askedMs: number;
  readonly handles: readonly Handle[];
  /** When all of them are visible again, if nothing is done to them. */
  hiddenUntilMs: number;
}

export interface Turn {
  earliestMs: number;
  latestMs: number;
}

export interface Message {
  /** Undefined: nobody has seen it yet. */
  id: string | undefined;
  readonly body: string;
  readonly attributes: MessageAttributes | undefined;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  /** FIFO: its own, or made of its body. */
  readonly dedupId: string | undefined;
  /** FIFO: twenty digits; undefined: nobody has seen it yet. */
  sequenceNumber: string | undefined;
  readonly sentMs: number;
  /** Not to be received before. */
  hiddenUntilMs: number;
  /** Why it is hidden, while it is. */
  hiddenBy: "delay" | "receive";
  receiveCount: number;
  firstReceivedMs: number | undefined;
  /** Of the newest receive. */
  handle: Handle | undefined;
  /** The queue that gave it up, where it was not sent to the one that it is in. */
  readonly source: string | undefined;
  /** When a receive that waited gave it up: whether before or after what another gave up at that very moment is open. */
  tie: number | undefined;
}

/** One receive of one message. */
export interface Handle {
  readonly text: string;
  readonly queue: Queue;
  readonly message: Message;
  readonly receivedMs: number;
}

const NUMBERS: Readonly<Record<string, readonly [min: number, max: number, fallback: number]>> = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, 1_048_576, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
};

/** The defaults of a standard queue, as GetQueueAttributes shows them. */
const DEFAULTS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, [, , fallback]]) => [name, String(fallback)])),
  SqsManagedSseEnabled: "true",
};

/** What FIFO queues have beside them. */
const FIFO_DEFAULTS: Readonly<Record<string, string>> = {
  FifoQueue: "true",
  ContentBasedDeduplication: "false",
  DeduplicationScope: "queue",
  FifoThroughputLimit: "perQueue",
};

/** The values of FIFO attributes that are words. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  FifoQueue: ["true"],
  ContentBasedDeduplication: ["true", "false"],
  DeduplicationScope: ["queue", "messageGroup"],
};

export function numberOf(queue: Queue, attribute: string): number {
  return Number(valueOf(queue, attribute));
}

export function valueOf(queue: Queue, attribute: string): string | undefined {
  return queue.attributes.get(attribute) ?? DEFAULTS[attribute] ?? (queue.fifo ? FIFO_DEFAULTS[attribute] : undefined);
}

/** Whether an attribute may have this value; undefined: there is no such attribute. */
export function isAllowed(attribute: string, value: string): boolean | undefined {
  if (WORDS[attribute] !== undefined) return WORDS[attribute].includes(value);
  const range = NUMBERS[attribute];
  if (range === undefined) return undefined;
  const [min, max] = range;
  return /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max;
}

/** All that GetQueueAttributes shows of a queue that lives in us-east-1 and account 000000000000. */
export function shown(queue: Queue, nowMs: number): Record<string, string> {
  const count = (state: State) => String(queue.messages.filter((message) => stateOf(message, nowMs) === state).length);
  return {
    QueueArn: arnOf(queue),
    CreatedTimestamp: seconds(queue.createdMs),
    LastModifiedTimestamp: seconds(queue.modifiedMs),
    ApproximateNumberOfMessages: count("visible"),
    ApproximateNumberOfMessagesNotVisible: count("in flight"),
    ApproximateNumberOfMessagesDelayed: count("delayed"),
    ...DEFAULTS,
    ...(queue.fifo ? FIFO_DEFAULTS : {}),
    ...Object.fromEntries(queue.attributes),
  };
}

export function arnOf({ name }: { readonly name: string }): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

type State = "visible" | "in flight" | "delayed";

export function stateOf(message: Message, nowMs: number): State {
  if (message.hiddenUntilMs <= nowMs) return "visible";
  return message.hiddenBy === "delay" ? "delayed" : "in flight";
}

/** Takes out what has been kept for the retention period, wherever it is. */
export function expire(queue: Queue, nowMs: number): void {
  const retentionMs = numberOf(queue, "MessageRetentionPeriod") * 1000;
  const [kept, ended] = [true, false].map((isKept) => queue.messages.filter(({ sentMs }) => sentMs + retentionMs > nowMs === isKept));
  queue.messages = kept ?? [];
  for (const message of ended ?? []) queue.open.delete(message);
  if (queue.fifo) for (const { groupId = "" } of ended ?? []) queue.unclear.add(groupId);
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}
