import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";
import { covers } from "../../contract/covers.ts";

onBothProtocols("GetQueueUrl finds a queue by its name, in its case", async ({ call, queue, refusal }) => {
  covers("sqs/3.3-found", "sqs/3.3-other-owner", "sqs/3.1-name");
  const QueueUrl = await queue();
  assert.deepEqual(await call("GetQueueUrl", { QueueName: "orders" }), { QueueUrl });
  assert.deepEqual(await call("GetQueueUrl", { QueueName: "orders", QueueOwnerAWSAccountId: "000000000000" }), { QueueUrl });
  const code = "AWS.SimpleQueueService.NonExistentQueue";
  for (const QueueName of ["Orders", "nowhere", "a b", ""]) assert.equal((await refusal("GetQueueUrl", { QueueName })).code, code);
  assert.equal((await refusal("GetQueueUrl", { QueueName: "orders", QueueOwnerAWSAccountId: "111111111111" })).code, code);
});
