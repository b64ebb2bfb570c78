import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLabel, checkPermission, withoutPermission, withPermission } from "./permissions.ts";
import { parsePolicy } from "../../../access/document.ts";
import { QUEUE_POLICIES } from "./policy.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:orders";
const ONE = { label: "one", accountIds: ["111111111111"], actions: ["ReceiveMessage"] };

test("the first permission makes a policy in the form of AWS", () => {
  assert.deepEqual(JSON.parse(withPermission(undefined, ONE, ARN)), {
    Version: "2008-10-17",
    Id: `${ARN}/SQSDefaultPolicy`,
    Statement: [
      {
        Sid: "one",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::111111111111:root" },
        Action: "SQS:ReceiveMessage",
        Resource: ARN,
      },
    ],
  });
});

test("several accounts and actions are lists, and the ARNs of accounts are of the queue's partition", () => {
  const several = { label: "several", accountIds: ["111111111111", "222222222222"], actions: ["SendMessage", "*"] };
  const policy = withPermission(undefined, several, ARN.replace("aws", "aws-cn"));
  const { Statement } = JSON.parse(policy) as { Statement: { Principal: unknown; Action: unknown }[] };
  assert.deepEqual(
    [Statement[0]?.Principal, Statement[0]?.Action],
    [{ AWS: ["arn:aws-cn:iam::111111111111:root", "arn:aws-cn:iam::222222222222:root"] }, ["SQS:SendMessage", "SQS:*"]],
  );
});

test("a further permission leaves what was there as it was, also a statement that stands alone", () => {
  const mine = { Sid: "mine", Effect: "Deny", Principal: "*", Action: "sqs:PurgeQueue", Resource: "*" };
  const policy = withPermission(JSON.stringify({ Version: "2012-10-17", Id: "x", Statement: mine }), ONE, ARN);
  const { Version, Id, Statement } = JSON.parse(policy) as { Version: string; Id: string; Statement: { Sid: string }[] };
  assert.deepEqual([Version, Id, Statement[0], Statement[1]?.Sid, Statement.length], ["2012-10-17", "x", mine, "one", 2]);
  parsePolicy(policy, QUEUE_POLICIES);
});

test("a label is used once, found again, and takes the policy with it when it was the last", () => {
  const one = withPermission(undefined, ONE, ARN);
  assert.throws(() => withPermission(one, ONE, ARN), {
    code: "InvalidParameterValueException",
    message: "Value one for parameter Label is invalid. Reason: Already exists.",
  });
  const two = withPermission(one, { ...ONE, label: "two" }, ARN);
  assert.equal(withoutPermission(two, "two"), one);
  assert.equal(withoutPermission(one, "one"), "");
  for (const policy of [undefined, one]) {
    assert.throws(() => withoutPermission(policy, "none"), {
      message: "Value none for parameter Label is invalid. Reason: can't find label.",
    });
  }
});

test("a request is refused in the words of AWS", () => {
  const action = (name: string) => `Value SQS:${name} for parameter ActionName is invalid. Reason: `;
  const wsdl = "Please refer to the appropriate WSDL for a list of valid actions.";
  const table: [changes: Partial<typeof ONE>, message: string][] = [
    [
      { label: "a b" },
      "Value a b for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ],
    [
      { label: "" },
      "Value  for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ],
    [{ accountIds: [] }, "The request must contain the parameter AWSAccountIds."],
    [{ actions: [] }, "The request must contain the parameter Actions."],
    [{ accountIds: ["111111111111", "alice"] }, "Value [alice] for parameter PrincipalId is invalid. Reason: Unable to verify."],
    [{ accountIds: ["*"] }, "Value [*] for parameter PrincipalId is invalid. Reason: Unable to verify."],
    [{ actions: ["Fly"] }, action("Fly") + wsdl],
    [{ actions: ["SendMessageBatch"] }, action("SendMessageBatch") + wsdl],
    [{ actions: ["sendmessage"] }, action("sendmessage") + wsdl],
    [{ actions: ["StartMessageMoveTask"] }, action("StartMessageMoveTask") + wsdl],
    [{ actions: ["DeleteQueue"] }, `${action("DeleteQueue")}Only the queue owner is allowed to invoke this action.`],
    [{ actions: Array.from({ length: 8 }, () => "SendMessage") }, "8 Actions were found, maximum allowed is 7."],
  ];
  for (const [changes, message] of table) assert.throws(() => checkPermission({ ...ONE, ...changes }), { name: "ServiceError", message });
  checkPermission({ ...ONE, actions: Array.from({ length: 7 }, () => "*") });
  checkLabel("a".repeat(80));
  assert.throws(() => checkLabel("a".repeat(81)));
});

test("a policy that is full takes no permission more", () => {
  let full: string | undefined;
  for (let index = 0; index < 20; index += 1) full = withPermission(full, { ...ONE, label: `l${index}` }, ARN);
  assert.throws(() => withPermission(full, ONE, ARN), { code: "OverLimit", message: /at most 20 statements/ });
  const many = Array.from({ length: 50 }, (_, index) => String(100_000_000_000 + index));
  const crowded = withPermission(undefined, { ...ONE, accountIds: many }, ARN);
  assert.throws(() => withPermission(crowded, { ...ONE, label: "more" }, ARN), { code: "OverLimit", message: /at most 50 principals/ });
  const statement = { Sid: "x".repeat(8000), Effect: "Allow", Principal: "*", Action: "*", Resource: "*" };
  const long = JSON.stringify({ Statement: statement });
  assert.throws(() => withPermission(long, ONE, ARN), { code: "OverLimit", message: /at most 8192 bytes/ });
});
