import assert from "node:assert/strict";
import { test } from "node:test";
import type { Asker } from "../../../access/asker.ts";
import { refusalOf } from "./policy.ts";

const OWNER = "000000000000";
const OTHER = "111111111111";
const QUEUE = { account: OWNER, region: "us-east-1", name: "orders" };
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

test("a refusal names who, what and which queue; another account cannot tell by it whether there is such a queue", () => {
  assert.deepEqual(
    [refusalOf(caller(OWNER, "user/alice"), QUEUE).message, refusalOf(bucket(OTHER), QUEUE).message],
    [
      `User: arn:aws:iam::${OWNER}:user/alice is not authorized to perform: sqs:sendmessage on resource: ${ARN} with an explicit deny in a resource-based policy`,
      `User: s3.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: ${ARN} because no resource-based policy allows the sqs:sendmessage action`,
    ],
  );
  assert.equal((refusalOf(caller(OTHER, "root", "GetQueueUrl"), QUEUE) as { code?: string }).code, "QueueDoesNotExist");
  assert.equal((refusalOf(caller(OWNER, "user/a", "GetQueueUrl"), QUEUE) as { code?: string }).code, "AccessDeniedException");
});
