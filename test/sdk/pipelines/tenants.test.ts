import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { definePipeline } from "../../../src/worker/index.ts";
import { until } from "../worker/harness.ts";
import { handsOn, PipelineScene } from "./harness.ts";

const Job = z.object({ customer: z.string(), n: z.number() });

/** A queue calls a tenant noisy from thirty messages in flight. */
const SLOTS = 40;

test("a stage with tenants takes a quiet tenant's message before the backlog of a noisy one", { timeout: 60_000 }, async () => {
  await using scene = await PipelineScene.start();
  const begun: string[] = [];
  const held: (() => void)[] = [];
  const pipeline = definePipeline("shared", (p) => {
    const work = p.stage("work", {
      input: Job,
      tenant: ({ customer }) => customer,
      concurrency: SLOTS,
      run: async ({ customer }, ctx) => {
        assert.equal(ctx.system["MessageGroupId"], customer);
        begun.push(customer);
        await new Promise<void>((resolve) => held.push(resolve));
      },
    });
    return { work };
  });
  const shared = await scene.ensured(pipeline);
  for (let n = 0; n < 2 * SLOTS; n += 1) await shared.send("work", { customer: "noisy", n });
  scene.work(shared);
  await until(() => begun.length === SLOTS);
  await shared.send("work", { customer: "quiet", n: 0 });
  held.pop()?.();
  await until(() => begun.length > SLOTS);
  assert.equal(begun[SLOTS], "quiet", "it stands behind forty others and is the next");
  for (const release of held) release();
});

test("what a stage puts out belongs to the tenant that its receiver says, by queue and by topic", { timeout: 60_000 }, async () => {
  await using scene = await PipelineScene.start();
  const groups: string[] = [];
  const pipeline = definePipeline("tenants", (p) => {
    const split = p.stage("split", { input: Job, outputs: { one: Job, both: Job }, run: handsOn });
    const receiver = (name: string) =>
      p.stage(name, {
        input: Job,
        tenant: ({ customer }) => `of-${customer}`,
        run: (_, ctx) => groups.push(`${name} ${ctx.system["MessageGroupId"]}`),
      });
    const [a, b, c] = [receiver("a"), receiver("b"), receiver("c")];
    split.on.one.to(a);
    split.on.both.to(b, c);
    return { split };
  });
  const tenants = await scene.ensured(pipeline);
  await tenants.send("split", { customer: "acme", n: 1 });
  await scene.drain(tenants);
  assert.deepEqual(groups.toSorted(), ["a of-acme", "b of-acme", "c of-acme"]);
});
