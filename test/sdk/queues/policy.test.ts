import assert from "node:assert/strict";
import { test } from "node:test";
import * as sqs from "@aws-sdk/client-sqs";
import { startTestServer } from "../../../src/testing/index.ts";
import { covers } from "../../contract/covers.ts";
import { onBothProtocols } from "./harness.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:orders";
const ALLOW = { Effect: "Allow", Principal: { AWS: "111111111111" }, Action: "sqs:SendMessage", Resource: ARN };

onBothProtocols("a policy is kept and shown as it was given, and an empty one takes it away", async ({ call, queue }) => {
  covers("sqs/3.7-policy");
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [ALLOW] }, undefined, 2);
  const QueueUrl = await queue({ Policy });
  const shown = async () => (await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] })).Attributes?.Policy;
  assert.equal(await shown(), Policy);
  assert.equal(await queue({ Policy }), QueueUrl, "the same queue is asked for again");
  const other = JSON.stringify({ Statement: ALLOW });
  await call("SetQueueAttributes", { QueueUrl, Attributes: { Policy: other } });
  assert.equal(await shown(), other);
  await call("SetQueueAttributes", { QueueUrl, Attributes: { Policy: "" } });
  assert.equal(await shown(), undefined);
  await call("SetQueueAttributes", { QueueUrl, Attributes: { Policy: "" } });
});

onBothProtocols("a policy that cannot be kept to the letter is refused, and the old one stays", async ({ call, queue, refusal }) => {
  covers("sqs/3.7-bad-policy", "sqs/3.10-policy-limits", "sqs/10-policy");
  const Policy = JSON.stringify({ Statement: ALLOW });
  const QueueUrl = await queue({ Policy });
  const refused = async (text: string) => {
    const { code, status, message } = await refusal("SetQueueAttributes", { QueueUrl, Attributes: { DelaySeconds: "9", Policy: text } });
    assert.deepEqual([code, status], ["InvalidAttributeValue", 400]);
    return message;
  };
  const statement = (changes: object) => JSON.stringify({ Version: "2012-10-17", Statement: [{ ...ALLOW, ...changes }] });
  for (const text of ["no", "{", "[]"]) assert.equal(await refused(text), "Invalid value for the parameter Policy.");
  assert.equal(
    await refused(statement({ Condition: { StringFits: { "aws:username": "a" } } })),
    'Invalid value for the parameter Policy. Reason: statement 1: the condition operator "StringFits" is not known here.',
  );
  assert.match(
    await refused(statement({ Condition: { StringEquals: { "aws:PrincipalOrgID": "o" } } })),
    /"aws:PrincipalOrgID" is not known here/,
  );
  assert.match(await refused(statement({ NotAction: "sqs:*" })), /"NotAction" is not supported here/);
  assert.match(await refused(`${Policy}${" ".repeat(8192)}`), /longer than 8192 bytes/);
  const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy", "DelaySeconds"] });
  assert.deepEqual(Attributes, { Policy, DelaySeconds: "0" });
});

test(
  "without credentials configured, accounts are kept apart all the same, and policies open queues to others",
  { timeout: 20_000 },
  async () => {
    covers("sqs/1.3-policy-denies", "sqs/3.3-other-owner");
    await using server = await startTestServer();
    const client = (accessKeyId: string) =>
      new sqs.SQSClient({ ...server.clientConfig(), credentials: { accessKeyId, secretAccessKey: "any" }, maxAttempts: 1 });
    const [owner, other] = [client("test"), client("111111111111")];
    const { QueueUrl } = await owner.send(new sqs.CreateQueueCommand({ QueueName: "orders" }));
    const send = () => other.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "b" }));
    const url = () => other.send(new sqs.GetQueueUrlCommand({ QueueName: "orders", QueueOwnerAWSAccountId: "000000000000" }));
    const set = (...statements: object[]) =>
      owner.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: JSON.stringify({ Statement: statements }) } }));
    await assert.rejects(send(), { name: "AccessDenied" });
    await assert.rejects(url(), { name: "QueueDoesNotExist" });
    await set({ ...ALLOW, Action: ["sqs:SendMessage", "sqs:GetQueueUrl"] });
    await send();
    assert.equal((await url()).QueueUrl, QueueUrl);
    await assert.rejects(other.send(new sqs.ReceiveMessageCommand({ QueueUrl })), { name: "AccessDenied" });
    await set(ALLOW, { ...ALLOW, Effect: "Deny", Condition: { IpAddress: { "aws:SourceIp": ["127.0.0.0/8", "::1"] } } });
    await assert.rejects(send(), { name: "AccessDenied" });
    await set({ ...ALLOW, Effect: "Deny", Principal: "*" });
    await owner.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: "whoever is believed to be the owner is not asked" }));
    const elsewhere = QueueUrl?.replace("orders", "nowhere");
    await assert.rejects(other.send(new sqs.SendMessageCommand({ QueueUrl: elsewhere, MessageBody: "b" })), { name: "AccessDenied" });
    for (const each of [owner, other]) each.destroy();
  },
);

test("a receive that waits is refused when the policy that let it in is taken away", { timeout: 20_000 }, async () => {
  await using server = await startTestServer();
  const client = (accessKeyId: string) =>
    new sqs.SQSClient({ ...server.clientConfig(), credentials: { accessKeyId, secretAccessKey: "any" }, maxAttempts: 1 });
  const [owner, other] = [client("test"), client("111111111111")];
  const Policy = JSON.stringify({ Statement: { ...ALLOW, Action: "sqs:ReceiveMessage" } });
  const { QueueUrl } = await owner.send(new sqs.CreateQueueCommand({ QueueName: "orders", Attributes: { Policy } }));
  const waiting = assert.rejects(other.send(new sqs.ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 })), { name: "AccessDenied" });
  // Until the receive has arrived there is nobody to refuse, and changing the policy twice does no harm.
  await other.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
  await owner.send(new sqs.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: "" } }));
  await waiting;
  for (const each of [owner, other]) each.destroy();
});
