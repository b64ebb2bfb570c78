import { ANY, invalidParameter, missingParameter, modelled, type RecordedCase } from "../case.ts";

const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
const send = (input: Record<string, unknown>) => ["SendMessage", { MessageBody: "b", ...input }] as const;
const GROUP = "Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
const FORBIDDEN =
  "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";
const TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const B_MD5 = "92eb5ffee6ae2fec3ad71c777531578f";

const digestOf = (MessageAttributes: Record<string, unknown>, MD5OfMessageAttributes: string) => ({
  queue: {},
  ask: send({ MessageAttributes }),
  answer: { MessageId: ANY, MD5OfMessageBody: B_MD5, MD5OfMessageAttributes },
});

/** Single sends and the digests of their attributes. */
export const SENDING: readonly RecordedCase[] = [
  {
    name: "a body without attributes",
    rows: ["sqs/4.1-answer"],
    queue: {},
    ask: send({ MessageBody: "message" }),
    answer: { MessageId: ANY, MD5OfMessageBody: "78e731027d8fd50ed642340b7c9a63b3" },
  },
  {
    name: "an empty body",
    rows: ["sqs/4.1-body-missing", "sqs/2-missing-parameter", "sqs/2-text-missing-member"],
    queue: {},
    ask: send({ MessageBody: "" }),
    refused: missingParameter("The request must contain the parameter MessageBody."),
  },
  {
    name: "a body one byte over the queue's limit",
    rows: ["sqs/4.1-too-long", "sqs/4.1-size"],
    queue: { MaximumMessageSize: "1024" },
    ask: send({ MessageBody: `x${"é".repeat(512)}` }),
    refused: invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."),
  },
  {
    name: "a body of exactly the queue's limit",
    rows: ["sqs/4.1-too-long", "sqs/4.1-size"],
    queue: { MaximumMessageSize: "1024" },
    ask: send({ MessageBody: "é".repeat(512) }),
    answer: { MessageId: ANY, MD5OfMessageBody: ANY },
  },
  {
    name: "attributes that make a message one byte too long",
    rows: ["sqs/4.1-size"],
    queue: { MaximumMessageSize: "1024" },
    ask: send({ MessageBody: "x".repeat(1015), MessageAttributes: { ab: text("cd") } }),
    refused: invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."),
  },
  {
    name: "a forbidden character in a body",
    rows: ["sqs/4.1-forbidden-in-body", "sqs/2-invalid-attribute"],
    queue: {},
    ask: send({ MessageBody: "a\u0019b" }),
    refused: modelled("InvalidMessageContents", "InvalidMessageContents", 400)(FORBIDDEN),
  },
  {
    name: "a delay of 901 s",
    rows: ["sqs/4.1-delay-range", "sqs/2-text-bad-value"],
    queue: {},
    ask: send({ DelaySeconds: 901 }),
    refused: invalidParameter("Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."),
  },
  {
    name: "a group id with a space on a standard queue",
    rows: ["sqs/4.1-group-id-form"],
    queue: {},
    ask: send({ MessageGroupId: "a b" }),
    refused: invalidParameter(`Value a b for parameter MessageGroupId is invalid. ${GROUP}`),
  },
  {
    name: "an empty group id, which leaves two spaces",
    rows: ["sqs/4.1-group-id-form"],
    queue: {},
    ask: send({ MessageGroupId: "" }),
    refused: invalidParameter(`Value  for parameter MessageGroupId is invalid. ${GROUP}`),
  },
  {
    name: "a group id of 129 characters",
    rows: ["sqs/4.1-group-id-form"],
    queue: {},
    ask: send({ MessageGroupId: "g".repeat(129) }),
    refused: invalidParameter(`Value ${"g".repeat(129)} for parameter MessageGroupId is invalid. ${GROUP}`),
  },
  {
    name: "a group id on a standard queue is shown and gives no sequence number",
    rows: ["sqs/5.1-group-id", "sqs/8-group-on-standard"],
    queue: {},
    given: [send({ MessageGroupId: "g" })],
    ask: ["ReceiveMessage", { MessageSystemAttributeNames: ["MessageGroupId", "SequenceNumber", "MessageDeduplicationId"] }],
    answer: { Messages: [{ MessageId: ANY, ReceiptHandle: ANY, Body: "b", MD5OfBody: B_MD5, Attributes: { MessageGroupId: "g" } }] },
  },
  {
    name: "a deduplication id on a standard queue",
    rows: ["sqs/4.1-dedup-id-on-standard"],
    queue: {},
    ask: send({ MessageDeduplicationId: "d" }),
    refused: invalidParameter(
      "Value d for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.",
    ),
  },
  {
    name: "a type that is none",
    rows: ["sqs/4.2-type"],
    queue: {},
    ask: send({ MessageAttributes: { n: text("x", "Text") } }),
    refused: invalidParameter(
      "The type of message (user) attribute 'n' is invalid. You must use only the following supported type prefixes: Binary, Number, String.",
    ),
  },
  {
    name: "a String without a value",
    rows: ["sqs/4.2-value-empty"],
    queue: {},
    ask: send({ MessageAttributes: { n: text("") } }),
    refused: invalidParameter("Message (user) attribute 'n' must contain a non-empty value of type 'String'."),
  },
  {
    name: "eleven attributes",
    rows: ["sqs/4.2-ten"],
    queue: {},
    ask: send({ MessageAttributes: Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`n${index}`, text("x")])) }),
    refused: invalidParameter("Number of message attributes [11] exceeds the allowed maximum [10]."),
  },
  {
    name: "a list value",
    rows: ["sqs/4.1-list-values", "sqs/2-unsupported-operation"],
    queue: {},
    ask: send({ MessageAttributes: { n: { DataType: "String", StringListValues: ["a"] } } }),
    refused: modelled(
      "UnsupportedOperation",
      "AWS.SimpleQueueService.UnsupportedOperation",
      400,
    )("Message attribute 'n' has a list value; Amazon SQS does not support list values."),
  },
  {
    name: "a system attribute that cannot be sent",
    rows: ["sqs/4.1-other-system-attribute"],
    queue: {},
    ask: send({ MessageSystemAttributes: { SenderId: text("x") } }),
    refused: invalidParameter("Message system attribute name 'SenderId' is invalid."),
  },
  { name: "the digest of timestamp", rows: ["sqs/4.2-digest-timestamp"], ...digestOf({ timestamp: text("1493147359900", "Number") }, "235c5c510d26fb653d073faed50ae77c") },
  { name: "the digest of Foo", rows: ["sqs/4.2-digest-foo"], ...digestOf({ Foo: text("Bar") }, "ae7155c6026991b6d54b11589678bf9c") },
  { name: "the digest of Hello", rows: ["sqs/4.2-digest-hello"], ...digestOf({ Hello: text("There") }, "a311262e065454b75da111d535b8dacd") },
  {
    name: "the digest of Hello and General",
    rows: ["sqs/4.2-digest-two"],
    ...digestOf({ Hello: text("There"), General: text("Kenobi") }, "fca026605781cb4126a1e9044df24232"),
  },
  {
    name: "the digest of three",
    rows: ["sqs/4.2-digest-three"],
    ...digestOf({ Hello: text("There"), General: text("Kenobi"), "Help.Me": text("Me") }, "4c360f3fdafd970e05fae2f149d997f5"),
  },
  {
    name: "the digest of bytes",
    rows: ["sqs/4.2-digest-binary"],
    queue: {},
    ask: [
      "SendMessageBatch",
      {
        Entries: [
          {
            Id: "a",
            MessageBody: "b",
            MessageAttributes: {
              attr1: {
                DataType: "Binary",
                BinaryValue: Buffer.from("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"),
              },
            },
          },
        ],
      },
    ],
    answer: {
      Successful: [{ Id: "a", MessageId: ANY, MD5OfMessageBody: B_MD5, MD5OfMessageAttributes: "8cbe4db156db8a94db8b801b7addb984" }],
    },
  },
  {
    name: "the digest of a trace header, which is no attribute of the message",
    rows: ["sqs/4.2-digest-system", "sqs/4.2-digest-without-system", "sqs/4.2-trace-header"],
    queue: {},
    ask: send({ MessageSystemAttributes: { AWSTraceHeader: text(TRACE) } }),
    answer: { MessageId: ANY, MD5OfMessageBody: B_MD5, MD5OfMessageSystemAttributes: "5ae4d5d7636402d80f4eb6d213245a88" },
  },
  {
    name: "a trace header that was sent",
    rows: ["sqs/5.1-trace-header"],
    queue: {},
    given: [send({ MessageSystemAttributes: { AWSTraceHeader: text(TRACE) } })],
    ask: ["ReceiveMessage", { MessageSystemAttributeNames: ["AWSTraceHeader"] }],
    answer: { Messages: [{ MessageId: ANY, ReceiptHandle: ANY, Body: "b", MD5OfBody: B_MD5, Attributes: { AWSTraceHeader: TRACE } }] },
  },
  {
    name: "a number and a label come out as they went in",
    rows: ["sqs/4.2-as-sent"],
    queue: {},
    given: [send({ MessageAttributes: { n: text("007.50", "Number.price") } })],
    ask: ["ReceiveMessage", { MessageAttributeNames: ["All"] }],
    answer: {
      Messages: [
        {
          MessageId: ANY,
          ReceiptHandle: ANY,
          Body: "b",
          MD5OfBody: B_MD5,
          MD5OfMessageAttributes: ANY,
          MessageAttributes: { n: { DataType: "Number.price", StringValue: "007.50" } },
        },
      ],
    },
  },
];
