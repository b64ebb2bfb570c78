import assert from "node:assert/strict";
import { onBothProtocols } from "./harness.ts";

onBothProtocols("what is not offered yet is refused by name", async ({ call, queue, refusal }) => {
  const QueueUrl = await queue();
  const arn = "arn:aws:sqs:us-east-1:000000000000:orders";
  const code = "AWS.SimpleQueueService.UnsupportedOperation";
  for (const name of ["RedrivePolicy", "RedriveAllowPolicy"]) {
    const { code: refused, message } = await refusal("SetQueueAttributes", { QueueUrl, Attributes: { [name]: "{}" } });
    assert.equal(refused, code);
    assert.match(message, new RegExp(`${name} is not supported`));
    await call("SetQueueAttributes", { QueueUrl, Attributes: { [name]: "" } });
  }
  const refusals = [
    await refusal("ListDeadLetterSourceQueues", { QueueUrl }),
    await refusal("StartMessageMoveTask", { SourceArn: arn }),
    await refusal("CancelMessageMoveTask", { TaskHandle: "t" }),
    await refusal("ListMessageMoveTasks", { SourceArn: arn }),
  ];
  for (const refused of refusals) {
    assert.equal(refused.code, code);
    assert.match(refused.message, /is not supported by this release of Millrace: it has no [a-z -]+ yet/);
  }
});
