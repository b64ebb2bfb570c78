import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { definePipeline } from "../../../src/worker/index.ts";
import { attributeOf, PipelineScene } from "./harness.ts";

const recordsOf = (messages: readonly Message[], queue: string) =>
  messages.map(({ MessageId = "", ReceiptHandle = "", Body = "", Attributes = {} }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
  }));

const Step = z.object({ group: z.string(), n: z.number() });

test("behind Lambda a stage that keeps order gives back what failed and the rest of its group, and goes on with other groups", async () => {
  await using scene = await PipelineScene.start();
  const seen: string[] = [];
  const pipeline = definePipeline("ordered", (p) => ({
    walk: p.stage("walk", {
      input: Step,
      fifo: { group: ({ group }) => group },
      run: ({ group, n }) => {
        seen.push(`${group}${n}`);
        if (group === "a" && n === 1) throw new Error("not yet");
      },
    }),
  }));
  const ordered = await scene.ensured(pipeline);
  for (const group of ["a", "b"]) for (const n of [0, 1, 2]) await ordered.send("walk", { group, n });
  const messages = await scene.received("ordered-walk.fifo");
  assert.equal(messages.length, 6);
  const handler = pipeline.stages.walk.toLambda({ aws: scene.server.clientConfig(), logger: silentLogger });
  const { batchItemFailures } = await handler({ Records: recordsOf(messages, "ordered-walk.fifo") });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  assert.deepEqual(
    messages.filter(({ MessageId = "" }) => failed.has(MessageId)).map(({ Body = "" }) => Body),
    [`{"group":"a","n":1}`, `{"group":"a","n":2}`],
  );
  assert.deepEqual(new Set(seen), new Set(["a0", "a1", "b0", "b1", "b2"]));
});

test("behind Lambda the rest of a message stays in the lane of its event, and outputs have the same ids in all lanes", async () => {
  await using scene = await PipelineScene.start();
  const pipeline = definePipeline("sorted", (p) => {
    const one = p.stage("one", {
      input: Step,
      outputs: { out: Step },
      lanes: { weights: { urgent: 2 }, of: () => "urgent" },
      run: (step, ctx) => {
        ctx.emit("out", step);
        ctx.checkpoint(1);
      },
    });
    one.on.out.to(p.stage("two", { input: Step, run: () => undefined }));
    return { one };
  });
  const sorted = await scene.ensured(pipeline);
  await sorted.send("one", { group: "a", n: 0 });
  const messages = await scene.received("sorted-one-urgent");
  const handler = pipeline.stages.one.toLambda({ aws: scene.server.clientConfig(), logger: silentLogger });
  for (const queue of ["sorted-one-urgent", "sorted-one"])
    assert.deepEqual(await handler({ Records: recordsOf(messages, queue) }), { batchItemFailures: [] });
  assert.deepEqual([await scene.sent("sorted-one-urgent"), await scene.sent("sorted-one")], [2, 1]);
  const ids = (await scene.received("sorted-two")).map((output) => attributeOf(output, "Millrace.Id"));
  assert.deepEqual([ids.length, new Set(ids).size], [2, 1]);
});
