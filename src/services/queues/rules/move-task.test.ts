import assert from "node:assert/strict";
import { test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { encodeTaskHandle, listedTasks, movedMessageId, moveTaskQueue, readMoveTask, readTaskHandle } from "./move-task.ts";

const REGION = "us-east-1";
const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const queue = (name: string) => ({ account: "000000000000", region: REGION, name });

test("a task names its source, and may name a destination of the same type and a rate", () => {
  covers("sqs/7.4-types-differ", "sqs/7.4-rate");
  const read = (sourceArn: string, destinationArn?: string, perSecond?: number) =>
    readMoveTask({ sourceArn, destinationArn, perSecond }, REGION);
  assert.deepEqual(read(arn("dead")), { source: queue("dead"), destination: undefined, perSecond: undefined });
  assert.deepEqual(read(arn("dead"), arn("jobs"), 500), { source: queue("dead"), destination: queue("jobs"), perSecond: 500 });
  for (const rate of [0, 501, 1.5, NaN])
    assert.throws(() => read(arn("dead"), undefined, rate), { message: /^Value for parameter MaxNumberOfMessagesPerSecond is invalid\./ });
  assert.throws(() => read(arn("dead"), "arn:aws:sqs:us-east-1:111111111111:jobs"), { message: /DestinationArn/ });
  assert.throws(() => read(arn("dead"), arn("dead")), { message: "Source queue arn and destination queue arn cannot be the same." });
});

test("an ARN is one of a queue in the region", () => {
  assert.deepEqual(moveTaskQueue(arn("dead"), "SourceArn", REGION), queue("dead"));
  for (const bad of ["", "dead", "arn:aws:sqs:us-east-1:000000000000", "http://127.0.0.1/000000000000/dead"])
    assert.throws(() => moveTaskQueue(bad, "SourceArn", REGION), { code: "InvalidParameterValueException" }, bad);
  for (const foreign of ["arn:aws:sqs:eu-west-1:000000000000:dead", "arn:aws:s3:::bucket"])
    assert.throws(() => moveTaskQueue(foreign, "DestinationArn", REGION), { code: "ResourceNotFoundException", message: /DestinationArn/ });
});

test("a list shows one task unless up to ten are asked for", () => {
  assert.deepEqual([undefined, 1, 10].map(listedTasks), [1, 1, 10]);
  for (const count of [0, 11, 1.5]) assert.throws(() => listedTasks(count), { code: "InvalidParameterValueException" });
});

test("a handle holds the task and its source", () => {
  covers("sqs/7.4-handle");
  const handle = encodeTaskHandle("t-1", queue("dead"));
  assert.equal(Buffer.from(handle, "base64").toString(), `{"taskId":"t-1","sourceArn":"${arn("dead")}"}`);
  assert.deepEqual(readTaskHandle(handle, REGION), { taskId: "t-1", source: queue("dead") });
  assert.throws(() => readTaskHandle(handle, "eu-west-1"), { code: "ResourceNotFoundException" });
  assert.throws(() => readTaskHandle("", REGION), { message: "Value for parameter TaskHandle is invalid." });
});

test("a moved message's new id is a name-based UUID of the task and the old one", () => {
  const id = movedMessageId("t-1", "m-1");
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(movedMessageId("t-1", "m-1"), id);
  assert.equal(new Set([id, movedMessageId("t-1", "m-2"), movedMessageId("t-2", "m-1")]).size, 3);
});
