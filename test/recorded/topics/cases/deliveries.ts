import { ANY } from "../../case.ts";
import { createQueue, createTopic, NEWS, publish, queueArn, RAW, subscribe, type RecordedCase } from "../case.ts";

const subscribed = (attributes: Readonly<Record<string, string>> = {}) => [
  createTopic("news"),
  createQueue("inbox"),
  subscribe(NEWS, "inbox", attributes),
];
const published = { MessageId: ANY };
const envelope = (Message: string) => ({
  Type: "Notification",
  MessageId: ANY,
  TopicArn: NEWS,
  Message,
  Timestamp: ANY,
  SignatureVersion: "1",
  Signature: ANY,
  SigningCertURL: ANY,
  UnsubscribeURL: ANY,
});
const structured = (texts: string) => publish(texts, { MessageStructure: "json" });
const matching = (FilterPolicy: string, more: Readonly<Record<string, string>> = {}) => subscribed({ ...RAW, ...more, FilterPolicy });
const BODY = { FilterPolicyScope: "MessageBody" };
const kind = (StringValue: string) => ({ MessageAttributes: { kind: { DataType: "String", StringValue } } });
/** The message has come, or not. */
const got = (...bodies: readonly string[]) => ({
  queue: "inbox",
  messages: bodies.map((Body) => ({ Body, MessageAttributes: ANY, MD5OfMessageAttributes: ANY })),
});
const gotBare = (...bodies: readonly string[]) => ({ queue: "inbox", messages: bodies.map((Body) => ({ Body })) });

/** What comes to a queue, and in which form. */
export const DELIVERIES: readonly RecordedCase[] = [
  {
    name: "a message in its envelope",
    rows: ["sns/5.4-fields"],
    given: subscribed(),
    ask: publish("hëllo"),
    answer: published,
    received: { queue: "inbox", messages: [{ Body: envelope("hëllo") }] },
  },
  {
    name: "a message with a subject and attributes in its envelope",
    rows: ["sns/5.4-fields", "sns/5.4-attributes", "sns/5.4-no-attributes", "sns/5.3-number"],
    given: subscribed(),
    ask: publish("x", {
      Subject: "s",
      MessageAttributes: {
        price: { DataType: "Number", StringValue: "99.12" },
        bytes: { DataType: "Binary", BinaryValue: Uint8Array.of(2, 3, 4) },
      },
    }),
    answer: published,
    received: {
      queue: "inbox",
      messages: [
        {
          Body: {
            ...envelope("x"),
            Subject: "s",
            MessageAttributes: { price: { Type: "Number", Value: "99.12" }, bytes: { Type: "Binary", Value: "AgME" } },
          },
        },
      ],
    },
  },
  {
    name: "a raw message with an attribute",
    rows: ["sns/5.6-queue"],
    given: subscribed(RAW),
    ask: publish("x", { Subject: "lost", MessageAttributes: { price: { DataType: "Number.euro", StringValue: "100.0" } } }),
    answer: published,
    received: {
      queue: "inbox",
      messages: [{ Body: "x", MessageAttributes: { price: { DataType: "Number.euro", StringValue: "100.0" } }, MD5OfMessageAttributes: ANY }],
    },
  },
  {
    name: "a message that was published before there is a subscription",
    rows: ["sns/5.1-before"],
    given: [createTopic("news"), createQueue("inbox"), publish("before"), subscribe(NEWS, "inbox", RAW)],
    ask: publish("after"),
    answer: published,
    received: gotBare("after"),
  },
  {
    name: "a text for queues",
    rows: ["sns/5.1-structure"],
    given: subscribed(RAW),
    ask: structured('{"default":"d","sqs":"q","http":"h"}'),
    answer: published,
    received: gotBare("q"),
  },
  {
    name: "a text for others",
    rows: ["sns/5.1-structure"],
    given: subscribed(RAW),
    ask: structured('{"default":"d","http":"h","pigeon":"p"}'),
    answer: published,
    received: gotBare("d"),
  },
  {
    name: "a value for queues that is no text",
    rows: ["sns/5.1-structure"],
    given: subscribed(RAW),
    ask: structured('{"default":"d","sqs":{"a":1}}'),
    answer: published,
    received: gotBare("d"),
  },
  {
    name: "a text that stands twice",
    rows: ["sns/5.1-structure-twice"],
    given: subscribed(RAW),
    ask: structured('{"default":"first","default":"last"}'),
    answer: published,
    received: gotBare("last"),
  },
  {
    name: "a group of a message in a standard queue",
    rows: ["sns/8-fair"],
    given: subscribed(RAW),
    ask: publish("x", { MessageGroupId: "tenant" }),
    answer: published,
    received: { queue: "inbox", attributes: ["MessageGroupId"], messages: [{ Body: "x", Attributes: { MessageGroupId: "tenant" } }] },
  },
  {
    name: "a queue that is not there, with a dead-letter queue",
    rows: ["sns/7-refused", "sns/9-body"],
    given: [
      createTopic("news"),
      createQueue("dead"),
      subscribe(NEWS, "gone", { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn("dead") }) }),
    ],
    ask: publish("x"),
    answer: published,
    received: { queue: "dead", messages: [{ Body: envelope("x") }] },
  },
  {
    name: "an attribute that a rule names exactly",
    rows: ["sns/10.1-exact", "sns/10.1-keys"],
    given: [...matching('{"kind":["a","b"]}'), publish("no", kind("B"))],
    ask: publish("yes", kind("b")),
    answer: published,
    received: got("yes"),
  },
  {
    name: "an attribute that begins as a rule says",
    rows: ["sns/10.1-affixes"],
    given: [...matching('{"kind":[{"prefix":"a"}]}'), publish("no", kind("ba"))],
    ask: publish("yes", kind("ab")),
    answer: published,
    received: got("yes"),
  },
  {
    name: "an attribute that is none of those a rule lists",
    rows: ["sns/10.1-anything-but", "sns/10.3-absent"],
    given: [...matching('{"kind":[{"anything-but":["a","b"]}]}'), publish("no", kind("a")), publish("absent")],
    ask: publish("yes", kind("c")),
    answer: published,
    received: got("yes"),
  },
  {
    name: "an attribute that must be absent",
    rows: ["sns/10.1-exists", "sns/10.3-absent"],
    given: [...matching('{"other":[{"exists":false}]}'), publish("no", { MessageAttributes: { other: { DataType: "String", StringValue: "x" } } })],
    ask: publish("yes", kind("a")),
    answer: published,
    received: got("yes"),
  },
  {
    name: "an element of an array",
    rows: ["sns/10.3-array"],
    given: [
      ...matching('{"kind":["a"]}'),
      publish("no", { MessageAttributes: { kind: { DataType: "String.Array", StringValue: "not JSON" } } }),
    ],
    ask: publish("yes", { MessageAttributes: { kind: { DataType: "String.Array", StringValue: '["b","a"]' } } }),
    answer: published,
    received: got("yes"),
  },
  {
    name: "bytes are never matched",
    rows: ["sns/10.3-types"],
    given: matching('{"kind":["a"]}'),
    ask: publish("no", { MessageAttributes: { kind: { DataType: "Binary", BinaryValue: Buffer.from("a") } } }),
    answer: published,
    received: got(),
  },
  {
    name: "an address of a network",
    rows: ["sns/10.1-cidr"],
    given: [...matching('{"kind":[{"cidr":"10.0.0.0/24"}]}'), publish("no", kind("10.0.1.0"))],
    ask: publish("yes", kind("10.0.0.255")),
    answer: published,
    received: got("yes"),
  },
  {
    name: "a body that is no object",
    rows: ["sns/10.4-object"],
    given: [...matching('{"a":["b"]}', BODY), publish('"b"'), publish("1")],
    ask: publish('{"a":"b"}'),
    answer: published,
    received: gotBare('{"a":"b"}'),
  },
  {
    name: "arrays of arrays and objects in a body",
    rows: ["sns/10.4-arrays", "sns/10.4-empty"],
    given: [...matching('{"a":{"b":["c"]}}', BODY), publish('{"a":[{"b":"d"}]}')],
    ask: publish('{"empty":[],"a":[{"b":[["d"],["c"]]}]}'),
    answer: published,
    received: gotBare('{"empty":[],"a":[{"b":[["d"],["c"]]}]}'),
  },
  {
    name: "a key with a point for a path in the body",
    rows: ["sns/10.4-points"],
    given: [...matching('{"a.b":["c"]}', BODY), publish('{"a":{"b":"c"}}')],
    ask: publish('{"a.b":"c"}'),
    answer: published,
    received: gotBare('{"a":{"b":"c"}}', '{"a.b":"c"}'),
  },
  {
    name: "one of several objects of $or",
    rows: ["sns/10.1-or"],
    given: [...matching('{"$or":[{"a":["1"]},{"b":["2"]}]}', BODY), publish('{"a":"2"}')],
    ask: publish('{"b":"2"}'),
    answer: published,
    received: gotBare('{"b":"2"}'),
  },
  {
    name: "numbers between two others",
    rows: ["sns/10.1-numeric"],
    given: [...matching('{"a":[{"numeric":[">",1,"<=",2.5]}]}', BODY), publish('{"a":1}')],
    ask: publish('{"a":2.50}'),
    answer: published,
    received: gotBare('{"a":2.50}'),
  },
];
