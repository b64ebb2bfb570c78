import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../kernel/clock.ts";
import { QUEUE_POLICIES } from "../services/queues/rules/policy.ts";
import type { Asker } from "./asker.ts";
import { decide } from "./decide.ts";
import { parsePolicy, policyOf } from "./document.ts";

test("no policy that is accepted takes long to ask", () => {
  const one = { Effect: "Allow", Principal: "*", Action: "*", Resource: `${"*a".repeat(150)}b` };
  const statements = Array.from({ length: 18 }, () => one);
  const condition = { StringLike: { "aws:SourceArn": `${"*a".repeat(100)}b` } };
  const document = JSON.stringify({ Statement: [...statements, { ...one, Resource: "*", Condition: condition }] });
  const asker: Asker = {
    kind: "service",
    action: "SendMessage",
    accountId: "111111111111",
    service: "s3.amazonaws.com",
    sourceArn: `arn:aws:s3:::${"a".repeat(1000)}`,
  };
  const resource = { account: "000000000000", region: "us-east-1" };
  const arn = `arn:aws:sqs:us-east-1:000000000000:${"a".repeat(80)}`;
  const policy = parsePolicy(document, QUEUE_POLICIES);
  const clock = systemClock();
  const startedMs = clock.monotonicMs();
  for (let run = 0; run < 100; run += 1) decide(policyOf(arn, policy), { asker, resource, nowMs: 0 });
  const eachMs = (clock.monotonicMs() - startedMs) / 100;
  assert.ok(eachMs < 5, `${eachMs} ms`);
});
