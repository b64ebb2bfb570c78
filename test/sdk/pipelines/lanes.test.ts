import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { definePipeline, Reject } from "../../../src/worker/index.ts";
import { until } from "../worker/harness.ts";
import { attributeOf, handsOn, PipelineScene } from "./harness.ts";

const Job = z.object({ customer: z.string(), n: z.number() });
type Job = z.infer<typeof Job>;
const LIMIT = { timeout: 60_000 };

const lanes = {
  weights: { urgent: 9, bulk: 0.1 },
  of: ({ customer }: Job) => (customer === "paying" ? "urgent" : customer === "archive" ? "bulk" : undefined),
};

test("what comes to an urgent lane is the next to begin, whatever waits in the others", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const { clock } = scene.server;
  const begun: string[] = [];
  let held: (() => void)[] | undefined = [];
  const pipeline = definePipeline("ways", (p) => ({
    work: p.stage("work", {
      input: Job,
      lanes,
      concurrency: 3,
      run: async ({ customer }) => {
        begun.push(customer);
        await new Promise<void>((resolve) => (held === undefined ? resolve() : held.push(resolve)));
      },
    }),
  }));
  const ways = (await scene.ensured(pipeline)).with({ clock });
  for (let n = 0; n < 20; n += 1) await ways.send("work", { customer: "any", n });
  scene.work(ways);
  await until(() => begun.length === 3);
  assert.deepEqual(begun, ["any", "any", "any"], "where the others are empty, one has all slots");
  await ways.send("work", { customer: "archive", n: 0 });
  await ways.send("work", { customer: "paying", n: 0 });
  clock.advance(1000);
  held.shift()?.();
  await until(() => begun.length === 4);
  held.shift()?.();
  await until(() => begun.length === 5);
  assert.deepEqual(begun.slice(3), ["paying", "archive"], "each is looked at before the backlog goes on, the first lane first");
  const waiting = held;
  held = undefined;
  for (const release of waiting) release();
  await until(async () => {
    clock.advance(50);
    return (await scene.held("ways-work")) === 0;
  });
});

test("messages go to the lane that their stage says, straight and through a topic, and stay in it", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const pipeline = definePipeline("sorted", (p) => {
    const split = p.stage("split", {
      input: Job,
      outputs: { one: Job, both: Job },
      run: (m, ctx) => {
        handsOn(m, ctx);
        if (m.n === 7) ctx.emit("one", m, { lane: "bulk", key: "again" });
      },
    });
    const one = p.stage("one", { input: Job, lanes, run: (_, ctx) => (ctx.cursor === undefined ? ctx.checkpoint(1) : undefined) });
    const two = p.stage("two", { input: Job, lanes, run: () => undefined });
    const three = p.stage("three", { input: Job, run: () => undefined });
    split.on.one.to(one);
    split.on.both.filter({ n: [{ numeric: [">=", 0] }] }).to(two);
    split.on.both.to(three);
    return { split, one };
  });
  const sorted = await scene.ensured(pipeline);
  for (const customer of ["any", "paying", "archive"]) await sorted.send("split", { customer, n: customer === "any" ? 7 : 1 });
  await scene.drain(sorted, { stages: ["split"] });
  await sorted.send("one", { customer: "paying", n: 2 });
  await sorted.send("one", { customer: "any", n: 3 }, { lane: "bulk" });
  const bodies = async (queue: string) =>
    (await scene.received(queue))
      .map(({ Body = "" }) => JSON.parse(Body) as Job)
      .map(({ customer, n }) => `${customer} ${n}`)
      .toSorted();
  const found: Record<string, string[]> = {};
  for (const queue of ["two", "two-urgent", "two-bulk", "three"]) found[queue] = await bodies(`sorted-${queue}`);
  assert.deepEqual(found, {
    two: ["any 7"],
    "two-urgent": ["paying 1"],
    "two-bulk": ["archive 1"],
    three: ["any 7", "archive 1", "paying 1"],
  });
  const sent = async () => await Promise.all(["one", "one-urgent", "one-bulk"].map(async (queue) => await scene.sent(`sorted-${queue}`)));
  assert.deepEqual(await sent(), [1, 2, 3]);
  // Each is worked on twice, the second time as the rest that it has left for its own queue.
  // On this clock the server's receives wait for messages, and their slots with them.
  const { workers } = await scene.drain(sorted, { stages: ["one"], advanceMs: 100 });
  assert.equal(workers.get("one")?.stats().counts.succeeded, 12);
  assert.deepEqual(await sent(), [2, 4, 6]);
  await assert.rejects(
    sorted.send("one", { customer: "any", n: 1 }, { lane: "slow" }),
    /stage one has no lane "slow"; it has urgent, bulk/,
  );
  await assert.rejects(sorted.send("split", { customer: "any", n: 1 }, { lane: "slow" }), /stage split has no lane "slow"; it has none/);
});

test("a key has one result by whichever lanes its messages come, and dead letters of all lanes lie together", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  let runs = 0;
  const pipeline = definePipeline("shop", (p) => ({
    pay: p.stage("pay", {
      input: Job,
      lanes,
      idempotency: { key: ({ n }) => String(n) },
      run: ({ n }) => {
        runs += 1;
        if (n < 0) throw new Reject("less than nothing");
      },
    }),
  }));
  const shop = await scene.ensured(pipeline);
  for (const customer of ["any", "paying", "archive"]) await shop.send("pay", { customer, n: 1 });
  await shop.send("pay", { customer: "paying", n: -1 });
  const { workers } = await scene.drain(shop, { advanceMs: 100 });
  assert.equal(workers.get("pay")?.stats().counts.succeeded, 3);
  assert.equal(runs, 2);
  const [letter = assert.fail()] = await scene.received("shop-pay-dlq");
  assert.match(attributeOf(letter, "Millrace.DeadLetter") ?? "", /"queue":"shop-pay-urgent"/);
});

test("lanes are planned, made and removed with their stage, and shown", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const pipeline = definePipeline("ways", (p) => ({ work: p.stage("work", { input: Job, lanes, run: () => undefined }) }));
  const ways = await scene.ensured(pipeline);
  const planned = await ways.plan();
  assert.ok(planned.every(({ action }) => action === "keep"));
  const queues = ["ways-work-dlq", "ways-work", "ways-work-urgent", "ways-work-bulk"];
  assert.deepEqual(
    planned.filter(({ kind }) => kind === "queue").map(({ name }) => name),
    queues,
  );
  const { RedrivePolicy = "" } = await scene.attributes("ways-work-bulk");
  assert.match(RedrivePolicy, /ways-work-dlq/);
  assert.deepEqual(pipeline.graph().stages[0]?.lanes, [
    { name: "urgent", queue: "ways-work-urgent", weight: 9 },
    { name: "bulk", queue: "ways-work-bulk", weight: 0.1 },
  ]);
  const removed = await ways.remove({ withObjects: true });
  assert.deepEqual(
    removed.filter(({ kind, action }) => kind === "queue" && action === "remove").map(({ name }) => name),
    queues.toReversed(),
  );
});

test("lanes that cannot be are refused by name", () => {
  const run = () => undefined;
  const define = (build: Parameters<typeof definePipeline>[1]) => () => definePipeline("wrong", build);
  assert.throws(
    define((p) => ({ a: p.stage("a", { input: Job, fifo: { group: ({ customer }) => customer }, lanes, run }) })),
    /stage a keeps order and has no lanes/,
  );
  assert.throws(
    define((p) => ({ a: p.stage("a", { input: Job, lanes: { ...lanes, weights: { urgent: 0 } }, run }) })),
    /the weight of lane urgent of stage a must be from 0.001 to 1000/,
  );
  assert.throws(
    define((p) => ({ a: p.stage("a", { input: Job, lanes: { ...lanes, weights: {} }, run }) })),
    /stage a must have from 1 to 9 lanes/,
  );
  assert.throws(
    define((p) => ({ a: p.stage("a", { input: Job, lanes: { ...lanes, weights: { dlq: 1 } }, run }) })),
    /a lane of stage a would be its queue wrong-a-dlq; give the lane another name/,
  );
  assert.throws(
    define((p) => {
      const a = p.stage("a", { input: Job, outputs: { out: Job }, run });
      const b = p.stage("b", { input: Job, lanes, run });
      const c = p.stage("c", { input: Job, lanes: { ...lanes, weights: { urgent: 1 } }, run });
      a.on.out.to(b, c);
      return { a };
    }),
    /output "out" of stage a goes to stages with different lanes/,
  );
});
