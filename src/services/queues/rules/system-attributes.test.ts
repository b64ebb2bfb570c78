import assert from "node:assert/strict";
import { test } from "node:test";
import { readSystemAttributes, systemAttributes, wantedSystemAttributes } from "./system-attributes.ts";
import { covers } from "../../../../test/contract/covers.ts";

const message = {
  senderId: "AIDA1",
  sentMs: 1000,
  firstReceivedMs: 2000,
  receiveCount: 3,
  groupId: null,
  traceHeader: null,
  deduplicationId: null,
  receipt: { sequence: 7 },
  deadLetterSourceArn: null,
};
const TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

test("all system attributes are those that apply to the message", () => {
  const wanted = wantedSystemAttributes(["All"], []);
  const always = { SenderId: "AIDA1", SentTimestamp: "1000", ApproximateReceiveCount: "3", ApproximateFirstReceiveTimestamp: "2000" };
  assert.deepEqual(systemAttributes(message, wanted), always);
  assert.deepEqual(systemAttributes({ ...message, groupId: "g", traceHeader: "t" }, wanted), {
    ...always,
    MessageGroupId: "g",
    AWSTraceHeader: "t",
  });
});

test("both members that name attributes count", () => {
  const table: [attributeNames: string[], systemNames: string[], shown: Record<string, string> | undefined][] = [
    [[], [], undefined],
    [["SenderId"], [], { SenderId: "AIDA1" }],
    [[], ["SenderId"], { SenderId: "AIDA1" }],
    [["SenderId"], ["SentTimestamp", "SenderId"], { SenderId: "AIDA1", SentTimestamp: "1000" }],
    [["SequenceNumber"], ["DeadLetterQueueSourceArn"], undefined],
    [["QueueArn", "FifoQueue"], [], undefined],
  ];
  for (const [attributeNames, systemNames, shown] of table) {
    assert.deepEqual(systemAttributes(message, wantedSystemAttributes(attributeNames, systemNames)), shown);
  }
  assert.equal(Object.keys(systemAttributes(message, wantedSystemAttributes(["All"], ["SenderId"])) ?? {}).length, 4);
});

test("an unknown system attribute is refused", () => {
  for (const name of ["Foo", "", "all", "constructor"]) {
    assert.throws(() => wantedSystemAttributes([], [name]), { code: "InvalidAttributeName", message: `Unknown Attribute ${name}.` });
  }
});

test("a trace header can be sent as an attribute, and is digested", () => {
  covers("sqs/4.2-digest-system");
  assert.deepEqual(readSystemAttributes({ AWSTraceHeader: { DataType: "String", StringValue: TRACE } }, undefined), {
    traceHeader: TRACE,
    md5: "5ae4d5d7636402d80f4eb6d213245a88",
  });
});

test("the HTTP header stands in for the attribute, and is not digested", () => {
  assert.deepEqual(readSystemAttributes(undefined, "Root=2"), { traceHeader: "Root=2", md5: undefined });
  assert.equal(readSystemAttributes({ AWSTraceHeader: { DataType: "String", StringValue: TRACE } }, "Root=2").traceHeader, TRACE);
  assert.deepEqual(readSystemAttributes({}, undefined), { traceHeader: null, md5: undefined });
});

test("other system attributes, other types and empty values are refused", () => {
  covers("sqs/4.2-trace-header", "sqs/4.1-other-system-attribute");
  assert.throws(() => readSystemAttributes({ Foo: { DataType: "String", StringValue: "x" } }, undefined), {
    message: "Message system attribute name 'Foo' is invalid.",
  });
  for (const input of [
    { DataType: "Number", StringValue: "1" },
    { DataType: "String", StringValue: "" },
    { DataType: "String" },
    { StringValue: "x" },
    { DataType: "String", StringValue: "\u0001" },
  ]) {
    assert.throws(() => readSystemAttributes({ AWSTraceHeader: input }, undefined), { code: "InvalidParameterValueException" });
  }
});
