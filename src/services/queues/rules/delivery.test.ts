import assert from "node:assert/strict";
import { test } from "node:test";
import { DeliveryReader, type Delivery } from "./delivery.ts";

const ACCOUNT = "000000000000";
const source = { service: "sns.amazonaws.com", arn: `arn:aws:sns:us-east-1:${ACCOUNT}:news`, accountId: ACCOUNT };
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
const delivery = (given: Partial<Delivery> = {}): Delivery => ({
  queueArn: queueArn("jobs"),
  id: "m",
  body: "text",
  source,
  senderId: "AIDA",
  ...given,
});

test("a body that no queue may have is refused, wherever in it the character stands", () => {
  const reader = new DeliveryReader(false);
  const takes = (given: Partial<Delivery>) => reader.read(delivery(given)) !== undefined;
  for (let time = 0; time < 2; time += 1) {
    assert.ok(takes({ body: "a" }));
    assert.ok(!takes({ body: "\u0001" }));
    assert.ok(!takes({ body: "\u0001" }), "what was found once");
    assert.ok(takes({ body: "ab", parts: ["a", "b"] }));
    assert.ok(!takes({ body: "a\u0001", parts: ["a", "\u0001"] }));
    assert.ok(!takes({ body: "\uffffb", parts: ["\uffff", "b"] }));
  }
});

test("each queue is the one of its ARN, read again or for the first time; what names none takes nothing", () => {
  const reader = new DeliveryReader(false);
  for (const name of ["a", "b", "a"]) assert.equal(reader.read(delivery({ queueArn: queueArn(name) }))?.queue.name, name);
  for (let time = 0; time < 2; time += 1) assert.equal(reader.read(delivery({ queueArn: "arn:aws:sqs:nowhere" })), undefined);
});

test("who asks is the one of each delivery, also for a queue that was read before", () => {
  const reader = new DeliveryReader(false);
  const asker = (accountId: string) => reader.read(delivery({ source: { ...source, accountId } }))?.queue.asker?.accountId;
  assert.deepEqual([asker(ACCOUNT), asker("111111111111"), asker(ACCOUNT)], [undefined, "111111111111", undefined]);
});
