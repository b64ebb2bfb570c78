import assert from "node:assert/strict";
import { test } from "node:test";
import { OWNER_ONLY_ACTIONS, QUEUE_POLICIES } from "../services/queues/rules/policy.ts";
import type { Asker } from "./asker.ts";
import { isAuthorised } from "./authorisation.ts";
import { parsePolicy, policyOf } from "./document.ts";

const OWNER = "000000000000";
const OTHER = "111111111111";
const QUEUE = { account: OWNER, region: "us-east-1" };
const ARN = "arn:aws:sqs:us-east-1:000000000000:orders";

const caller = (account: string, identity: string, action = "SendMessage"): Asker => ({
  kind: "caller",
  action,
  accountId: account,
  arn: `arn:aws:iam::${account}:${identity}`,
  uniqueId: identity,
  sourceIp: "127.0.0.1",
  secure: false,
});
const bucket = (accountId: string): Asker => ({
  kind: "service",
  action: "SendMessage",
  accountId,
  service: "s3.amazonaws.com",
  sourceArn: "arn:aws:s3:::photos",
});

interface Line {
  readonly effect?: string;
  readonly principal?: unknown;
  readonly action?: string;
  readonly resource?: string;
  readonly condition?: object;
}

const statement = ({ effect = "Allow", principal = "*", action = "sqs:*", resource = ARN, condition }: Line) => ({
  Effect: effect,
  Principal: principal,
  Action: action,
  Resource: resource,
  ...(condition === undefined ? {} : { Condition: condition }),
});

function may(asker: Asker, ...lines: Line[]): boolean {
  const document = () => parsePolicy(JSON.stringify({ Statement: lines.map(statement) }), QUEUE_POLICIES);
  const policy = lines.length === 0 ? undefined : policyOf(ARN, document());
  return isAuthorised(policy, { asker, resource: QUEUE, nowMs: 0 }, QUEUE_POLICIES);
}

test("without a policy a queue is its account's alone, but there every identity's", () => {
  assert.ok(may(caller(OWNER, "root")));
  assert.ok(may(caller(OWNER, "user/alice")));
  assert.ok(may(bucket(OWNER)));
  assert.ok(!may(caller(OTHER, "root")));
  assert.ok(!may(bucket(OTHER)));
});

test("a statement is about everyone, an account, an identity or a service", () => {
  const allows = (principal: unknown, asker: Asker) => may(asker, { principal });
  assert.ok(allows("*", caller(OTHER, "user/alice")));
  assert.ok(allows({ AWS: "*" }, bucket(OTHER)));
  assert.ok(allows({ AWS: OTHER }, caller(OTHER, "user/alice")));
  assert.ok(allows({ AWS: `arn:aws:iam::${OTHER}:root` }, caller(OTHER, "user/alice")));
  assert.ok(allows({ AWS: `arn:aws:iam::${OTHER}:user/alice` }, caller(OTHER, "user/alice")));
  assert.ok(!allows({ AWS: `arn:aws:iam::${OTHER}:user/alice` }, caller(OTHER, "user/bob")));
  assert.ok(!allows({ AWS: `arn:aws:iam::${OTHER}:user/alice` }, caller("222222222222", "user/alice")));
  assert.ok(!allows({ AWS: `arn:aws:iam::${OTHER}:user/alice` }, caller(OTHER, "root")));
  assert.ok(allows({ Service: "s3.amazonaws.com" }, bucket(OTHER)));
  assert.ok(!allows({ Service: "sns.amazonaws.com" }, bucket(OTHER)));
  assert.ok(!allows({ Service: "s3.amazonaws.com" }, caller(OTHER, "root")));
  assert.ok(!allows({ AWS: OTHER }, bucket(OTHER)), "a service is not the account that it acts for");
});

test("a statement is about its actions and about the queues that its resources fit", () => {
  const other = caller(OTHER, "root");
  assert.ok(may(other, { action: "sqs:SendMessage" }));
  assert.ok(!may(other, { action: "sqs:ReceiveMessage" }));
  for (const resource of ["*", "arn:aws:sqs:*", "arn:aws:sqs:us-east-?:000000000000:ord*"]) assert.ok(may(other, { resource }), resource);
  for (const resource of ["arn:aws:sqs:us-east-1:000000000000:Orders", "orders"]) assert.ok(!may(other, { resource }), resource);
});

test("one Deny that applies outweighs every Allow, for the owner's identities and services as for all others", () => {
  for (const asker of [caller(OTHER, "root"), caller(OWNER, "root"), caller(OWNER, "user/alice"), bucket(OWNER), bucket(OTHER)]) {
    assert.ok(!may(asker, {}, { effect: "Deny" }, {}));
    assert.ok(may(asker, {}, { effect: "Deny", action: "sqs:PurgeQueue" }));
  }
  assert.ok(may(caller(OWNER, "user/bob"), { effect: "Deny", principal: { AWS: `arn:aws:iam::${OWNER}:user/alice` } }));
});

test("a condition that is not met takes its statement away", () => {
  const fromHere = { ArnLike: { "aws:SourceArn": "arn:aws:s3:::photos" } };
  const fromElsewhere = { ArnLike: { "aws:SourceArn": "arn:aws:s3:::videos" } };
  const service = { Service: "s3.amazonaws.com" };
  assert.ok(may(bucket(OTHER), { principal: service, condition: fromHere }));
  assert.ok(!may(bucket(OTHER), { principal: service, condition: fromElsewhere }));
  assert.ok(may(bucket(OWNER), {}, { effect: "Deny", condition: fromElsewhere }));
  assert.ok(!may(bucket(OWNER), {}, { effect: "Deny", condition: fromHere }));
});

test("a policy lets in the services that it allows, whosever bucket they act for", () => {
  const service = { Service: "s3.amazonaws.com" };
  const fromHere = { ArnEquals: { "aws:SourceArn": "arn:aws:s3:::photos" }, StringEquals: { "aws:SourceAccount": OWNER } };
  const fromElsewhere = { ArnEquals: { "aws:SourceArn": "arn:aws:s3:::videos" } };
  assert.ok(may(bucket(OWNER), { principal: service, condition: fromHere }));
  assert.ok(!may(bucket(OTHER), { principal: service, condition: fromHere }));
  assert.ok(!may(bucket(OWNER), { principal: service, condition: fromElsewhere }));
  assert.ok(!may(bucket(OWNER), { principal: { Service: "sns.amazonaws.com" } }));
  assert.ok(!may(bucket(OWNER), { principal: { AWS: OWNER } }));
  assert.ok(!may(bucket(OWNER), { effect: "Deny", action: "sqs:PurgeQueue" }));
});

test("what is its owner's alone no policy grants to another account", () => {
  for (const action of QUEUE_POLICIES.actions) {
    assert.equal(may(caller(OTHER, "root", action), {}), !OWNER_ONLY_ACTIONS.includes(action), action);
    assert.ok(may(caller(OWNER, "user/alice", action), {}), action);
  }
  assert.equal(OWNER_ONLY_ACTIONS.length, 9);
});

test("no policy locks the root of its owner out of mending it", () => {
  const open = QUEUE_POLICIES.actions.filter((action) => may(caller(OWNER, "root", action), { effect: "Deny" }));
  assert.deepEqual(open.toSorted(), ["GetQueueAttributes", "RemovePermission", "SetQueueAttributes"]);
  for (const action of QUEUE_POLICIES.actions) assert.ok(!may(caller(OWNER, "user/alice", action), { effect: "Deny" }), action);
});
