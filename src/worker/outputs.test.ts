import assert from "node:assert/strict";
import { test } from "node:test";
import { Outputs } from "./outputs.ts";
import type { MessageAttributes } from "./rules/outgoing.ts";
import type { ReceivedMessage } from "./sqs.ts";
import type { Tracing } from "./tracing.ts";

const TARGET = "http://localhost/000000000000/out";
const TRACE: MessageAttributes = { traceparent: { type: "String", value: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } };

/** What is sent of one output of a program that is watched. */
function sent(given: { attributes?: number; body?: string }): { attributes: string[]; body: string } {
  const input = { messageId: "1", attributes: {}, traceHeader: undefined } as unknown as ReceivedMessage;
  const tracing: Tracing = { process: async (_queueUrl, _message, run) => await run(), create: () => TRACE };
  const codec = { serialize: String, parse: (body: string) => body };
  const targets = new Map([["out", TARGET]]);
  const outputs = new Outputs({
    input,
    lineage: "1",
    stage: "in",
    targets,
    codec,
    tracing,
    bytesMax: 1000,
  });
  const names = Array.from({ length: given.attributes ?? 0 }, (_, number) => `a${number}`);
  const attributes = Object.fromEntries(names.map((name) => [name, { type: "String", value: "x" }]));
  outputs.add("out", given.body ?? "", { attributes });
  const { message } = outputs.list[0] ?? assert.fail();
  return { attributes: Object.keys(message.attributes).sort(), body: message.body };
}

test("an output has its trace, unless its own attributes or its size leave no room", () => {
  assert.ok(sent({ attributes: 8 }).attributes.includes("traceparent"));
  const full = sent({ attributes: 9 });
  assert.equal(full.attributes.length, 10);
  assert.ok(!full.attributes.includes("traceparent"));
  assert.throws(() => sent({ attributes: 10 }), /more than 9 attributes/);
  const large = sent({ body: "x".repeat(940) });
  assert.deepEqual(large, { attributes: ["Millrace.Id"], body: "x".repeat(940) });
  assert.throws(() => sent({ body: "x".repeat(1000) }), /has \d+ bytes/);
});
