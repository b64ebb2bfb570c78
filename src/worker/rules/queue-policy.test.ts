import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutTopics, withTopicsAllowed } from "./queue-policy.ts";

const allow = { pipeline: "scan", queueArn: "arn:q", topicArns: ["arn:t2", "arn:t1"] };

test("topics are let in by one statement beside what a policy says already", () => {
  const given = JSON.stringify({ Version: "2012-10-17", Id: "mine", Statement: [{ Sid: "A", Effect: "Deny" }] });
  const policy = JSON.parse(withTopicsAllowed(given, allow) ?? "");
  assert.equal(policy.Id, "mine");
  assert.deepEqual(
    policy.Statement.map((statement: { Sid: string }) => statement.Sid),
    ["A", "MillracePipelineTopics-scan"],
  );
  assert.deepEqual(policy.Statement[1].Condition, { ArnEquals: { "aws:SourceArn": ["arn:t1", "arn:t2"] } });
});

test("a policy that says so already is left alone; other topics replace those that were let in", () => {
  const once = withTopicsAllowed(undefined, allow);
  assert.equal(withTopicsAllowed(once, allow), undefined);
  const twice = JSON.parse(withTopicsAllowed(once, { ...allow, topicArns: ["arn:t3"] }) ?? "");
  assert.equal(twice.Statement.length, 1);
});

test("two pipelines that send to one queue have a statement each, and each changes and takes away its own alone", () => {
  const sids = (policy = "") => JSON.parse(policy).Statement.map(({ Sid }: { Sid: string }) => Sid.slice("MillracePipelineTopics-".length));
  const other = { ...allow, pipeline: "scan-more", topicArns: ["arn:t9"] };
  const both = withTopicsAllowed(withTopicsAllowed(undefined, allow), other);
  assert.deepEqual(sids(both), ["scan", "scan-more"]);
  for (const each of [allow, other]) assert.equal(withTopicsAllowed(both, each), undefined);
  assert.deepEqual(sids(withTopicsAllowed(both, { ...allow, topicArns: ["arn:t3"] })), ["scan-more", "scan"]);
  assert.deepEqual(sids(withoutTopics(both, allow)), ["scan-more"]);
  assert.equal(withoutTopics(withoutTopics(both, allow), other), "");
});

test("what a pipeline's statement says is taken away; what else a policy says stays", () => {
  const given = JSON.stringify({ Version: "2012-10-17", Id: "mine", Statement: { Sid: "A", Effect: "Deny" } });
  const without = withoutTopics(withTopicsAllowed(given, allow), allow) ?? "";
  assert.deepEqual(JSON.parse(without), { Version: "2012-10-17", Id: "mine", Statement: [{ Sid: "A", Effect: "Deny" }] });
  for (const policy of [undefined, "", given]) assert.equal(withoutTopics(policy, allow), undefined);
});

test("the statement of an earlier release, with one Sid for all, is a pipeline's where it lets in no other topics", () => {
  const Condition = { ArnEquals: { "aws:SourceArn": allow.topicArns } };
  const earlier = JSON.stringify({ Version: "2012-10-17", Statement: [{ Sid: "MillracePipelineTopics", Condition }] });
  assert.equal(JSON.parse(withTopicsAllowed(earlier, allow) ?? "").Statement.length, 1, "it is replaced");
  assert.equal(withoutTopics(earlier, allow), "");
  const some = { ...allow, topicArns: ["arn:t1"] };
  assert.equal(JSON.parse(withTopicsAllowed(earlier, some) ?? "").Statement.length, 2, "t2 may still send");
  assert.equal(withoutTopics(earlier, some), undefined);
});
