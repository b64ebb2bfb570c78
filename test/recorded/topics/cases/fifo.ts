import { ANY } from "../../case.ts";
import {
  batch,
  createQueue,
  createTopic,
  invalid,
  MESSAGE,
  ORDERED,
  publish,
  queueArn,
  RAW,
  SEQUENCE,
  subscribe,
  type RecordedCase,
} from "../case.ts";

const topic = (attributes: Readonly<Record<string, string>> = {}) => createTopic("news.fifo", attributes);
const subscribed = (queue: string, attributes: Readonly<Record<string, string>> = RAW) => [
  topic(),
  createQueue(queue),
  subscribe(ORDERED, queue, attributes),
];
const say = (Message: string, MessageGroupId?: string, MessageDeduplicationId?: string) =>
  publish(
    Message,
    {
      ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
      ...(MessageDeduplicationId === undefined ? {} : { MessageDeduplicationId }),
    },
    ORDERED,
  );
const entry = (Id: string, more: object) => ({ Id, Message: Id, ...more });
const GROUP = invalid("The MessageGroupId parameter is required for FIFO topics");
const DEDUPLICATION = invalid(
  "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
);
const published = { MessageId: ANY, SequenceNumber: ANY };
const ATTRIBUTES = ["MessageGroupId", "MessageDeduplicationId"];
const ordered = (Body: string, MessageGroupId: string, MessageDeduplicationId: string) => ({
  Body,
  Attributes: { MessageGroupId, MessageDeduplicationId },
});

/** FIFO topics. */
export const FIFO_TOPICS: readonly RecordedCase[] = [
  {
    name: "a message of a FIFO topic without a group",
    rows: ["sns/5.1-group-missing"],
    given: [topic()],
    ask: say("x", undefined, "d"),
    refused: GROUP,
  },
  {
    name: "a message of a FIFO topic without a group, in a batch",
    rows: ["sns/5.1-group-missing", "sns/5.2-all"],
    given: [topic()],
    ask: batch([entry("a", { MessageDeduplicationId: "d" })], ORDERED),
    refused: GROUP,
  },
  {
    name: "a message of a FIFO topic without a deduplication id",
    rows: ["sns/5.1-dedup-missing"],
    given: [topic()],
    ask: say("x", "g"),
    refused: DEDUPLICATION,
  },
  {
    name: "a message of a FIFO topic without a deduplication id, in a batch",
    rows: ["sns/5.1-dedup-missing", "sns/5.2-all"],
    given: [topic()],
    ask: batch([entry("a", { MessageGroupId: "g" })], ORDERED),
    refused: DEDUPLICATION,
  },
  {
    name: "a duplicate is answered as the first one was",
    rows: ["sns/8-duplicate", "sns/5.1-answer"],
    given: [...subscribed("inbox.fifo"), say("first", "g", "d")],
    ask: say("second", "g", "d"),
    answer: { MessageId: MESSAGE, SequenceNumber: SEQUENCE },
    received: { queue: "inbox.fifo", attributes: ATTRIBUTES, messages: [ordered("first", "g", "d")] },
  },
  {
    name: "the same deduplication id in another group is a duplicate",
    rows: ["sns/8-other-group"],
    given: [...subscribed("inbox.fifo"), say("first", "g", "d")],
    ask: say("second", "h", "d"),
    answer: { MessageId: MESSAGE, SequenceNumber: SEQUENCE },
    received: { queue: "inbox.fifo", attributes: ATTRIBUTES, messages: [ordered("first", "g", "d")] },
  },
  {
    name: "a deduplication id of the content",
    rows: ["sns/8-content"],
    given: [topic({ ContentBasedDeduplication: "true" }), createQueue("inbox.fifo"), subscribe(ORDERED, "inbox.fifo", RAW)],
    ask: say("Test", "g"),
    answer: published,
    received: {
      queue: "inbox.fifo",
      attributes: ATTRIBUTES,
      messages: [ordered("Test", "g", "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25")],
    },
  },
  {
    name: "the messages of a group in their order",
    rows: ["sns/8-order", "sns/8-queue"],
    given: [...subscribed("inbox.fifo"), say("a1", "a", "1"), say("a2", "a", "2")],
    ask: say("a3", "a", "3"),
    answer: published,
    received: {
      queue: "inbox.fifo",
      attributes: ATTRIBUTES,
      messages: [ordered("a1", "a", "1"), ordered("a2", "a", "2"), ordered("a3", "a", "3")],
    },
  },
  {
    name: "the envelope of a FIFO topic is not signed",
    rows: ["sns/5.4-fifo"],
    given: subscribed("inbox.fifo", {}),
    ask: say("x", "g", "d"),
    answer: published,
    received: {
      queue: "inbox.fifo",
      messages: [
        {
          Body: {
            Type: "Notification",
            MessageId: ANY,
            SequenceNumber: ANY,
            TopicArn: ORDERED,
            Message: "x",
            Timestamp: ANY,
            UnsubscribeURL: ANY,
          },
        },
      ],
    },
  },
  {
    name: "a standard queue of a FIFO topic gets neither group nor deduplication id",
    rows: ["sns/8-standard-queue"],
    given: [...subscribed("inbox"), say("first", "g", "d")],
    ask: say("second", "g", "d"),
    answer: { MessageId: MESSAGE, SequenceNumber: SEQUENCE },
    received: { queue: "inbox", attributes: ATTRIBUTES, messages: [{ Body: "first" }] },
  },
  {
    name: "a FIFO dead-letter queue gets group and deduplication id",
    rows: ["sns/9-fifo", "sns/9-body"],
    given: [
      topic(),
      createQueue("dead.fifo"),
      subscribe(ORDERED, "gone.fifo", { ...RAW, RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("dead.fifo") }) }),
    ],
    ask: say("x", "g", "d"),
    answer: published,
    received: { queue: "dead.fifo", attributes: ATTRIBUTES, messages: [ordered("x", "g", "d")] },
  },
];
