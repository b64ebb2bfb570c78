import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { eventMessage, testMessage } from "./event-record.ts";
import { concerned, notificationsOf, configurationsOf, type Notification, type QueueConfiguration } from "./notification.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:events";
const TOPIC_ARN = "arn:aws:sns:us-east-1:000000000000:events";
const queue = (more: Partial<QueueConfiguration> = {}): QueueConfiguration => ({
  Id: "id",
  QueueArn: ARN,
  Events: ["s3:ObjectCreated:*"],
  ...more,
});
const filter = (...rules: [string?, string?][]) => ({ Filter: { Key: { FilterRules: rules.map(([Name, Value]) => ({ Name, Value })) } } });

function outcome(...configurations: QueueConfiguration[]): unknown {
  try {
    return notificationsOf({ QueueConfigurations: configurations }, () => "new");
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

describe("configurations", () => {
  for (const [what, configurations, expected] of [
    ["nothing", [], []],
    ["a queue", [queue()], [{ id: "id", queueArn: ARN, events: ["s3:ObjectCreated:*"] }]],
    ["without an id", [queue({ Id: undefined })], [{ id: "new", queueArn: ARN, events: ["s3:ObjectCreated:*"] }]],
    [
      "filters in any case",
      [queue(filter(["PREFIX", "a"], ["Suffix", ""]))],
      [{ id: "id", queueArn: ARN, events: ["s3:ObjectCreated:*"], prefix: "a", suffix: "" }],
    ],
    ["a filter of another kind", [queue(filter(["regex", "a"]))], "InvalidArgument"],
    ["a filter twice", [queue(filter(["prefix", "a"], ["prefix", "b"]))], "InvalidArgument"],
    ["a filter without a value", [queue(filter(["prefix"]))], "MalformedXML"],
    ["no event", [queue({ Events: [] })], "MalformedXML"],
    ["an event that does not exist", [queue({ Events: ["s3:ObjectCreated:Move"] })], "InvalidArgument"],
    ["an event without s3:", [queue({ Events: ["ObjectCreated:Put"] })], "InvalidArgument"],
    ["an event of the language", [queue({ Events: ["s3:constructor:*"] })], "InvalidArgument"],
    ["a group without a star", [queue({ Events: ["s3:ObjectCreated"] })], "InvalidArgument"],
    ["no ARN", [queue({ QueueArn: "events" })], "InvalidArgument"],
    ["a topic's ARN", [queue({ QueueArn: "arn:aws:sns:us-east-1:000000000000:events" })], "InvalidArgument"],
    ["the same event and key to two queues", [queue(), queue({ Id: "2", Events: ["s3:ObjectCreated:Put"] })], "InvalidArgument"],
    ["overlapping prefixes", [queue(filter(["prefix", "a"])), queue(filter(["prefix", "ab"]))], "InvalidArgument"],
    ["overlapping suffixes", [queue(filter(["suffix", "g"])), queue(filter(["suffix", ".jpg"]))], "InvalidArgument"],
  ] as const) {
    test(what, () => assert.deepEqual(outcome(...configurations), expected));
  }
  test("what does not overlap goes together", () => {
    const apart = [
      queue(filter(["prefix", "a"], ["suffix", ".jpg"])),
      queue(filter(["prefix", "a"], ["suffix", ".png"])),
      queue(filter(["prefix", "b"])),
      queue({ Events: ["s3:ObjectRemoved:Delete"] }),
    ];
    assert.equal((outcome(...apart) as unknown[]).length, 4);
  });
  test("a topic, by the ARN of a topic alone", () => {
    const topic = (TopicArn: string) => ({ TopicConfigurations: [{ Id: "t", TopicArn, Events: ["s3:ObjectCreated:*"] }] });
    assert.deepEqual(
      notificationsOf(topic(TOPIC_ARN), () => ""),
      [{ id: "t", topicArn: TOPIC_ARN, events: ["s3:ObjectCreated:*"] }],
    );
    assert.throws(() => notificationsOf(topic(ARN), () => ""), /The ARN could not be parsed/);
  });
  test("101 are too many", () => {
    assert.equal(outcome(...Array.from({ length: 101 }, (_, index) => queue(filter(["prefix", `${index}/`])))), "InvalidArgument");
  });
  test("what is not offered is named", () => {
    assert.throws(() => notificationsOf({ LambdaFunctionConfigurations: [{}] }, () => ""), /is not offered by this release/);
    assert.throws(() => notificationsOf({ EventBridgeConfiguration: {} }, () => ""), /EventBridgeConfiguration is not offered/);
  });
  test("they are shown as they were meant", () => {
    const events = ["s3:ObjectCreated:Put"];
    const shown = configurationsOf([
      { id: "i", queueArn: ARN, events, suffix: ".jpg" },
      { id: "t", topicArn: TOPIC_ARN, events },
    ]);
    const Filter = { Key: { FilterRules: [{ Name: "Suffix", Value: ".jpg" }] } };
    assert.deepEqual(shown, {
      TopicConfigurations: [{ Id: "t", TopicArn: TOPIC_ARN, Events: events }],
      QueueConfigurations: [{ Id: "i", QueueArn: ARN, Events: events, Filter }],
    });
  });
});

describe("who hears of an event", () => {
  const all: Notification = { id: "all", queueArn: ARN, events: ["s3:ObjectCreated:*"] };
  const some: Notification = { id: "some", queueArn: ARN, events: ["s3:ObjectRemoved:Delete"], prefix: "in/", suffix: ".jpg" };
  for (const [event, key, expected] of [
    ["ObjectCreated:Put", "x", ["all"]],
    ["ObjectCreated:CompleteMultipartUpload", "x", ["all"]],
    ["ObjectTagging:Put", "x", []],
    ["ObjectRemoved:Delete", "in/x.jpg", ["some"]],
    ["ObjectRemoved:Delete", "in/x.png", []],
    ["ObjectRemoved:Delete", "x.jpg", []],
    ["ObjectRemoved:DeleteMarkerCreated", "in/x.jpg", []],
  ] as const) {
    test(`${event} ${key} → ${expected.join() || "nobody"}`, () =>
      assert.deepEqual(
        concerned([all, some], event, key).map(({ id }) => id),
        expected,
      ));
  }
});

const EVENT = {
  name: "ObjectCreated:Put",
  atMs: Date.UTC(2026, 0, 1, 12, 0, 0, 7),
  region: "us-east-1",
  bucket: { name: "b", ownerId: "o" },
  key: "a b/c@d~é*.jpg",
  object: { sizeBytes: 9, etag: "e" },
  sequencer: 0x1234n,
  caller: { principalId: "AWS:x", remoteAddress: "127.0.0.1" },
  request: { id: "r", hostId: "h" },
} as const;
const recordOf = (message: string) => (JSON.parse(message) as { Records: Record<string, unknown>[] }).Records[0]!;

test("a record is as S3 writes it", () => {
  assert.deepEqual(JSON.parse(eventMessage(EVENT, "c")), {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "us-east-1",
        eventTime: "2026-01-01T12:00:00.007Z",
        eventName: "ObjectCreated:Put",
        userIdentity: { principalId: "AWS:x" },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: { "x-amz-request-id": "r", "x-amz-id-2": "h" },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "c",
          bucket: { name: "b", ownerIdentity: { principalId: "o" }, arn: "arn:aws:s3:::b" },
          object: { key: "a+b/c%40d%7E%C3%A9*.jpg", size: 9, eTag: "e", sequencer: "000000000000001234" },
        },
      },
    ],
  });
});

test("a deletion has no size and no tag; a change of tags no size and no sequencer", () => {
  const { object: _, ...deletion } = { ...EVENT, name: "ObjectRemoved:Delete", key: "k" };
  assert.deepEqual((recordOf(eventMessage(deletion, "c"))["s3"] as { object: unknown }).object, {
    key: "k",
    sequencer: "000000000000001234",
  });
  const tagged = recordOf(eventMessage({ ...EVENT, name: "ObjectTagging:Put", key: "k", object: { etag: "e" } }, "c"));
  assert.equal(tagged["eventVersion"], "2.3");
  assert.deepEqual((tagged["s3"] as { object: unknown }).object, { key: "k", eTag: "e" });
});

test("the test message has no records", () => {
  assert.deepEqual(JSON.parse(testMessage({ bucket: "b", atMs: 0, requestId: "r", hostId: "h" })), {
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: "1970-01-01T00:00:00.000Z",
    Bucket: "b",
    RequestId: "r",
    HostId: "h",
  });
});
