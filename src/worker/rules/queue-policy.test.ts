import assert from "node:assert/strict";
import { test } from "node:test";
import { withTopicsAllowed } from "./queue-policy.ts";

const allow = { queueArn: "arn:q", topicArns: ["arn:t2", "arn:t1"] };

test("topics are let in by one statement beside what a policy says already", () => {
  const given = JSON.stringify({ Version: "2012-10-17", Id: "mine", Statement: [{ Sid: "A", Effect: "Deny" }] });
  const policy = JSON.parse(withTopicsAllowed(given, allow) ?? "");
  assert.equal(policy.Id, "mine");
  assert.deepEqual(
    policy.Statement.map((statement: { Sid: string }) => statement.Sid),
    ["A", "MillracePipelineTopics"],
  );
  assert.deepEqual(policy.Statement[1].Condition, { ArnEquals: { "aws:SourceArn": ["arn:t1", "arn:t2"] } });
});

test("a policy that says so already is left alone; other topics replace those that were let in", () => {
  const once = withTopicsAllowed(undefined, allow);
  assert.equal(withTopicsAllowed(once, allow), undefined);
  const twice = JSON.parse(withTopicsAllowed(once, { ...allow, topicArns: ["arn:t3"] }) ?? "");
  assert.equal(twice.Statement.length, 1);
});
