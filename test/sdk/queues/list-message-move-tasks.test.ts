import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { arnOf, giveUp, makePair } from "./dead-letters.ts";
import { onBothProtocols } from "./harness.ts";

const SourceArn = arnOf("dead");

onBothProtocols("a task shows its handle while it runs, and what it was given", async (scene) => {
  covers("sqs/7.4-list", "sqs/7.4-list-handle", "sqs/1.1-move-task-time", "sqs/1.2-out-move-tasks");
  const { call, clock } = scene;
  const { orders } = await makePair(scene);
  assert.deepEqual(await call("ListMessageMoveTasks", { SourceArn }), {});
  await giveUp(scene, orders, "m1", "m2");
  const DestinationArn = arnOf("orders");
  const StartedTimestamp = clock.nowMs();
  const { TaskHandle } = await call("StartMessageMoveTask", { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 100 });
  const given = { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 100, ApproximateNumberOfMessagesToMove: 2, StartedTimestamp };
  const running = { TaskHandle, Status: "RUNNING", ...given, ApproximateNumberOfMessagesMoved: 0 };
  assert.deepEqual(await call("ListMessageMoveTasks", { SourceArn }), { Results: [running] });
  clock.advance(2000);
  const done = { Status: "COMPLETED", ...given, ApproximateNumberOfMessagesMoved: 2 };
  assert.deepEqual(await call("ListMessageMoveTasks", { SourceArn }), { Results: [done] });

  const secondStart = clock.nowMs();
  await call("StartMessageMoveTask", { SourceArn });
  clock.advance(2000);
  const counts = { ApproximateNumberOfMessagesMoved: 0, ApproximateNumberOfMessagesToMove: 0 };
  const second = { Status: "COMPLETED", SourceArn, ...counts, StartedTimestamp: secondStart };
  assert.deepEqual(await call("ListMessageMoveTasks", { SourceArn }), { Results: [second] }, "one unless more are asked for");
  assert.deepEqual(await call("ListMessageMoveTasks", { SourceArn, MaxResults: 10 }), { Results: [second, done] });
});

onBothProtocols("a task that cannot go on has failed, and says why", async (scene) => {
  covers("sqs/7.4-destination-deleted", "sqs/7.4-no-source");
  const { call, clock, send, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  const last = async () => (await call("ListMessageMoveTasks", { SourceArn })).Results?.[0];
  await giveUp(scene, orders, "m1");
  await send(dead, "from nowhere");
  await call("StartMessageMoveTask", { SourceArn });
  clock.advance(2000);
  const unknown = await last();
  assert.deepEqual([unknown?.Status, unknown?.FailureReason], ["FAILED", "CouldNotDetermineMessageSource"]);
  assert.equal(unknown?.ApproximateNumberOfMessagesMoved, 1);
  assert.deepEqual(await bodies(dead, { VisibilityTimeout: 0 }), ["from nowhere"]);

  await send(dead, "1", "2", "3", "4");
  await call("StartMessageMoveTask", { SourceArn, DestinationArn: arnOf("orders"), MaxNumberOfMessagesPerSecond: 1 });
  clock.advance(1000);
  await call("DeleteQueue", { QueueUrl: orders });
  clock.advance(2000);
  const deleted = await last();
  assert.deepEqual([deleted?.Status, deleted?.FailureReason], ["FAILED", "AWS.SimpleQueueService.NonExistentQueue"]);
  assert.equal(deleted?.TaskHandle, undefined);
});

onBothProtocols("a list is refused for what is no queue, and beyond ten results", async (scene) => {
  covers("sqs/7.4-no-arn", "sqs/7.4-list", "sqs/2-resource-not-found");
  const { refusal } = scene;
  await makePair(scene);
  const missing = await refusal("ListMessageMoveTasks", { SourceArn: arnOf("nowhere") });
  assert.deepEqual(missing, {
    code: "ResourceNotFoundException",
    status: 404,
    message: "The resource that you specified for the SourceArn parameter doesn't exist.",
  });
  assert.match(
    (await refusal("ListMessageMoveTasks", { SourceArn: "dead" })).message,
    /^You must use this format to specify the SourceArn/,
  );
  for (const MaxResults of [0, 11])
    assert.equal((await refusal("ListMessageMoveTasks", { SourceArn, MaxResults })).code, "InvalidParameterValue");
});
