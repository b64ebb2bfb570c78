import {
  ANY,
  HANDLE,
  invalidAttributeName,
  invalidAttributeValue,
  invalidParameter,
  missingParameter,
  type Asked,
  type RecordedCase,
} from "../case.ts";

const FIFO = { FifoQueue: "true", ContentBasedDeduplication: "true" };
const BY_ID = { FifoQueue: "true" };
/** `g1-m2` is a message of the group `g1`. */
const send = (body: string): Asked => ["SendMessage", { MessageBody: body, MessageGroupId: body.split("-")[0] ?? "" }];
const receive = (input: Record<string, unknown> = {}): Asked => ["ReceiveMessage", { MaxNumberOfMessages: 10, ...input }];
const bodies = (...all: string[]) => ({ Messages: all.map((Body) => ({ MessageId: ANY, ReceiptHandle: ANY, MD5OfBody: ANY, Body })) });
const set = (Attributes: Record<string, string>): Asked => ["SetQueueAttributes", { Attributes }];
const idForm = (name: string, value: string) =>
  invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
const expired = invalidParameter(`Value ${HANDLE} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`);
const NO_ID = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly";

/** FIFO queues: what they take, the order in which they give, and their handles. */
export const FIFO_QUEUES: readonly RecordedCase[] = [
  {
    name: "a FIFO queue whose name does not end in .fifo",
    rows: ["sqs/3.1-fifo-without-suffix"],
    ask: ["CreateQueue", { QueueName: "orders", Attributes: FIFO }],
    refused: invalidParameter(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.",
    ),
  },
  { name: "FifoQueue=true set on a FIFO queue", rows: ["sqs/3.7-fifo-true-again"], queue: FIFO, ask: set({ FifoQueue: "true" }), answer: {} },
  {
    name: "FifoQueue=false set on a FIFO queue",
    rows: ["sqs/3.7-fifo-to-false"],
    queue: FIFO,
    ask: set({ FifoQueue: "false" }),
    refused: invalidAttributeValue("Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."),
  },
  {
    name: "the four attributes of a FIFO queue",
    rows: ["sqs/3.6-all-fifo", "sqs/3.7-dedup-scope", "sqs/3.7-throughput-limit", "sqs/3.7-content-dedup", "sqs/3.7-fifo-queue"],
    queue: BY_ID,
    ask: [
      "GetQueueAttributes",
      { AttributeNames: ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"] },
    ],
    answer: {
      Attributes: { FifoQueue: "true", ContentBasedDeduplication: "false", DeduplicationScope: "queue", FifoThroughputLimit: "perQueue" },
    },
  },
  {
    name: "an attribute that does not exist on a FIFO queue",
    rows: ["sqs/3.1-unknown-attribute"],
    queue: FIFO,
    ask: set({ Colour: "red" }),
    refused: invalidAttributeName("Unknown Attribute Colour."),
  },
  {
    name: "a FIFO send without a group",
    rows: ["sqs/4.1-fifo-without-group", "sqs/6-group-required"],
    queue: FIFO,
    ask: ["SendMessage", { MessageBody: "b" }],
    refused: missingParameter("The request must contain the parameter MessageGroupId."),
  },
  {
    name: "a FIFO send without anything to deduplicate by",
    rows: ["sqs/4.1-fifo-without-dedup-id"],
    queue: BY_ID,
    ask: ["SendMessage", { MessageBody: "b", MessageGroupId: "g" }],
    refused: invalidParameter(NO_ID),
  },
  {
    name: "a FIFO send with a delay",
    rows: ["sqs/4.1-fifo-delay"],
    queue: FIFO,
    ask: ["SendMessage", { MessageBody: "b", MessageGroupId: "g", DelaySeconds: 2 }],
    refused: invalidParameter(
      "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.",
    ),
  },
  {
    name: "a FIFO send with a delay of 0",
    rows: ["sqs/4.1-fifo-delay"],
    queue: FIFO,
    ask: ["SendMessage", { MessageBody: "b", MessageGroupId: "g", DelaySeconds: 0 }],
    answer: { MessageId: ANY, MD5OfMessageBody: ANY, SequenceNumber: ANY },
  },
  {
    name: "a deduplication id with a space",
    rows: ["sqs/4.1-dedup-id-form"],
    queue: BY_ID,
    ask: ["SendMessage", { MessageBody: "b", MessageGroupId: "g", MessageDeduplicationId: "a b" }],
    refused: idForm("MessageDeduplicationId", "a b"),
  },
  {
    name: "a deduplication id of 129 characters",
    rows: ["sqs/4.1-dedup-id-form"],
    queue: BY_ID,
    ask: ["SendMessage", { MessageBody: "b", MessageGroupId: "g", MessageDeduplicationId: "d".repeat(129) }],
    refused: idForm("MessageDeduplicationId", "d".repeat(129)),
  },
  {
    name: "a group id with a space on a FIFO queue",
    rows: ["sqs/4.1-group-id-form"],
    queue: FIFO,
    ask: ["SendMessage", { MessageBody: "b", MessageGroupId: "a b" }],
    refused: idForm("MessageGroupId", "a b"),
  },
  {
    name: "a FIFO batch with an entry without a group",
    rows: ["sqs/4.3-fifo-whole"],
    queue: FIFO,
    ask: [
      "SendMessageBatch",
      {
        Entries: [
          { Id: "1", MessageBody: "1", MessageGroupId: "g" },
          { Id: "2", MessageBody: "2" },
        ],
      },
    ],
    refused: invalidParameter("The request must contain the parameter MessageGroupId."),
  },
  {
    name: "a FIFO batch with an entry without anything to deduplicate by",
    rows: ["sqs/4.3-fifo-whole"],
    queue: BY_ID,
    ask: ["SendMessageBatch", { Entries: [{ Id: "1", MessageBody: "1", MessageGroupId: "g" }] }],
    refused: invalidParameter(NO_ID),
  },
  {
    name: "a FIFO batch is enqueued in its order",
    rows: ["sqs/4.3-fifo-order"],
    queue: FIFO,
    given: [
      ["SendMessageBatch", { Entries: ["c", "a", "b"].map((body) => ({ Id: body, MessageBody: body, MessageGroupId: "g" })) }],
    ],
    ask: receive(),
    answer: bodies("c", "a", "b"),
  },
  {
    name: "a receive fills from one group, then from the next",
    rows: ["sqs/6-fills-from-one-group"],
    queue: FIFO,
    given: ["g1-m1", "g2-m1", "g1-m2", "g1-m3"].map(send),
    ask: receive(),
    answer: bodies("g1-m1", "g1-m2", "g1-m3", "g2-m1"),
  },
  {
    name: "nothing of a group with a message in flight",
    rows: ["sqs/6-group-locked"],
    queue: FIFO,
    given: [send("g1-m1"), send("g1-m2"), receive({ MaxNumberOfMessages: 1 }), send("g1-m3")],
    ask: receive(),
    answer: {},
  },
  {
    name: "a group again from its oldest when all time out",
    rows: ["sqs/6-all-expired"],
    queue: FIFO,
    given: [send("g1-m1"), send("g1-m2"), receive(), 30_000],
    ask: receive(),
    answer: bodies("g1-m1", "g1-m2"),
  },
  {
    name: "a group that was served goes behind those that were not",
    rows: ["sqs/6-served-goes-behind"],
    queue: FIFO,
    given: [...["g1-m1", "g2-m1", "g2-m2", "g3-m1", "g1-m2"].map(send), receive({ MaxNumberOfMessages: 3, VisibilityTimeout: 0 })],
    ask: receive(),
    answer: bodies("g3-m1", "g1-m1", "g1-m2", "g2-m1", "g2-m2"),
  },
  {
    name: "counts of six messages in three groups, two received",
    rows: ["sqs/5.5-counts-fifo"],
    queue: FIFO,
    given: [...["g1-m1", "g1-m2", "g2-m1", "g2-m2", "g3-m1", "g3-m2"].map(send), receive({ MaxNumberOfMessages: 2 })],
    ask: ["GetQueueAttributes", { AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] }],
    answer: { Attributes: { ApproximateNumberOfMessages: "4", ApproximateNumberOfMessagesNotVisible: "2" } },
  },
  {
    name: "the same body within five minutes, received and deleted in between",
    rows: ["sqs/6-dedup-content", "sqs/6-dedup-after-delete"],
    queue: FIFO,
    given: [send("g1-m1"), receive(), ["DeleteMessage", { ReceiptHandle: HANDLE }], 299_000, send("g1-m1")],
    ask: receive(),
    answer: {},
  },
  {
    name: "the same body after six minutes",
    rows: ["sqs/6-dedup-window"],
    queue: FIFO,
    given: [send("g1-m1"), receive(), ["DeleteMessage", { ReceiptHandle: HANDLE }], 360_000, send("g1-m1")],
    ask: receive(),
    answer: bodies("g1-m1"),
  },
  {
    name: "the same id in two groups",
    rows: ["sqs/6-dedup-scope-queue"],
    queue: BY_ID,
    given: ["g1", "g2"].map((MessageGroupId): Asked => ["SendMessage", { MessageBody: MessageGroupId, MessageGroupId, MessageDeduplicationId: "d" }]),
    ask: receive(),
    answer: bodies("g1"),
  },
  {
    name: "the same id in two groups that deduplicate for themselves",
    rows: ["sqs/6-dedup-scope-group"],
    queue: { ...BY_ID, DeduplicationScope: "messageGroup" },
    given: ["g1", "g2"].map((MessageGroupId): Asked => ["SendMessage", { MessageBody: MessageGroupId, MessageGroupId, MessageDeduplicationId: "d" }]),
    ask: receive(),
    answer: bodies("g1", "g2"),
  },
  {
    name: "deleting from a FIFO queue with a handle whose timeout is over",
    rows: ["sqs/5.2-expired-delete-fifo"],
    queue: FIFO,
    given: [send("g1-m1"), receive(), 31_000],
    ask: ["DeleteMessage", { ReceiptHandle: HANDLE }],
    refused: expired,
  },
  {
    name: "deleting from a FIFO queue after the timeout was extended",
    rows: ["sqs/5.2-extended-fifo"],
    queue: FIFO,
    given: [send("g1-m1"), receive(), ["ChangeMessageVisibility", { ReceiptHandle: HANDLE, VisibilityTimeout: 60 }], 31_000],
    ask: ["DeleteMessage", { ReceiptHandle: HANDLE }],
    answer: {},
  },
  {
    name: "changing a message that is deleted",
    rows: ["sqs/5.2-deleted-change"],
    queue: {},
    given: [["SendMessage", { MessageBody: "b" }], receive(), ["DeleteMessage", { ReceiptHandle: HANDLE }]],
    ask: ["ChangeMessageVisibility", { ReceiptHandle: HANDLE, VisibilityTimeout: 5 }],
    refused: invalidParameter(
      `Value ${HANDLE} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    ),
  },
];
