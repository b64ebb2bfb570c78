import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { arnOf, giveUp, makePair } from "./dead-letters.ts";
import { onBothProtocols } from "./harness.ts";

const SourceArn = arnOf("dead");

onBothProtocols("a task that its rate holds back is cancelled at once; what it has moved stays moved", async (scene) => {
  covers("sqs/7.4-cancel", "sqs/7.4-cancel-ended");
  const { call, clock, refusal, bodies } = scene;
  const { orders, dead } = await makePair(scene);
  await giveUp(scene, orders, "m1", "m2", "m3");
  const { TaskHandle } = await call("StartMessageMoveTask", { SourceArn, MaxNumberOfMessagesPerSecond: 1 });
  clock.advance(1500);
  const { ApproximateNumberOfMessagesMoved: moved = 0, ...rest } = await call("CancelMessageMoveTask", { TaskHandle });
  assert.ok(moved === 1 || moved === 2);
  assert.deepEqual(rest, {});
  const [task] = (await call("ListMessageMoveTasks", { SourceArn })).Results ?? [];
  assert.deepEqual([task?.Status, task?.ApproximateNumberOfMessagesMoved, task?.TaskHandle], ["CANCELLED", moved, undefined]);
  clock.advance(10_000);
  assert.deepEqual(await bodies(orders), ["m1", "m2", "m3"].slice(0, moved));
  assert.deepEqual(await bodies(dead), ["m1", "m2", "m3"].slice(moved));
  assert.deepEqual(await refusal("CancelMessageMoveTask", { TaskHandle }), {
    code: "InvalidParameterValue",
    status: 400,
    message: "Only active tasks can be cancelled.",
  });
  await call("StartMessageMoveTask", { SourceArn });
});

onBothProtocols("a handle that names no task is refused in the words of AWS", async (scene) => {
  covers("sqs/7.4-cancel-bad-handle", "sqs/7.4-cancel-unknown", "sqs/2-resource-not-found");
  const { refusal } = scene;
  await makePair(scene);
  const cancel = (TaskHandle: string | undefined) => refusal("CancelMessageMoveTask", { TaskHandle });
  const handle = (content: object) => Buffer.from(JSON.stringify(content)).toString("base64");
  const invalid = { code: "InvalidParameterValue", status: 400, message: "Value for parameter TaskHandle is invalid." };
  for (const bad of ["garbage", handle({ taskId: "t" }), handle(["t"]), Buffer.from("null").toString("base64")])
    assert.deepEqual(await cancel(bad), invalid);
  const notFound = (message: string) => ({ code: "ResourceNotFoundException", status: 404, message });
  const noSource = notFound("The resource that you specified for the SourceArn parameter doesn't exist.");
  const taskId = "5b6d2e0a-0000-4000-8000-000000000001";
  for (const sourceArn of [arnOf("nowhere"), "arn:aws:sqs:eu-west-1:000000000000:dead", "dead"])
    assert.deepEqual(await cancel(handle({ taskId, sourceArn })), noSource);
  assert.deepEqual(await cancel(handle({ taskId, sourceArn: SourceArn })), notFound("Task does not exist."));
  assert.equal((await cancel(undefined)).code, "MissingParameter");
});
