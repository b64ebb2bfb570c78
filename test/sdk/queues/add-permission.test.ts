import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { onBothProtocols } from "./harness.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:orders";
const IPV = "InvalidParameterValue";

onBothProtocols("AddPermission makes a policy, and a further one adds to it", async ({ call, queue }) => {
  covers("sqs/3.10-policy-form", "sqs/3.10-policy-id", "sqs/3.10-one-or-many", "sqs/1.2-in-permission");
  const QueueUrl = await queue();
  const policy = async () => {
    const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] });
    return JSON.parse(Attributes?.Policy ?? "null") as unknown;
  };
  await call("AddPermission", { QueueUrl, Label: "one", AWSAccountIds: ["111111111111"], Actions: ["ReceiveMessage"] });
  const one = {
    Sid: "one",
    Effect: "Allow",
    Principal: { AWS: "arn:aws:iam::111111111111:root" },
    Action: "SQS:ReceiveMessage",
    Resource: ARN,
  };
  const document = { Version: "2008-10-17", Id: `${ARN}/SQSDefaultPolicy`, Statement: [one] };
  assert.deepEqual(await policy(), document);
  await call("AddPermission", { QueueUrl, Label: "two", AWSAccountIds: ["111111111111", "222222222222"], Actions: ["SendMessage", "*"] });
  const two = {
    Sid: "two",
    Effect: "Allow",
    Principal: { AWS: ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"] },
    Action: ["SQS:SendMessage", "SQS:*"],
    Resource: ARN,
  };
  assert.deepEqual(await policy(), { ...document, Statement: [one, two] });
});

onBothProtocols("RemovePermission takes a statement out, and with the last one the policy", async ({ call, clock, queue }) => {
  covers("sqs/3.10-last-removed");
  const QueueUrl = await queue();
  const add = (Label: string) => call("AddPermission", { QueueUrl, Label, AWSAccountIds: ["111111111111"], Actions: ["SendMessage"] });
  const shown = async () => (await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] })).Attributes;
  await add("one");
  await add("two");
  clock.advance(5000);
  assert.deepEqual(await call("RemovePermission", { QueueUrl, Label: "one" }), {});
  const left = await shown();
  assert.match(left?.Policy ?? "", /"Sid":"two"/);
  assert.doesNotMatch(left?.Policy ?? "", /"Sid":"one"/);
  assert.equal(Number(left?.LastModifiedTimestamp) - Number(left?.CreatedTimestamp), 5);
  await call("RemovePermission", { QueueUrl, Label: "two" });
  assert.equal((await shown())?.Policy, undefined);
});

onBothProtocols("a label is used once", async ({ call, queue, refusal }) => {
  covers("sqs/3.10-label-exists", "sqs/3.10-label-unknown");
  const QueueUrl = await queue();
  const permission = { QueueUrl, Label: "one", AWSAccountIds: ["111111111111"], Actions: ["SendMessage"] };
  assert.deepEqual(await refusal("RemovePermission", { QueueUrl, Label: "one" }), {
    code: IPV,
    status: 400,
    message: "Value one for parameter Label is invalid. Reason: can't find label.",
  });
  await call("AddPermission", permission);
  assert.deepEqual(await refusal("AddPermission", permission), {
    code: IPV,
    status: 400,
    message: "Value one for parameter Label is invalid. Reason: Already exists.",
  });
  await call("RemovePermission", { QueueUrl, Label: "one" });
  assert.equal((await refusal("RemovePermission", { QueueUrl, Label: "one" })).code, IPV);
  await call("AddPermission", permission);
});

onBothProtocols("what cannot be granted is refused in the words of AWS", async ({ call, queue, refusal }) => {
  covers("sqs/3.10-action-unknown", "sqs/3.10-owner-only-action", "sqs/3.10-account", "sqs/3.10-seven-actions", "sqs/3.10-label-form");
  covers("sqs/3.10-grantable");
  const QueueUrl = await queue();
  const permission = { QueueUrl, Label: "one", AWSAccountIds: ["111111111111"], Actions: ["SendMessage"] };
  const refused = async (changes: Partial<typeof permission>) => {
    const { code, status, message } = await refusal("AddPermission", { ...permission, ...changes });
    return `${status} ${code}: ${message}`;
  };
  const wsdl = "Please refer to the appropriate WSDL for a list of valid actions.";
  const wrongAction = (name: string) => `400 ${IPV}: Value SQS:${name} for parameter ActionName is invalid. Reason: `;
  for (const name of ["Fly", "SendMessageBatch"]) assert.equal(await refused({ Actions: [name] }), wrongAction(name) + wsdl);
  assert.equal(
    await refused({ Actions: ["SendMessage", "TagQueue"] }),
    `${wrongAction("TagQueue")}Only the queue owner is allowed to invoke this action.`,
  );
  assert.equal(
    await refused({ AWSAccountIds: ["nobody"] }),
    `400 ${IPV}: Value [nobody] for parameter PrincipalId is invalid. Reason: Unable to verify.`,
  );
  assert.equal(
    await refused({ Actions: Array.from({ length: 8 }, () => "SendMessage") }),
    "403 OverLimit: 8 Actions were found, maximum allowed is 7.",
  );
  for (const Label of ["a b", "a".repeat(81)])
    assert.match(await refused({ Label }), /^400 InvalidParameterValue: Value .* for parameter Label/);
  const grantable = ["SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl"];
  await call("AddPermission", { ...permission, Label: "a".repeat(80), Actions: grantable });
  await call("AddPermission", { ...permission, Actions: ["ListDeadLetterSourceQueues", "PurgeQueue", "*"] });
});

onBothProtocols("a policy takes as many permissions as its limits allow", async ({ call, queue, refusal }) => {
  covers("sqs/3.10-policy-limits", "sqs/10-policy");
  const QueueUrl = await queue();
  const permission = { QueueUrl, AWSAccountIds: ["111111111111"], Actions: ["SendMessage"] };
  for (let index = 0; index < 20; index += 1) await call("AddPermission", { ...permission, Label: `l${index}` });
  const { code, status } = await refusal("AddPermission", { ...permission, Label: "one-more" });
  assert.deepEqual([code, status], ["OverLimit", 403]);
});

onBothProtocols("a permission for a queue that is not there finds no queue", async ({ refusal }) => {
  const QueueUrl = "http://localhost/000000000000/nowhere";
  const code = "AWS.SimpleQueueService.NonExistentQueue";
  assert.equal((await refusal("AddPermission", { QueueUrl, Label: "", AWSAccountIds: [], Actions: [] })).code, code);
  assert.equal((await refusal("RemovePermission", { QueueUrl, Label: "" })).code, code);
});
