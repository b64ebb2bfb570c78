import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type SQSClientConfig,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { refusalOf, type Tally } from "./tally.ts";

const MOVED_MS_MAX = 30_000;

/** Dead-letter queues, and the way back from them. Each step builds on those before it. */
export async function deadLetterScenario(tally: Tally, config: SQSClientConfig): Promise<void> {
  const sqs = new SQSClient(config);
  const step = tally.step.bind(tally);
  const name = `javascript-${process.pid}-jobs`;
  const dead = await queue(sqs, `${name}-dead`);
  const policy = (deadLetterTargetArn: string) => ({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) });
  const source = await queue(sqs, name, policy(dead.arn));
  await step("a message that was received too often goes to the dead-letter queue", async () => {
    const sent = await sqs.send(new SendMessageCommand({ QueueUrl: source.url, MessageBody: "poison" }));
    assert.equal((await receive(sqs, source.url)).length, 1);
    assert.deepEqual(await receive(sqs, source.url), []);
    const [message] = await receive(sqs, dead.url);
    assert.deepEqual([message?.MessageId, message?.Body], [sent.MessageId, "poison"]);
    assert.equal(message?.Attributes?.DeadLetterQueueSourceArn, source.arn);
    assert.equal(message?.Attributes?.ApproximateReceiveCount, "2");
  });
  await step("the sources of a dead-letter queue are listed", async () => {
    const { queueUrls } = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.url }));
    assert.deepEqual(queueUrls, [source.url]);
  });
  await step("a move task brings dead letters back to where they came from", async () => {
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead.arn }));
    const until = performance.now() + MOVED_MS_MAX;
    const latest = async () => (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: dead.arn }))).Results?.[0];
    let task = await latest();
    for (; task?.Status !== "COMPLETED"; task = await latest()) {
      assert.ok(performance.now() < until, `${task?.Status}`);
      await pause(100);
    }
    assert.equal(task.ApproximateNumberOfMessagesMoved, 1);
    const [message] = await receive(sqs, source.url);
    assert.deepEqual([message?.Body, await receive(sqs, dead.url)], ["poison", []]);
  });
  await step(
    "a redrive policy that names no queue is refused, and so is the task of a queue that is none's dead-letter queue",
    async () => {
      const setting = { QueueUrl: source.url, Attributes: policy(`${dead.arn}-not`) };
      assert.equal(await refusalOf(sqs.send(new SetQueueAttributesCommand(setting))), "InvalidParameterValue");
      assert.equal(await refusalOf(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: source.arn }))), "InvalidParameterValue");
    },
  );
  sqs.destroy();
}

async function queue(sqs: SQSClient, QueueName: string, Attributes?: Record<string, string>): Promise<{ url: string; arn: string }> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const asked = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  return { url: QueueUrl ?? "", arn: asked.Attributes?.QueueArn ?? "" };
}

async function receive(sqs: SQSClient, QueueUrl: string): Promise<Message[]> {
  const asked = { QueueUrl, VisibilityTimeout: 0, MessageSystemAttributeNames: ["All" as const] };
  return (await sqs.send(new ReceiveMessageCommand(asked))).Messages ?? [];
}
