import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutTopics, withTopicsAllowed } from "./queue-policy.ts";

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

test("what lets topics in is taken away again, where it lets in no others; what else a policy says stays", () => {
  const alone = withTopicsAllowed(undefined, allow);
  assert.equal(withoutTopics(alone, ["arn:t1", "arn:t2", "arn:t3"]), "");
  assert.equal(withoutTopics(alone, ["arn:t1"]), undefined, "t2 may still send");
  const given = JSON.stringify({ Version: "2012-10-17", Id: "mine", Statement: { Sid: "A", Effect: "Deny" } });
  const without = withoutTopics(withTopicsAllowed(given, allow), allow.topicArns) ?? "";
  assert.deepEqual(JSON.parse(without), { Version: "2012-10-17", Id: "mine", Statement: [{ Sid: "A", Effect: "Deny" }] });
  for (const policy of [undefined, "", given]) assert.equal(withoutTopics(policy, allow.topicArns), undefined);
});
