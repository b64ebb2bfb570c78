import {
  AddPermissionCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from "@aws-sdk/client-sqs";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { refusalOf, type Tally } from "./tally.ts";

interface Of {
  readonly sqs: SQSClient;
  readonly QueueUrl: string;
  readonly step: Tally["step"];
}

/** FIFO queues: order, groups, deduplication; and who else may use a queue. Each step builds on those before it. */
export async function fifoScenario(tally: Tally, config: SQSClientConfig): Promise<void> {
  const sqs = new SQSClient(config);
  const Attributes = { FifoQueue: "true", ContentBasedDeduplication: "true" };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `javascript-${process.pid}-orders.fifo`, Attributes }));
  assert.ok(QueueUrl !== undefined);
  const of = { sqs, QueueUrl, step: tally.step.bind(tally) };
  await orderSteps(of);
  await deduplicationSteps(of);
  await permissionSteps(of);
  sqs.destroy();
}

async function orderSteps(of: Of): Promise<void> {
  const { sqs, QueueUrl, step } = of;
  await step("a FIFO queue delivers each group in its order, with sequence numbers that rise", async () => {
    const Entries = ["a1", "b1", "a2", "b2", "a3", "b3"].map((body) => ({
      Id: body,
      MessageBody: body,
      MessageGroupId: body.charAt(0),
      MessageDeduplicationId: `order-${body}`,
    }));
    const { Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const sent = new Map(Successful?.map(({ Id, SequenceNumber }) => [Id, SequenceNumber]));
    const numbers = Entries.map(({ Id }) => sent.get(Id));
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((a = "", b = "") => (a < b ? -1 : 1)),
    );
    const messages = await receive(of);
    for (const group of ["a", "b"])
      assert.deepEqual(
        bodies(messages).filter((body) => body?.startsWith(group)),
        [`${group}1`, `${group}2`, `${group}3`],
      );
    for (const { Body, Attributes } of messages) {
      assert.equal(Attributes?.MessageGroupId, Body?.charAt(0));
      assert.equal(Attributes?.MessageDeduplicationId, `order-${Body}`);
      assert.equal(Attributes?.SequenceNumber, sent.get(Body));
    }
    await remove(of, messages);
  });
  await step("a group with a message in flight waits, other groups do not", async () => {
    for (const body of ["a4", "a5", "b4"]) await send(of, body, body.charAt(0));
    const first = await receive(of, 1);
    assert.deepEqual(bodies(first), ["a4"]);
    const others = await receive(of);
    assert.deepEqual(bodies(others), ["b4"]);
    await remove(of, first);
    const last = await receive(of);
    assert.deepEqual(bodies(last), ["a5"]);
    await remove(of, [...others, ...last]);
  });
  await step("a message that is given back comes again before the rest of its group", async () => {
    for (const body of ["a6", "a7"]) await send(of, body, "a");
    const messages = await receive(of);
    for (const { ReceiptHandle } of messages.toReversed())
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    const again = await receive(of);
    assert.deepEqual(
      [bodies(messages), bodies(again)],
      [
        ["a6", "a7"],
        ["a6", "a7"],
      ],
    );
    await remove(of, again);
  });
}

async function deduplicationSteps(of: Of): Promise<void> {
  const { sqs, QueueUrl, step } = of;
  const once = { QueueUrl, MessageGroupId: "a", MessageDeduplicationId: "once" };
  await step("a duplicate is answered as the first message was, and not delivered", async () => {
    const first = await sqs.send(new SendMessageCommand({ ...once, MessageBody: "same" }));
    const second = await sqs.send(new SendMessageCommand({ ...once, MessageBody: "same again" }));
    assert.deepEqual([second.MessageId, second.SequenceNumber], [first.MessageId, first.SequenceNumber]);
    const messages = await receive(of);
    assert.deepEqual(bodies(messages), ["same"]);
    await remove(of, messages);
    await sqs.send(new SendMessageCommand({ ...once, MessageBody: "same" }));
    assert.deepEqual(await receive(of), []);
  });
  await step("a body is its own deduplication id where the queue is told so", async () => {
    const [first, second] = [await send(of, "content", "a"), await send(of, "content", "a")];
    assert.equal(second.MessageId, first.MessageId);
    const messages = await receive(of);
    assert.deepEqual(
      messages.map(({ Attributes }) => Attributes?.MessageDeduplicationId),
      [createHash("sha256").update("content").digest("hex")],
    );
    await remove(of, messages);
  });
  await step("a FIFO queue refuses a message without a group", async () => {
    assert.equal(await refusalOf(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "body" }))), "MissingParameter");
  });
}

async function permissionSteps({ sqs, QueueUrl, step }: Of): Promise<void> {
  const policy = async (): Promise<{ Statement: unknown[] } | undefined> => {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] }));
    return Attributes?.Policy === undefined ? undefined : JSON.parse(Attributes.Policy);
  };
  await step("permissions are added to a queue's policy and removed", async () => {
    const Label = "sender";
    await sqs.send(new AddPermissionCommand({ QueueUrl, Label, AWSAccountIds: ["111122223333"], Actions: ["SendMessage"] }));
    assert.partialDeepStrictEqual(await policy(), { Statement: [{ Sid: Label, Effect: "Allow", Action: "SQS:SendMessage" }] });
    await sqs.send(new RemovePermissionCommand({ QueueUrl, Label }));
    assert.equal(await policy(), undefined);
  });
}

async function send({ sqs, QueueUrl }: Of, MessageBody: string, MessageGroupId: string) {
  return sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId }));
}

async function receive({ sqs, QueueUrl }: Of, MaxNumberOfMessages = 10): Promise<Message[]> {
  const asked = { QueueUrl, MaxNumberOfMessages, MessageSystemAttributeNames: ["All" as const] };
  return (await sqs.send(new ReceiveMessageCommand(asked))).Messages ?? [];
}

function bodies(messages: readonly Message[]): (string | undefined)[] {
  return messages.map(({ Body }) => Body);
}

async function remove({ sqs, QueueUrl }: Of, messages: readonly Message[]): Promise<void> {
  for (const { ReceiptHandle } of messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
}
