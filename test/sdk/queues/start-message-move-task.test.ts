import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { arnOf, giveUp, makePair, redrivePolicy } from "./dead-letters.ts";
import { onBothProtocols } from "./harness.ts";

onBothProtocols("a task moves every message back to the queue that it came from, as a new message", async (scene) => {
  covers("sqs/7.4-own-source", "sqs/7.4-new-id", "sqs/7.4-count-anew", "sqs/7.4-handle");
  const { call, clock, queue, receive, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  const bills = await queue(redrivePolicy("dead"), "bills");
  await giveUp(scene, orders, "o1", "o2");
  await giveUp(scene, bills, "b1");
  const before = await receive(dead, { VisibilityTimeout: 0 });
  clock.advance(5000);
  const { TaskHandle } = await call("StartMessageMoveTask", { SourceArn: arnOf("dead") });
  const handle = JSON.parse(Buffer.from(TaskHandle ?? "", "base64").toString()) as { taskId: string; sourceArn: string };
  assert.deepEqual(Object.keys(handle), ["taskId", "sourceArn"]);
  assert.match(handle.taskId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.equal(handle.sourceArn, arnOf("dead"));
  clock.advance(1000);
  assert.deepEqual(await bodies(dead), []);
  assert.deepEqual(await bodies(bills), ["b1"]);
  const after = await receive(orders);
  assert.deepEqual(
    after.map(({ Body }) => Body),
    ["o1", "o2"],
  );
  for (const message of after) {
    assert.ok(before.every(({ MessageId }) => MessageId !== message.MessageId));
    assert.equal(message.Attributes?.ApproximateReceiveCount, "1");
    assert.equal(message.Attributes?.DeadLetterQueueSourceArn, undefined);
    assert.ok(Number(message.Attributes?.SentTimestamp) >= clock.nowMs() - 1000);
  }
});

onBothProtocols("with a destination a task moves everything there, but not what is in flight", async (scene) => {
  covers("sqs/7.4-destination", "sqs/7.4-limits");
  const { call, clock, queue, send, receive, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  const inbox = await queue({}, "inbox");
  await giveUp(scene, orders, "held", "free");
  await send(dead, "sent to it");
  await receive(dead, { MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
  await call("StartMessageMoveTask", { SourceArn: arnOf("dead"), DestinationArn: arnOf("inbox") });
  clock.advance(1000);
  assert.deepEqual(await bodies(inbox), ["free", "sent to it"]);
  clock.advance(600_000);
  assert.deepEqual(await bodies(dead), ["held"]);
});

onBothProtocols("a task keeps to the rate that was asked for", async (scene) => {
  covers("sqs/7.4-limits");
  const { call, clock, send } = scene;
  const { dead } = await makePair(scene);
  await send(dead, ...Array.from({ length: 30 }, (_, index) => `m${index}`));
  await call("StartMessageMoveTask", { SourceArn: arnOf("dead"), DestinationArn: arnOf("orders"), MaxNumberOfMessagesPerSecond: 5 });
  const moved = async () =>
    (await call("ListMessageMoveTasks", { SourceArn: arnOf("dead") })).Results?.[0]?.ApproximateNumberOfMessagesMoved;
  clock.advance(2000);
  const early = (await moved()) ?? 0;
  assert.ok(early >= 5 && early <= 12, String(early));
  clock.advance(2000);
  const late = (await moved()) ?? 0;
  assert.ok(late - early >= 9 && late - early <= 11, `${late} after ${early}`);
  clock.advance(4000);
  assert.equal(await moved(), 30);
});

onBothProtocols("what cannot be moved is refused in the words of AWS", async (scene) => {
  covers(
    "sqs/7.4-source-missing",
    "sqs/7.4-destination-missing",
    "sqs/7.4-source-no-dead-letter-queue",
    "sqs/7.4-one-active",
    "sqs/7.4-same-queue",
    "sqs/7.4-rate",
    "sqs/7.4-no-arn",
    "sqs/2-resource-not-found",
  );
  const { call, refusal, send } = scene;
  const { dead } = await makePair(scene);
  const invalid = (message: string) => ({ code: "InvalidParameterValue", status: 400, message });
  const missing = (parameter: string) => ({
    code: "ResourceNotFoundException",
    status: 404,
    message: `The resource that you specified for the ${parameter} parameter doesn't exist.`,
  });
  const SourceArn = arnOf("dead");
  const start = (input: object) => refusal("StartMessageMoveTask", { SourceArn, ...input });
  assert.deepEqual(await start({ SourceArn: arnOf("nowhere") }), missing("SourceArn"));
  assert.deepEqual(await start({ SourceArn: "arn:aws:sqs:eu-west-1:000000000000:dead" }), missing("SourceArn"));
  assert.equal((await start({ SourceArn: "arn:aws:sqs:us-east-1:111111111111:dead" })).code, "AccessDenied");
  assert.deepEqual(await start({ DestinationArn: "arn:aws:sqs:us-east-1:111111111111:dead" }), missing("DestinationArn"));
  assert.deepEqual(await start({ DestinationArn: arnOf("nowhere") }), missing("DestinationArn"));
  assert.deepEqual(await start({ SourceArn: arnOf("orders") }), invalid("Source queue must be configured as a Dead Letter Queue."));
  assert.deepEqual(await start({ DestinationArn: SourceArn }), invalid("Source queue arn and destination queue arn cannot be the same."));
  for (const parameter of ["SourceArn", "DestinationArn"]) {
    const format = `You must use this format to specify the ${parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`;
    for (const arn of ["dead", dead, "arn:aws:sqs"]) assert.deepEqual(await start({ [parameter]: arn }), invalid(format));
  }
  for (const MaxNumberOfMessagesPerSecond of [0, 501, -1])
    assert.deepEqual(
      await start({ MaxNumberOfMessagesPerSecond }),
      invalid("Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a number that's between 1 and 500."),
    );
  assert.equal((await refusal("StartMessageMoveTask", { SourceArn: undefined })).code, "MissingParameter");
  await send(dead, "m1", "m2");
  await call("StartMessageMoveTask", { SourceArn, MaxNumberOfMessagesPerSecond: 1, DestinationArn: arnOf("orders") });
  assert.deepEqual(
    await start({}),
    invalid("There is already a task running. Only one active task is allowed for a source queue arn at a given time."),
  );
});
