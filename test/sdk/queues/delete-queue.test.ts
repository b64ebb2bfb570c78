import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols(
  "a deleted queue is gone with its messages, and its name rests for a minute",
  async ({ call, clock, queue, send, bodies, refusal }) => {
    covers("sqs/3.2-deletes", "sqs/3.2-nonexistent", "sqs/3.2-name-rests", "sqs/3.1-deleted-recently");
    const QueueUrl = await queue();
    await send(QueueUrl, "b");
    assert.deepEqual(await call("DeleteQueue", { QueueUrl }), {});
    assert.equal((await refusal("DeleteQueue", { QueueUrl })).code, "AWS.SimpleQueueService.NonExistentQueue");
    assert.equal((await refusal("GetQueueUrl", { QueueName: "orders" })).code, "AWS.SimpleQueueService.NonExistentQueue");
    assert.deepEqual(await call("ListQueues", {}), {});
    const rests = {
      code: "AWS.SimpleQueueService.QueueDeletedRecently",
      status: 400,
      message: "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
    };
    assert.deepEqual(await refusal("CreateQueue", { QueueName: "orders" }), rests);
    clock.advance(59_999);
    assert.deepEqual(await refusal("CreateQueue", { QueueName: "orders" }), rests);
    clock.advance(1);
    assert.equal(await queue(), QueueUrl);
    assert.deepEqual(await bodies(QueueUrl), []);
  },
);

onBothProtocols(
  "names do not rest where the cool-down is switched off",
  async ({ call, queue }) => {
    covers("sqs/3.2-name-rests");
    const QueueUrl = await queue();
    await call("DeleteQueue", { QueueUrl });
    assert.equal(await queue(), QueueUrl);
  },
  { coolDown: false },
);
