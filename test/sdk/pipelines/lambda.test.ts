import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { definePipeline } from "../../../src/worker/index.ts";
import { PipelineScene } from "./harness.ts";

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
  const Records = messages.map(({ MessageId = "", ReceiptHandle = "", Body = "", Attributes = {} }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
  }));
  const { batchItemFailures } = await handler({ Records });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  assert.deepEqual(
    messages.filter(({ MessageId = "" }) => failed.has(MessageId)).map(({ Body = "" }) => Body),
    [`{"group":"a","n":1}`, `{"group":"a","n":2}`],
  );
  assert.deepEqual(new Set(seen), new Set(["a0", "a1", "b0", "b1", "b2"]));
});
