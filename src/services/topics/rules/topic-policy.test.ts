import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asker } from "../../../access/asker.ts";
import { isAuthorised } from "../../../access/authorisation.ts";
import {
  checkPermission,
  defaultPolicy,
  GRANTABLE_ACTIONS,
  OWNER_ONLY_ACTIONS,
  readPolicy,
  refusalOf,
  saidBySubscribe,
  TOPIC_POLICIES,
  topicPolicy,
  withoutPermission,
  withPermission,
} from "./topic-policy.ts";

const OWNER = "000000000000";
const OTHER = "111111111111";
const NEWS = { account: OWNER, region: "us-east-1", name: "news" };
const ARN = "arn:aws:sns:us-east-1:000000000000:news";
const PERMISSION = { label: "partner", accountIds: [OTHER], actions: ["Publish"] };

const caller = (accountId: string, action = "Publish"): Asker => ({
  kind: "caller",
  action,
  accountId,
  arn: `arn:aws:iam::${accountId}:user/alice`,
  uniqueId: "AIDA",
  sourceIp: "127.0.0.1",
  secure: false,
});
const bucket = (accountId: string): Asker => ({
  kind: "service",
  action: "Publish",
  accountId,
  service: "s3.amazonaws.com",
  sourceArn: "arn:aws:s3:::photos",
});
const may = (policy: string, asker: Asker) => isAuthorised(topicPolicy(policy, NEWS), { asker, resource: NEWS, nowMs: 0 }, TOPIC_POLICIES);
const statement = (changes: object = {}) => ({ Effect: "Allow", Principal: "*", Action: "sns:Publish", Resource: ARN, ...changes });
const policyOf = (...changes: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: changes.map(statement) });

test("the default policy, written out, lets in its account's callers and buckets and nobody else", () => {
  const policy = readPolicy(defaultPolicy(NEWS));
  for (const action of [...GRANTABLE_ACTIONS, ...OWNER_ONLY_ACTIONS]) {
    assert.ok(may(policy, caller(OWNER, action)), action);
    assert.ok(!may(policy, caller(OTHER, action)), action);
  }
  assert.ok(may(policy, bucket(OWNER)));
  assert.ok(!may(policy, bucket(OTHER)));
});

test("a permission lets an account do what it names, until it is taken out", () => {
  const policy = withPermission(defaultPolicy(NEWS), PERMISSION, NEWS);
  assert.ok(may(policy, caller(OTHER)));
  assert.ok(!may(policy, caller(OTHER, "Subscribe")));
  assert.throws(() => withPermission(policy, PERMISSION, NEWS), { message: "Invalid parameter: Statement already exists" });
  const left = withoutPermission(policy, "partner");
  assert.ok(!may(left, caller(OTHER)));
  assert.equal(withoutPermission(left, "nobody"), left);
  assert.equal(withoutPermission(left, "__default_statement_ID"), "", "without any statement the default policy counts");
});

test("a permission is of actions that can be granted, to accounts", () => {
  const table: [changes: Partial<typeof PERMISSION>, message: RegExp][] = [
    [{ label: "" }, /Label Reason/],
    [{ accountIds: [] }, /AWSAccountId Reason/],
    [{ accountIds: ["alice"] }, /alice is no account/],
    [{ actions: [] }, /ActionName Reason/],
    ...["TagResource", "PublishBatch", "publish", "*"].map((action): [{ actions: string[] }, RegExp] => [
      { actions: [action] },
      /^Invalid parameter: Policy statement action out of service scope!$/,
    ]),
  ];
  for (const [changes, message] of table) assert.throws(() => checkPermission({ ...PERMISSION, ...changes }), { message });
  checkPermission({ ...PERMISSION, actions: GRANTABLE_ACTIONS });
});

test("no policy gives another account what is the owner's alone", () => {
  const everything = policyOf({ Action: "sns:*" });
  for (const action of TOPIC_POLICIES.actions) {
    assert.equal(may(everything, caller(OTHER, action)), GRANTABLE_ACTIONS.includes(action), action);
  }
});

test("a policy that is not understood is refused, with the statement and the reason", () => {
  const table: [policy: string, reason: RegExp][] = [
    ["no", /^Invalid parameter: Policy Error: it is no JSON object$/],
    ["[]", /Policy Error/],
    ["{}", /it has no Statement/],
    [policyOf({ Action: "sns:Fly" }), /statement 1: the action "sns:Fly" cannot be taken; there is no such action/],
    [policyOf({ Action: "sns:PublishBatch" }), /name sns:Publish, which covers the batch/],
    [policyOf({ Action: "sqs:SendMessage" }), /it must begin with "sns:"/],
    [
      policyOf({}, { Condition: { StringFits: { "aws:SourceArn": "a" } } }),
      /statement 2: the condition operator "StringFits" is not known/,
    ],
    [policyOf({ Condition: { StringEquals: { "aws:PrincipalOrgID": "o" } } }), /"aws:PrincipalOrgID" is not known here/],
    [policyOf({ NotPrincipal: "*" }), /"NotPrincipal" is not supported/],
    [policyOf(...Array.from({ length: 21 }, () => ({}))), /21 statements, at most 20/],
    [policyOf() + " ".repeat(30 * 1024), /longer than 30720 bytes/],
  ];
  for (const [policy, reason] of table) {
    assert.throws(() => readPolicy(policy), { code: "InvalidParameterException", message: reason }, policy.slice(0, 100));
    if (policy !== "[]") assert.equal(topicPolicy(policy, NEWS), undefined, "one that was kept before counts as none");
  }
});

test("what infrastructure tools write of a topic is taken", () => {
  const named = [...GRANTABLE_ACTIONS, "Receive"].map((action) => `SNS:${action}`);
  const condition = { StringEquals: { "AWS:SourceOwner": OWNER } };
  readPolicy(policyOf({ Sid: "__default_statement_ID", Principal: { AWS: "*" }, Action: named, Condition: condition }));
  const events = { ArnLike: { "aws:SourceArn": "arn:aws:s3:*:*:photos" }, StringEquals: { "aws:SourceAccount": OTHER } };
  const policy = readPolicy(policyOf({ Principal: { Service: "s3.amazonaws.com" }, Condition: events }));
  assert.ok(may(policy, bucket(OTHER)));
  assert.ok(!may(policy, caller(OTHER)));
});

test("a Subscribe can be judged by its protocol and endpoint", () => {
  const asks = (protocol: string, endpoint?: string) =>
    ({ ...caller(OTHER, "Subscribe"), said: saidBySubscribe(protocol, endpoint) }) as Asker;
  const https = { StringEquals: { "SNS:Protocol": "https" }, StringLike: { "SNS:Endpoint": "https://*.example.com/*" } };
  const policy = policyOf({ Action: "sns:Subscribe", Condition: https });
  assert.ok(may(policy, asks("https", "https://a.example.com/news")));
  assert.ok(!may(policy, asks("https", "https://a.example.org/news")));
  assert.ok(!may(policy, asks("http", "https://a.example.com/news")));
  assert.ok(!may(policy, asks("https")));
  assert.ok(!may(policy, caller(OTHER, "Subscribe")));
});

test("a refusal names who, what and which topic or subscription", () => {
  const told = (accountId: string) => refusalOf(caller(accountId), { account: OWNER, arn: ARN }).message;
  assert.deepEqual(
    [told(OWNER), told(OTHER)],
    [
      `User: arn:aws:iam::${OWNER}:user/alice is not authorized to perform: SNS:Publish on resource: ${ARN} with an explicit deny in a resource-based policy`,
      `User: arn:aws:iam::${OTHER}:user/alice is not authorized to perform: SNS:Publish on resource: ${ARN} because no resource-based policy allows the SNS:Publish action`,
    ],
  );
});
