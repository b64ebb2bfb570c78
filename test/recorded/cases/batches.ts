import { ANY, batchError, HANDLE, noQueue, type Refusal, type RecordedCase } from "../case.ts";
import type { RowId } from "../../contract/rows.ts";

const BATCHES_OF = ["SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch"] as const;
const entry = (Id: string) => ({ Id, MessageBody: "b", ReceiptHandle: "h", VisibilityTimeout: 0 });
const eleven = Array.from({ length: 11 }, (_, index) => entry(`id-${index}`));
const half = "x".repeat(524_288);

const BAD_ID = batchError("InvalidBatchEntryId")(
  "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
);
const TOO_LONG = batchError("BatchRequestTooLong")("Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.");

/** The same case for each of the three batch actions. */
function ofEach(
  name: string,
  rows: readonly RowId[],
  of: { Entries: readonly unknown[]; queue?: Record<string, string>; refused: Refusal | ((batch: string) => Refusal) },
): RecordedCase[] {
  return BATCHES_OF.map((batch) => ({
    name: `${name} of ${batch}`,
    rows,
    ...(of.queue === undefined ? {} : { queue: of.queue }),
    ask: [batch, of.queue === undefined ? { QueueUrl: "nowhere", Entries: of.Entries } : { Entries: of.Entries }],
    refused: typeof of.refused === "function" ? of.refused(batch) : of.refused,
  }));
}

/** Batches: refused as a whole, and entry by entry. */
export const BATCHES: readonly RecordedCase[] = [
  ...ofEach("a list", ["sqs/4.3-no-queue"], { Entries: [], refused: noQueue }),
  ...ofEach("an empty list", ["sqs/4.3-empty", "sqs/4.3-empty-visibility", "sqs/2-batches"], {
    queue: {},
    Entries: [],
    refused: (batch) => batchError("EmptyBatchRequest")(`There should be at least one ${batch}RequestEntry in the request.`),
  }),
  ...ofEach("eleven entries", ["sqs/4.3-too-many", "sqs/2-batches"], {
    queue: {},
    Entries: eleven,
    refused: batchError("TooManyEntriesInBatchRequest")("Maximum number of entries per request are 10. You have sent 11."),
  }),
  ...ofEach("an id with a space", ["sqs/4.3-bad-id", "sqs/2-batches"], { queue: {}, Entries: [entry("a"), entry("a b")], refused: BAD_ID }),
  ...ofEach("an empty id", ["sqs/4.3-bad-id"], { queue: {}, Entries: [entry("")], refused: BAD_ID }),
  ...ofEach("an id of 81 characters", ["sqs/4.3-bad-id"], { queue: {}, Entries: [entry("x".repeat(81))], refused: BAD_ID }),
  ...ofEach("two repeated ids", ["sqs/4.3-repeated-id", "sqs/2-batches"], {
    queue: {},
    Entries: ["a", "b", "b", "a"].map(entry),
    refused: batchError("BatchEntryIdsNotDistinct")("Id b repeated."),
  }),
  {
    name: "eleven entries of which one has a wrong id, and a sum that is too long",
    rows: ["sqs/4.3-order", "sqs/11-batch-order"],
    queue: {},
    ask: ["SendMessageBatch", { Entries: [...eleven.slice(1), { Id: "a b", MessageBody: half }] }],
    refused: batchError("TooManyEntriesInBatchRequest")("Maximum number of entries per request are 10. You have sent 11."),
  },
  {
    name: "a wrong id, a repeated one, and a sum that is too long",
    rows: ["sqs/4.3-order", "sqs/11-batch-order"],
    queue: {},
    ask: ["SendMessageBatch", { Entries: ["a", "a", "a b"].map((Id) => ({ Id, MessageBody: half })) }],
    refused: BAD_ID,
  },
  {
    name: "a repeated id and a sum that is too long",
    rows: ["sqs/4.3-order", "sqs/11-batch-order"],
    queue: {},
    ask: ["SendMessageBatch", { Entries: ["a", "b", "b"].map((Id) => ({ Id, MessageBody: half })) }],
    refused: batchError("BatchEntryIdsNotDistinct")("Id b repeated."),
  },
  {
    name: "a sum one byte over the limit",
    rows: ["sqs/4.3-sum-too-long", "sqs/2-batches"],
    queue: {},
    ask: [
      "SendMessageBatch",
      {
        Entries: [
          { Id: "a", MessageBody: half },
          { Id: "b", MessageBody: `${half}x` },
        ],
      },
    ],
    refused: TOO_LONG,
  },
  {
    name: "a sum of exactly the limit, of characters of two bytes and an attribute",
    rows: ["sqs/4.3-sum-too-long", "sqs/4.1-size"],
    queue: {},
    ask: [
      "SendMessageBatch",
      {
        Entries: [
          { Id: "a", MessageBody: "é".repeat(262_144) },
          // The name has 2 bytes, the type 6, the value 3.
          { Id: "b", MessageBody: `x${"é".repeat(262_138)}`, MessageAttributes: { é: { DataType: "String", StringValue: "€" } } },
        ],
      },
    ],
    answer: {
      Successful: [
        { Id: "a", MessageId: ANY, MD5OfMessageBody: ANY },
        { Id: "b", MessageId: ANY, MD5OfMessageBody: ANY, MD5OfMessageAttributes: ANY },
      ],
    },
  },
  {
    name: "a sum one byte over the limit by an attribute",
    rows: ["sqs/4.3-sum-too-long", "sqs/4.1-size"],
    queue: {},
    ask: [
      "SendMessageBatch",
      {
        Entries: [
          { Id: "a", MessageBody: "é".repeat(262_144) },
          { Id: "b", MessageBody: "é".repeat(262_139), MessageAttributes: { é: { DataType: "String", StringValue: "€" } } },
        ],
      },
    ],
    refused: TOO_LONG,
  },
  {
    name: "a single entry one byte over the limit",
    rows: ["sqs/4.3-sum-too-long"],
    queue: {},
    ask: ["SendMessageBatch", { Entries: [{ Id: "a", MessageBody: `${half}${half}x` }] }],
    refused: TOO_LONG,
  },
  {
    name: "an entry over the queue's own limit, beside a good one",
    rows: ["sqs/4.3-entry-too-long", "sqs/4.3-answer"],
    queue: { MaximumMessageSize: "1024" },
    ask: [
      "SendMessageBatch",
      {
        Entries: [
          { Id: "long", MessageBody: "x".repeat(1025) },
          { Id: "good", MessageBody: "b" },
        ],
      },
    ],
    answer: {
      Successful: [{ Id: "good", MessageId: ANY, MD5OfMessageBody: "92eb5ffee6ae2fec3ad71c777531578f" }],
      Failed: [
        {
          Id: "long",
          SenderFault: true,
          Code: "InvalidParameterValue",
          Message: "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.",
        },
      ],
    },
  },
  {
    name: "an entry with a forbidden character",
    rows: ["sqs/4.3-entry-forbidden", "sqs/4.3-answer"],
    queue: {},
    ask: ["SendMessageBatch", { Entries: [{ Id: "a", MessageBody: "a\u0019b" }] }],
    answer: { Failed: [{ Id: "a", SenderFault: true, Code: "InvalidMessageContents", Message: ANY }] },
  },
  {
    name: "an entry with a delay of 901 s",
    rows: ["sqs/4.3-entry-delay"],
    queue: {},
    ask: ["SendMessageBatch", { Entries: [{ Id: "a", MessageBody: "b", DelaySeconds: 901 }] }],
    answer: {
      Failed: [
        {
          Id: "a",
          SenderFault: true,
          Code: "InvalidParameterValue",
          Message: "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.",
        },
      ],
    },
  },
  {
    name: "a batch of deletes with a wrong handle",
    rows: ["sqs/4.3-entry-handle", "sqs/5.3-batch", "sqs/1.2-in-receipt-batches"],
    queue: {},
    given: [
      ["SendMessage", { MessageBody: "b" }],
      ["ReceiveMessage", {}],
    ],
    ask: [
      "DeleteMessageBatch",
      {
        Entries: [
          { Id: "good", ReceiptHandle: HANDLE },
          { Id: "bad", ReceiptHandle: "garbage" },
        ],
      },
    ],
    answer: { Successful: [{ Id: "good" }], Failed: [{ Id: "bad", SenderFault: true, Code: "ReceiptHandleIsInvalid", Message: ANY }] },
  },
  {
    name: "a batch of visibility changes with a wrong handle",
    rows: ["sqs/4.3-entry-handle", "sqs/1.2-in-receipt-batches"],
    queue: {},
    given: [
      ["SendMessage", { MessageBody: "b" }],
      ["ReceiveMessage", {}],
    ],
    ask: [
      "ChangeMessageVisibilityBatch",
      {
        Entries: [
          { Id: "good", ReceiptHandle: HANDLE, VisibilityTimeout: 5 },
          { Id: "bad", ReceiptHandle: "garbage", VisibilityTimeout: 5 },
        ],
      },
    ],
    answer: { Successful: [{ Id: "good" }], Failed: [{ Id: "bad", SenderFault: true, Code: "ReceiptHandleIsInvalid", Message: ANY }] },
  },
];
