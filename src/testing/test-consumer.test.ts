import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { Reject, RetryLater } from "../worker/index.ts";
import { testConsumer } from "./index.ts";

describe("a handler under test", { timeout: 60_000 }, () => {
  test("nothing happens until the test says so, and then all that can happen now", async () => {
    const seen: unknown[] = [];
    await using env = await testConsumer({
      outputs: ["done"],
      run: (message, ctx) => {
        seen.push(message);
        ctx.emit("done", { was: message });
      },
    });
    await env.send({ photo: "a" });
    await env.send({ photo: "b" });
    assert.deepEqual(seen, []);
    await env.drain();
    assert.equal(seen.length, 2);
    const bodies = env.emitted("done").map(({ body }) => (body as { was: { photo: string } }).was.photo);
    assert.deepEqual(bodies.toSorted(), ["a", "b"]);
    assert.deepEqual(await env.dead(), []);
  });

  test("a retry waits for the clock, which only the test moves", async () => {
    let runs = 0;
    const run = () => {
      runs += 1;
      if (runs === 1) throw new RetryLater("10m");
    };
    await using env = await testConsumer({ run });
    await env.send("x");
    await env.drain();
    await env.clock.advance("9m");
    await env.drain();
    assert.equal(runs, 1);
    await env.clock.advance("1m");
    await env.drain();
    assert.equal(runs, 2);
  });

  test("dead letters are shown with their reason", async () => {
    const input = z.object({ photo: z.string() });
    const run = ({ photo }: { photo: string }) => {
      if (photo !== "a.jpg") throw new Reject("not a JPEG");
    };
    await using env = await testConsumer({ input, run });
    await env.send({ photo: "a.png" });
    await env.send({ photo: 5 });
    await env.send("{", { raw: true });
    await env.drain();
    const dead = await env.dead();
    assert.deepEqual(dead.map(({ cause, reason }) => `${cause}: ${reason}`).toSorted(), [
      "invalid: the body does not fit the input's schema",
      "invalid: the body does not fit the input's schema",
      "rejected: not a JPEG",
    ]);
    assert.deepEqual(
      dead.find(({ body }) => body === '{"photo":5}')?.issues.map(({ path }) => path),
      ["photo"],
    );
  });

  for (const { after, runs, emitted } of [
    { after: "receive", runs: 1, emitted: 1 },
    { after: "handler", runs: 2, emitted: 1 },
    { after: "publish", runs: 2, emitted: 2 },
  ] as const)
    for (const queue of ["jobs", "jobs.fifo"])
      test(`killed after its ${after} → the message of ${queue} comes again when its lease ends, and its output has the same id`, async () => {
        let ran = 0;
        await using env = await testConsumer({
          queue,
          outputs: ["done"],
          lease: "30s",
          run: (_, ctx) => {
            ran += 1;
            ctx.emit("done", 1);
          },
        });
        await env.send({});
        await env.crash({ after });
        await env.drain();
        assert.equal(env.emitted("done").length, after === "publish" ? 1 : 0);
        await env.clock.advance("31s");
        await env.drain();
        assert.deepEqual([ran, env.emitted("done").length], [runs, emitted]);
        assert.equal(new Set(env.emitted("done").map(({ id }) => id)).size, 1);
        await env.clock.advance("1h");
        await env.drain();
        assert.equal(ran, runs, "and then it is deleted");
      });

  test("a crash that cannot happen is told", async () => {
    await using env = await testConsumer({ run: () => {} });
    await assert.rejects(env.crash({ after: "receive" }), /had no message that came as far as its receive/);
  });

  test("a standard queue delivers in an order of chance that the seed repeats; a FIFO queue in its own", async () => {
    const order = async (options: { seed: number; queue?: string }) => {
      const seen: unknown[] = [];
      await using env = await testConsumer({ ...options, run: (message) => seen.push(message) });
      for (let n = 0; n < 8; n += 1) await env.send(n);
      await env.drain();
      return seen;
    };
    const first = await order({ seed: 1 });
    assert.deepEqual(new Set(first), new Set([0, 1, 2, 3, 4, 5, 6, 7]));
    assert.notDeepEqual(first, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(await order({ seed: 1 }), first);
    assert.notDeepEqual(await order({ seed: 2 }), first);
    assert.deepEqual(await order({ seed: 1, queue: "jobs.fifo" }), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("duplicates: a message is delivered again while it is being worked on", async () => {
    let runs = 0;
    await using env = await testConsumer({ outputs: ["done"], run: (_, ctx) => ctx.emit("done", (runs += 1)) });
    env.faults({ duplicate: 0.5 });
    for (let n = 0; n < 6; n += 1) await env.send(n);
    await env.drain();
    assert.ok(runs > 6, String(runs));
    assert.equal(new Set(env.emitted("done").map(({ id }) => id)).size, 6);
  });

  test("connections that are lost before or after a request cost repetitions, and nothing is lost", async () => {
    await using env = await testConsumer({ outputs: ["done"], run: (message, ctx) => ctx.emit("done", message) });
    env.faults({ failEvery: 3 });
    for (let n = 0; n < 8; n += 1) await env.send(n);
    await env.drain();
    await env.clock.advance("30m");
    await env.drain();
    const ids = new Map(env.emitted("done").map(({ id, body }) => [id, body]));
    assert.deepEqual(new Set(ids.values()), new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  });

  test("a handler that waits for the world is waited for", async () => {
    await using env = await testConsumer({
      outputs: ["done"],
      run: async (_, ctx) => {
        await fetch(`${env.server.endpoint}/_millrace/health`);
        ctx.emit("done", 1);
      },
    });
    await env.send({});
    await env.drain();
    assert.equal(env.emitted("done").length, 1);
  });
});
