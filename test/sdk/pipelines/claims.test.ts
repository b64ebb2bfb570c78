import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { Cancelled, definePipeline, Reject, type Pipeline, type StageContext } from "../../../src/worker/index.ts";
import { told, until } from "../worker/harness.ts";
import { attributeOf, PipelineScene } from "./harness.ts";

const Order = z.object({ order: z.string() });
const Paid = z.object({ order: z.string(), run: z.number() });
const LIMIT = { timeout: 60_000 };

interface Given {
  readonly run?: (m: z.infer<typeof Order>, ctx: StageContext<{ paid: z.infer<typeof Paid> }>, run: number) => unknown;
}

/** `pay` emits which of its runs made the result. */
function paying({ run }: Given = {}) {
  let runs = 0;
  const pipeline = definePipeline("shop", (p) => {
    const pay = p.stage("pay", {
      input: Order,
      outputs: { paid: Paid },
      backoff: { baseMs: 1, capMs: 1 },
      idempotency: { key: (m) => m.order },
      run: async (m, ctx) => {
        runs += 1;
        const own = runs;
        await run?.(m, ctx, own);
        ctx.emit("paid", { order: m.order, run: own });
      },
    });
    const ship = p.stage("ship", { input: Paid, run: () => undefined });
    pay.on.paid.to(ship);
    return { pay };
  });
  return { pipeline, runs: () => runs };
}

/** What each message in the queue for shipping says: which run made it, and its id. */
async function results(scene: PipelineScene): Promise<{ run: number; id: string }[]> {
  const messages = await scene.received("shop-ship");
  return messages.map((message) => ({ run: JSON.parse(message.Body ?? "").run, id: attributeOf(message, "Millrace.Id") ?? "" }));
}

const PAY = { stages: ["pay"] };

test("messages with the same key have one result: the second runs nothing and sends nothing", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const { pipeline, runs } = paying();
  const shop = await scene.ensured(pipeline);
  await shop.send("pay", { order: "1" });
  await scene.drain(shop, PAY);
  await shop.send("pay", { order: "1" });
  await shop.send("pay", { order: "2" });
  await scene.drain(shop, PAY);
  assert.equal(runs(), 2);
  assert.equal((await results(scene)).length, 2);
});

test("a copy that comes while the first is at work is let go", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const gate = Promise.withResolvers<void>();
  const { pipeline, runs } = paying({ run: async () => await gate.promise });
  const shop = await scene.ensured(pipeline);
  await shop.send("pay", { order: "1" });
  const workers = scene.work(shop, PAY);
  await until(() => runs() === 1);
  await shop.send("pay", { order: "1" });
  await until(() => (workers.workers.get("pay")?.stats().counts["succeeded"] ?? 0) === 1);
  gate.resolve();
  await until(async () => (await scene.held("shop-pay")) === 0);
  assert.equal(runs(), 1);
  assert.equal((await results(scene)).length, 1);
});

test("a failed attempt leaves the key open: the next receive runs again", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const { pipeline, runs } = paying({
    run: (_, __, run) => {
      if (run === 1) throw new Error("not yet");
    },
  });
  const shop = await scene.ensured(pipeline);
  await shop.send("pay", { order: "1" });
  await scene.drain(shop, { ...PAY, advanceMs: 10 });
  assert.equal(runs(), 2);
  assert.deepEqual(
    (await results(scene)).map(({ run }) => run),
    [2],
  );
});

test("status tells an attempt that is made again from the last one, and the dead letter that was moved back from both", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const { pipeline } = paying({
    run: (_, __, run) => {
      if (run < 3) throw run === 1 ? new Error("not yet") : new Reject("never");
    },
  });
  const shop = await scene.ensured(pipeline);
  const worker = scene.work(shop, PAY).workers.get("pay") ?? assert.fail();
  const state = async () => (await shop.status("pay", "1"))?.state;
  const retried = told(worker, "retried");
  await shop.send("pay", { order: "1" });
  await retried;
  assert.equal(await state(), "open");
  const dead = told(worker, "dead");
  scene.server.clock.advance(1000);
  await dead;
  assert.equal(await state(), "dead");
  const [letter = assert.fail()] = await scene.received("shop-pay-dlq");
  const succeeded = told(worker, "succeeded");
  await scene.sendRaw("shop-pay", letter.Body ?? "", { MessageAttributes: letter.MessageAttributes });
  await succeeded;
  assert.equal(await state(), "done");
});

test("status says that nobody works on a key whose worker has died", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const shop = await scene.ensured(paying().pipeline);
  await shop.send("pay", { order: "1" });
  await scene.drain(shop, PAY);
  const running = { state: "running", messageId: "m", run: "r", progress: { fraction: 0.5, text: "half" } };
  await rewrite(scene, { ...running, untilMs: Date.now() + 60_000 });
  assert.deepEqual(await shop.status("pay", "1"), { state: "running", progress: 0.5, progressText: "half" });
  await rewrite(scene, { ...running, untilMs: Date.now() - 1 });
  assert.deepEqual(await shop.status("pay", "1"), { state: "open", progress: undefined, progressText: undefined });
});

test("a result that was committed and not published is published by who comes next, as it was committed", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const { pipeline, runs } = paying();
  const shop = await scene.ensured(pipeline);
  await shop.send("pay", { order: "1" });
  // The worker commits and then finds that it may not publish: as if it had died in between.
  const workers = scene.work(shop, PAY);
  await workers.workers.get("pay")?.idle();
  await workers.stop({ grace: 0 });
  assert.equal((await shop.status("pay", "1"))?.state, "done");
  const [first = assert.fail()] = await results(scene);
  await unpublish(scene, { run: first.run, id: first.id });
  await shop.send("pay", { order: "1" });
  await scene.drain(shop, PAY);
  assert.equal(runs(), 1);
  assert.deepEqual(await results(scene), [first], "the same output with the same id");
});

/** Puts the record back to what it was before the outputs were published. */
async function unpublish(scene: PipelineScene, output: { run: number; id: string }): Promise<void> {
  const body = JSON.stringify({ order: "1", run: output.run });
  const outputs = [{ name: "paid", body, attributes: { "Millrace.Id": { type: "String", text: output.id } } }];
  await rewrite(scene, { state: "done", messageId: "m", run: "r", untilMs: 0, isPublished: false, outputs });
}

/** Puts another record in the place of the only one. */
async function rewrite(scene: PipelineScene, record: unknown): Promise<void> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const [Key = assert.fail()] = await scene.keys("shop-objects", "millrace/claims/");
  await scene.s3.send(new PutObjectCommand({ Bucket: "shop-objects", Key, Body: JSON.stringify(record) }));
}

test("a worker that was overtaken commits nothing: the result is the newer run's", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const gate = Promise.withResolvers<void>();
  const { pipeline, runs } = paying({
    run: async (_, __, run) => {
      if (run === 1) await gate.promise;
    },
  });
  const shop = await scene.ensured(pipeline);
  await shop.send("pay", { order: "1" });
  const zombie = scene.work(shop, PAY);
  await until(() => runs() === 1);
  // The server takes the message back while the first worker believes to hold it.
  scene.server.clock.advance(61_000);
  const other = scene.work(shop, PAY);
  await until(
    () =>
      (other.workers.get("pay")?.stats().counts["succeeded"] ?? 0) + (zombie.workers.get("pay")?.stats().counts["succeeded"] ?? 0) === 1,
  );
  gate.resolve();
  await until(
    () => (zombie.workers.get("pay")?.stats().counts["lease-lost"] ?? 0) + (zombie.workers.get("pay")?.stats().counts["retried"] ?? 0) > 0,
  );
  assert.equal(runs(), 2);
  assert.deepEqual(
    (await results(scene)).map(({ run }) => run),
    [2],
  );
});

test("a cancelled key: what waits becomes a dead letter, what is done stays done", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const { pipeline, runs } = paying();
  const shop: Pipeline<"shop", (typeof pipeline)["stages"]> = await scene.ensured(pipeline);
  assert.equal(await shop.status("pay", "1"), undefined);
  assert.equal(await shop.cancel("pay", "1", "the customer has changed her mind"), true);
  await shop.send("pay", { order: "1" });
  await shop.send("pay", { order: "2" });
  await scene.drain(shop, PAY);
  assert.equal(runs(), 1);
  const [letter = assert.fail()] = await scene.received("shop-pay-dlq");
  assert.match(attributeOf(letter, "Millrace.DeadLetter") ?? "", /cancelled: the customer has changed her mind/);
  assert.equal(await shop.cancel("pay", "2"), false);
});

test("a message that runs is cancelled by its worker: its signal is aborted, and it is a dead letter", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const reasons: unknown[] = [];
  const { pipeline } = paying({
    run: async (_, ctx) => {
      ctx.progress(0.5, "half");
      await new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => resolve()));
      reasons.push(ctx.signal.reason);
      ctx.signal.throwIfAborted();
    },
  });
  const shop = await scene.ensured(pipeline);
  await shop.send("pay", { order: "1" });
  const worker = scene.work(shop, PAY).workers.get("pay");
  await until(() => worker?.stats().running.length === 1 && worker.stats().running[0]?.progress === 0.5);
  assert.equal(worker?.cancel(worker.stats().running[0]?.id ?? "", "no longer wanted"), true);
  await until(async () => (await scene.held("shop-pay-dlq")) === 1);
  assert.ok(reasons[0] instanceof Cancelled);
});
