import assert from "node:assert/strict";
import { test } from "node:test";
import { QUEUE_POLICIES } from "../services/queues/rules/policy.ts";
import type { Asker } from "./asker.ts";
import { parseConditions } from "./conditions.ts";

const QUEUE = { account: "000000000000", region: "us-east-1" };
const READING = { language: QUEUE_POLICIES, where: "statement 1", literally: true };
const NOW_MS = Date.parse("2026-03-01T12:00:00.900Z");

const CALLER: Asker = {
  kind: "caller",
  action: "SendMessage",
  accountId: "111111111111",
  arn: "arn:aws:iam::111111111111:user/team/alice",
  uniqueId: "AIDAALICE",
  sourceIp: "203.0.113.9",
  secure: false,
};
const BUCKET: Asker = {
  kind: "service",
  action: "SendMessage",
  accountId: "111111111111",
  service: "s3.amazonaws.com",
  sourceArn: "arn:aws:s3:::photos",
};

const meets = (condition: object, asker: Asker) =>
  parseConditions(condition, READING).every((met) => met({ asker, resource: QUEUE, nowMs: NOW_MS }));

/** Which of a caller and a bucket meet `{ operator: { key: value } }`. */
function whoMeets(operator: string, key: string, value: unknown): string {
  const condition = { [operator]: { [key]: value } };
  return [meets(condition, CALLER) ? "caller" : "", meets(condition, BUCKET) ? "bucket" : ""].filter((who) => who !== "").join(" ");
}

test("each operator compares as AWS's does, and a request without the value fails it, or passes it where it is negated", () => {
  const table: [operator: string, key: string, value: unknown, who: string][] = [
    ["StringEquals", "aws:username", "alice", "caller"],
    ["StringEquals", "aws:username", ["bob", "alice"], "caller"],
    ["StringEquals", "AWS:UserName", "alice", "caller"],
    ["StringEquals", "aws:username", "Alice", ""],
    ["StringEquals", "aws:username", "al*", ""],
    ["StringNotEquals", "aws:username", "alice", "bucket"],
    ["StringNotEquals", "aws:username", ["bob", "alice"], "bucket"],
    ["StringNotEquals", "aws:username", "bob", "caller bucket"],
    ["StringEqualsIgnoreCase", "aws:username", "ALICE", "caller"],
    ["StringNotEqualsIgnoreCase", "aws:username", "ALICE", "bucket"],
    ["StringLike", "aws:SourceArn", "arn:aws:s3:*photos", "bucket"],
    ["StringNotLike", "aws:SourceArn", "arn:aws:s3:*photos", "caller"],
    ["ArnEquals", "aws:SourceArn", "arn:aws:s3:::ph*", "bucket"],
    ["ArnLike", "aws:SourceArn", "arn:aws:s3:*:*:photos", "bucket"],
    ["ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*", ""],
    ["ArnNotLike", "aws:SourceArn", "arn:aws:s3:::videos", "caller bucket"],
    ["ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::111111111111:user/*", "bucket"],
    ["IpAddress", "aws:SourceIp", "203.0.113.0/24", "caller"],
    ["IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.9"], "caller"],
    ["NotIpAddress", "aws:SourceIp", "203.0.113.0/24", "bucket"],
    ["Bool", "aws:SecureTransport", "true", "bucket"],
    ["Bool", "aws:SecureTransport", false, "caller"],
    ["Bool", "aws:PrincipalIsAWSService", "True", "bucket"],
    ["DateLessThan", "aws:CurrentTime", "2026-03-01T12:00:01Z", "caller bucket"],
    ["DateLessThan", "aws:CurrentTime", "2026-03-01T13:00:00+01:00", ""],
    ["DateEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", "caller bucket"],
    ["DateNotEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", ""],
    ["DateLessThanEquals", "aws:CurrentTime", "2026-03-01T12:00:00Z", "caller bucket"],
    ["DateGreaterThan", "aws:CurrentTime", "2026-03-01", "caller bucket"],
    ["DateGreaterThanEquals", "aws:EpochTime", "2026-03-01T12:00:00Z", "caller bucket"],
    ["NumericGreaterThan", "aws:EpochTime", 1_772_366_399, "caller bucket"],
    ["NumericLessThan", "aws:EpochTime", "1772366400", ""],
    ["NumericEquals", "aws:EpochTime", "1772366400.0", "caller bucket"],
    ["NumericNotEquals", "aws:EpochTime", "1772366400", ""],
    ["Null", "aws:SourceArn", "true", "caller"],
    ["Null", "aws:SourceArn", false, "bucket"],
    ["Null", "aws:SourceArn", ["true", "false"], "caller bucket"],
    ["StringEqualsIfExists", "aws:username", "bob", "bucket"],
    ["IpAddressIfExists", "aws:SourceIp", "203.0.113.0/24", "caller bucket"],
    ["ForAnyValue:StringEquals", "aws:username", ["alice", "bob"], "caller"],
    ["ForAnyValue:StringNotEquals", "aws:username", "bob", "caller"],
    ["ForAllValues:StringEquals", "aws:username", "alice", "caller bucket"],
    ["ForAllValues:StringEquals", "aws:username", "bob", "bucket"],
    ["ForAnyValue:StringEqualsIfExists", "aws:username", "alice", "caller bucket"],
  ];
  for (const [operator, key, value, who] of table) assert.equal(whoMeets(operator, key, value), who, `${operator} ${key} ${String(value)}`);
});

test("each key has the value that it has at AWS", () => {
  const table: [key: string, caller: string | undefined, bucket: string | undefined][] = [
    ["aws:CurrentTime", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"],
    ["aws:EpochTime", "1772366400", "1772366400"],
    ["aws:SecureTransport", "false", "true"],
    ["aws:SourceIp", "203.0.113.9", undefined],
    ["aws:SourceArn", undefined, "arn:aws:s3:::photos"],
    ["aws:SourceAccount", undefined, "111111111111"],
    ["aws:SourceOwner", undefined, "111111111111"],
    ["aws:PrincipalArn", "arn:aws:iam::111111111111:user/team/alice", undefined],
    ["aws:PrincipalAccount", "111111111111", undefined],
    ["aws:PrincipalType", "User", undefined],
    ["aws:userid", "AIDAALICE", undefined],
    ["aws:username", "alice", undefined],
    ["aws:PrincipalIsAWSService", "false", "true"],
    ["aws:PrincipalServiceName", undefined, "s3.amazonaws.com"],
    ["aws:RequestedRegion", "us-east-1", "us-east-1"],
    ["aws:ResourceAccount", "000000000000", "000000000000"],
  ];
  for (const [key, ofCaller, ofBucket] of table) {
    const values: [Asker, string | undefined][] = [
      [CALLER, ofCaller],
      [BUCKET, ofBucket],
    ];
    for (const [asker, value] of values) {
      assert.equal(meets({ Null: { [key]: String(value === undefined) } }, asker), true, key);
      if (value !== undefined) assert.ok(meets({ StringEquals: { [key]: value } }, asker), key);
    }
  }
  const root: Asker = { ...CALLER, arn: "arn:aws:iam::111111111111:root" };
  assert.ok(meets({ StringEquals: { "aws:PrincipalType": "Account" }, Null: { "aws:username": "true" } }, root));
});

test("all lines of a condition must be met", () => {
  const secure = { Bool: { "aws:SecureTransport": "false" } };
  assert.ok(meets({ ...secure, StringEquals: { "aws:username": "alice", "aws:PrincipalAccount": "111111111111" } }, CALLER));
  assert.ok(!meets({ ...secure, StringEquals: { "aws:username": "alice", "aws:PrincipalAccount": "222222222222" } }, CALLER));
});

test("what cannot be checked is refused when the policy is set", () => {
  const table: [condition: unknown, reason: RegExp][] = [
    [{ StringMatches: { "aws:username": "a" } }, /the condition operator "StringMatches" is not known here/],
    [{ stringequals: { "aws:username": "a" } }, /is not known here/],
    [{ StringEqualsIfExistsIfExists: { "aws:username": "a" } }, /is not known here/],
    [{ "ForSomeValue:StringEquals": { "aws:username": "a" } }, /is not known here/],
    [{ NullIfExists: { "aws:username": "true" } }, /is not known here/],
    [{ BinaryEquals: { "aws:username": "YQ==" } }, /is not known here/],
    [{ constructor: { "aws:username": "a" } }, /is not known here/],
    [{ StringEquals: { "aws:PrincipalOrgID": "o-1" } }, /the condition key "aws:PrincipalOrgID" is not known here/],
    [{ StringEquals: { "sqs:anything": "a" } }, /is not known here/],
    [{ StringEquals: {} }, /StringEquals must be an object that is not empty/],
    [{}, /Condition must be an object that is not empty/],
    ["a", /Condition must be an object/],
    [[], /Condition must be an object/],
    [{ StringEquals: { "aws:username": [] } }, /must have a value or a list of values/],
    [{ StringEquals: { "aws:username": null } }, /must have a value/],
    [{ StringEquals: { "aws:username": { a: 1 } } }, /must have a value/],
    [{ IpAddress: { "aws:SourceArn": "10.0.0.0/8" } }, /IpAddress cannot look at aws:SourceArn/],
    [{ ArnLike: { "aws:username": "arn:aws:s3:::a" } }, /ArnLike cannot look at aws:username/],
    [{ IpAddress: { "aws:SourceIp": "10.0.0.0/40" } }, /"10.0.0.0\/40" is no value for IpAddress/],
    [{ IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "*"] } }, /"\*" is no value for IpAddress/],
    [{ ArnLike: { "aws:SourceArn": "*" } }, /"\*" is no value for ArnLike/],
    [{ ArnLike: { "aws:SourceArn": "photos:a:b:c:d:e" } }, /is no value for ArnLike/],
    [{ Bool: { "aws:SecureTransport": "yes" } }, /"yes" is no value for Bool/],
    [{ DateLessThan: { "aws:CurrentTime": "tomorrow" } }, /"tomorrow" is no value for DateLessThan/],
    [{ DateLessThan: { "aws:CurrentTime": "2026-13-01" } }, /is no value for DateLessThan/],
    [{ NumericLessThan: { "aws:EpochTime": "1e9" } }, /is no value for NumericLessThan/],
    [{ Null: { "aws:SourceArn": "maybe" } }, /Null takes true or false/],
  ];
  for (const [condition, message] of table) {
    assert.throws(() => parseConditions(condition, READING), { code: "InvalidAttributeValue", message }, JSON.stringify(condition));
  }
});

test("variables are text in the older version of the language and refused in the newer", () => {
  const condition = { StringEquals: { "aws:username": "${aws:username}" } };
  assert.throws(() => parseConditions(condition, { ...READING, literally: false }), { message: /policy variables/ });
  assert.ok(!meets(condition, CALLER));
});
