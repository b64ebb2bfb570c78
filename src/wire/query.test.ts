import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { mergeParameters, parseQuery, queryOf } from "./query-parameters.ts";
import { compileQuery } from "./query.ts";
import { compileQueryResponse } from "./query-response.ts";
import { blob, boolean, integer, list, map, nothing, operation, optional, required, string, structure, timestamp } from "./shapes.ts";
import { WireError, type Problem } from "./wire-error.ts";
import { covers } from "../../test/contract/covers.ts";

const asAttribute = { flattened: true, keyName: "Name", valueName: "Value" };
const value = structure({ DataType: string, StringValue: string, BinaryValue: blob });
const entry = structure({
  Id: required(string),
  MessageBody: required(string),
  DelaySeconds: integer,
  MessageAttributes: optional(map(value, asAttribute), { wireName: "MessageAttribute" }),
});
const input = structure({
  QueueUrl: string,
  Attributes: optional(map(string, asAttribute), { wireName: "Attribute" }),
  Entries: optional(list(entry, { flattened: true }), { wireName: "SendMessageBatchRequestEntry" }),
  Names: list(string),
  Labels: map(string),
  Accounts: optional(list(string, { flattened: true }), { wireName: "Account", queryName: "AWSAccountId" }),
  Quiet: boolean,
  Since: timestamp("iso8601"),
});
const decoder = compileQuery(input);

/** Maps without a prototype compare equal to these. */
function mapOf(entries: Record<string, unknown>): object {
  return Object.assign(Object.create(null) as object, entries);
}

function decode(text: string): unknown {
  return decoder.decode(parseQuery(text));
}

function refuses(text: string, problem: Problem, message: RegExp): void {
  assert.throws(
    () => decode(text),
    (failure) => failure instanceof WireError && failure.problem === problem && message.test(failure.message),
  );
}

test("flattened maps and lists are read by their numbers, with gaps and in any order", () => {
  const text = "Attribute.7.Value=b&Attribute.2.Name=One&Attribute.2.Value=a&Attribute.7.Name=Two&AWSAccountId.10=z&AWSAccountId.9=y";
  assert.deepEqual(decode(text), { Attributes: mapOf({ One: "a", Two: "b" }), Accounts: ["y", "z"] });
});

test("lists and maps are read with their wrappers", () => {
  const text = "Names.member.2=b&Names.member.1=a&Labels.entry.1.key=k&Labels.entry.1.value=v";
  assert.deepEqual(decode(text), { Names: ["a", "b"], Labels: mapOf({ k: "v" }) });
});

test("a list or map is read in either form, whichever is declared", () => {
  const text = "Names.1=a&Labels.1.key=k&Labels.1.value=v&AWSAccountId.member.1=1&Attribute.entry.1.Name=N&Attribute.entry.1.Value=w";
  assert.deepEqual(decode(text), { Attributes: mapOf({ N: "w" }), Names: ["a"], Labels: mapOf({ k: "v" }), Accounts: ["1"] });
});

test("a member's own name is taken where its declared one is absent", () => {
  const expected = { Attributes: mapOf({ N: "v" }) };
  assert.deepEqual(decode("Attributes.1.Name=N&Attributes.1.Value=v"), expected);
  assert.deepEqual(decode("Attribute.1.Name=N&Attribute.1.Value=v&Attributes.1.Name=Other&Attributes.1.Value=w"), expected);
});

test("the number of a single entry or item may be left out", () => {
  assert.deepEqual(decode("Attribute.Name=DelaySeconds&Attribute.Value=45&AWSAccountId=1"), {
    Attributes: mapOf({ DelaySeconds: "45" }),
    Accounts: ["1"],
  });
});

test("an empty list is written as its name alone", () => {
  assert.deepEqual(decode("Names=&Labels="), { Names: [], Labels: mapOf({}) });
});

test("a required list without items is an empty one, since it has no parameters to be sent", () => {
  const batch = compileQuery(structure({ Entries: required(list(entry, { flattened: true })), Tags: map(string) }));
  assert.deepEqual(batch.decode(parseQuery("Action=SendMessageBatch")), { Entries: [] });
});

test("structures nest inside lists and maps", () => {
  const first = "SendMessageBatchRequestEntry.1.";
  const text = `${first}Id=a&${first}MessageBody=hello+world%21&${first}DelaySeconds=0&${first}MessageAttribute.1.Name=k&${first}MessageAttribute.1.Value.DataType=Binary&${first}MessageAttribute.1.Value.BinaryValue=AQI%3D`;
  assert.deepEqual(decode(text), {
    Entries: [
      {
        Id: "a",
        MessageBody: "hello world!",
        DelaySeconds: 0,
        MessageAttributes: mapOf({ k: { DataType: "Binary", BinaryValue: Buffer.from([1, 2]) } }),
      },
    ],
  });
});

test("a required member that is absent is named by its parameter", () => {
  refuses("SendMessageBatchRequestEntry.3.Id=a", "missing", /^SendMessageBatchRequestEntry\.3\.MessageBody: /);
  refuses("Attribute.1.Value=a", "missing", /^Attribute\.1\.Name: /);
  refuses("Attribute.1.Name=a", "missing", /^Attribute\.1\.Value: /);
});

test("a value of the wrong type is refused", () => {
  const one =
    "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=b&SendMessageBatchRequestEntry.1.DelaySeconds=";
  refuses(`${one}1.5`, "wrong-type", /^SendMessageBatchRequestEntry\.1\.DelaySeconds: expected an integer/);
  refuses(`${one}99999999999`, "wrong-type", /an integer of 32 bits/);
  refuses(one, "wrong-type", /DelaySeconds: expected an integer/);
  refuses("Quiet=yes", "wrong-type", /^Quiet: expected true or false/);
  refuses("Since=now", "wrong-type", /^Since: expected a time/);
  refuses("QueueUrl.1=a", "wrong-type", /^QueueUrl: expected a single value/);
  refuses("Names.first=a", "wrong-type", /^Names: expected items numbered from 1/);
  refuses("Attribute=a", "wrong-type", /^Attribute: expected entries numbered from 1/);
});

test("of a repeated parameter the first counts, and unknown ones are ignored", () => {
  assert.deepEqual(decode("QueueUrl=a&QueueUrl=b&Colour=red&&=x&Quiet=TRUE"), { QueueUrl: "a", Quiet: true });
});

test("parameters that are not percent-encoded UTF-8 are refused", () => {
  for (const text of ["QueueUrl=%", "QueueUrl=%ff", "QueueUrl=%E2%82", "%zz=1"]) refuses(text, "malformed", /percent-encoded UTF-8/);
  assert.throws(() => parseQuery(Buffer.from([0x61, 0xff])), WireError);
  assert.equal(parseQuery(Buffer.from("a=é%C3%A9+")).get("a"), "éé ");
});

test("floods of parameters and of name parts are refused", () => {
  refuses("a&".repeat(10_001), "malformed", /more than 10000 parameters/);
  refuses(`${"a.".repeat(64)}a=1`, "malformed", /more than 64 parts/);
  assert.deepEqual(decode("AWSAccountId.999999999=a"), { Accounts: ["a"] });
});

test("no name reaches a prototype", () => {
  const part = fc.constantFrom("__proto__", "constructor", "prototype", "Attribute", "1", "Name", "Value", "polluted");
  fc.assert(
    fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), (names) => {
      try {
        decode(names.map((parts) => `${parts.join(".")}=polluted`).join("&"));
      } catch (failure) {
        assert.ok(failure instanceof WireError);
      }
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
      assert.equal(({} as Record<string, unknown>)["Name"], undefined);
    }),
  );
  assert.deepEqual(decode("Attribute.1.Name=__proto__&Attribute.1.Value=v"), {
    Attributes: JSON.parse('{"__proto__":"v"}', nullPrototype),
  });
});

function nullPrototype(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, part] of Object.entries(value)) copy[key] = part;
  return copy;
}

test("parameters of body and target are one, the body's first", () => {
  const merged = mergeParameters(parseQuery("Action=A"), parseQuery(queryOf("/000000000000/q?Action=B&Version=1")));
  assert.deepEqual(Object.fromEntries(merged), { Action: "A", Version: "1" });
  assert.equal(queryOf("/"), "");
});

const NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/";
const message = structure({
  MessageId: string,
  Body: string,
  Attributes: optional(map(string, asAttribute), { wireName: "Attribute" }),
  MessageAttributes: optional(map(value, asAttribute), { wireName: "MessageAttribute" }),
});
const receive = compileQueryResponse(
  operation("ReceiveMessage", {
    input: nothing,
    output: structure({ Messages: optional(list(message, { flattened: true }), { wireName: "Message", queryJsonName: "messages" }) }),
  }),
  NAMESPACE,
);

test("an answer is written as the envelope of the Query protocol", () => {
  covers("sqs/1.2-answer-form", "sqs/1.2-escapes");
  const messages = [
    {
      MessageId: "m",
      Body: 'a<b>&"c"\r\n',
      Attributes: { SenderId: "1" },
      MessageAttributes: { k: { DataType: "Binary", BinaryValue: Buffer.from([1]) } },
    },
  ];
  assert.equal(
    receive.xml({ Messages: messages }, "27daac76"),
    `<?xml version="1.0"?><ReceiveMessageResponse xmlns="${NAMESPACE}"><ReceiveMessageResult><Message><MessageId>m</MessageId>` +
      "<Body>a&lt;b&gt;&amp;&quot;c&quot;&#xD;\n</Body><Attribute><Name>SenderId</Name><Value>1</Value></Attribute>" +
      "<MessageAttribute><Name>k</Name><Value><DataType>Binary</DataType><BinaryValue>AQ==</BinaryValue></Value></MessageAttribute></Message>" +
      "</ReceiveMessageResult><ResponseMetadata><RequestId>27daac76</RequestId></ResponseMetadata></ReceiveMessageResponse>",
  );
});

test("a receive without messages has an empty result; an action without output none", () => {
  covers("sqs/1.2-empty-receive", "sqs/1.2-without-output");
  assert.match(receive.xml({ Messages: [] }, "r"), /<ReceiveMessageResult\/><ResponseMetadata>/);
  const purge = compileQueryResponse(operation("PurgeQueue", { input: nothing, output: nothing }), NAMESPACE);
  assert.equal(
    purge.xml({}, "r"),
    `<?xml version="1.0"?><PurgeQueueResponse xmlns="${NAMESPACE}"><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PurgeQueueResponse>`,
  );
  assert.equal(purge.json({}, "r"), '{"PurgeQueueResponse":{"ResponseMetadata":{"RequestId":"r"}}}');
  const tag = compileQueryResponse(operation("TagResource", { input: nothing, output: structure({}) }), NAMESPACE);
  assert.match(tag.xml({}, "r"), /<TagResourceResult\/><ResponseMetadata>/);
});

test("the same as JSON: maps become lists of entries, and what is absent is null", () => {
  covers("sqs/1.2-accept-json-receive");
  const shown = JSON.parse(receive.json({ Messages: [{ MessageId: "m", Attributes: { SenderId: "1" } }] }, "r"));
  assert.deepEqual(shown, {
    ReceiveMessageResponse: {
      ReceiveMessageResult: {
        messages: [{ MessageId: "m", Body: null, Attributes: [{ Name: "SenderId", Value: "1" }], MessageAttributes: null }],
      },
      ResponseMetadata: { RequestId: "r" },
    },
  });
  assert.match(receive.json({ Messages: [] }, "r"), /"ReceiveMessageResult":\{"messages":null\}/);
});
