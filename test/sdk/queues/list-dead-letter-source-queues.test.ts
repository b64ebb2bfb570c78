import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import { redrivePolicy } from "./dead-letters.ts";
import { onBothProtocols } from "./harness.ts";

onBothProtocols("the queues that give messages up to a queue are listed by name, in pages where it is asked to", async (scene) => {
  covers("sqs/3.5-lists-sources", "sqs/3.5-none", "sqs/1.1-source-queues-lower-case");
  const { call, endpoint, queue, refusal } = scene;
  const QueueUrl = await queue({}, "dead");
  assert.deepEqual(await call("ListDeadLetterSourceQueues", { QueueUrl }), {});
  for (const name of ["b", "a", "d", "c"]) await queue(redrivePolicy("dead"), name);
  const url = (name: string) => `${endpoint}/000000000000/${name}`;
  assert.deepEqual(await call("ListDeadLetterSourceQueues", { QueueUrl }), { queueUrls: ["a", "b", "c", "d"].map(url) });

  const first = await call("ListDeadLetterSourceQueues", { QueueUrl, MaxResults: 3 });
  assert.deepEqual(first.queueUrls, ["a", "b", "c"].map(url));
  const { NextToken } = first;
  assert.deepEqual(await call("ListDeadLetterSourceQueues", { QueueUrl, MaxResults: 3, NextToken }), { queueUrls: [url("d")] });
  assert.equal((await call("ListDeadLetterSourceQueues", { QueueUrl, MaxResults: 4 })).NextToken, undefined, "nothing is left");

  for (const changed of [
    { QueueUrl: url("a"), MaxResults: 3 },
    { QueueUrl, MaxResults: 2 },
  ])
    assert.match(
      (await refusal("ListDeadLetterSourceQueues", { ...changed, NextToken })).message,
      /must not change the other request parameters/,
    );
  assert.equal((await refusal("ListDeadLetterSourceQueues", { QueueUrl, NextToken: "x" })).message, "Invalid or expired next token.");
  for (const MaxResults of [0, 1001])
    assert.equal((await refusal("ListDeadLetterSourceQueues", { QueueUrl, MaxResults })).code, "InvalidParameterValue");
  const nowhere = await refusal("ListDeadLetterSourceQueues", { QueueUrl: url("nowhere"), MaxResults: 0 });
  assert.equal(nowhere.code, "AWS.SimpleQueueService.NonExistentQueue", "the queue is looked for first");

  await call("SetQueueAttributes", { QueueUrl: url("a"), Attributes: { RedrivePolicy: "" } });
  await call("DeleteQueue", { QueueUrl: url("b") });
  assert.deepEqual(await call("ListDeadLetterSourceQueues", { QueueUrl }), { queueUrls: ["c", "d"].map(url) });
});
