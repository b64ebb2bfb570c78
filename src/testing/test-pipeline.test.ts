import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { definePipeline, Reject } from "../worker/index.ts";
import { testPipeline, type CrashPoint } from "./index.ts";

const Upload = z.object({ photo: z.string() });
const Variant = z.object({ photo: z.string(), size: z.string() });
const Ready = z.object({ photo: z.string(), sizes: z.array(z.string()) });

/** What handlers have done to the world, which a repetition would do once more. */
function photos() {
  const done: string[] = [];
  const pipeline = definePipeline("photos", (p) => {
    const resize = p.stage("resize", {
      input: Upload,
      outputs: { variant: Variant },
      lease: "30s",
      run: ({ photo }, ctx) => {
        if (photo.endsWith(".png")) throw new Reject("not a JPEG");
        for (const size of ["thumb", "full"]) ctx.emit("variant", { photo, size });
      },
    });
    const assemble = p.join("assemble", {
      input: Variant,
      outputs: { ready: Ready },
      lease: "30s",
      key: ({ photo }) => photo,
      distinct: ({ size }) => size,
      expect: () => 2,
      run: (parts, ctx) => ctx.emit("ready", { photo: parts[0].photo, sizes: parts.map(({ size }) => size) }),
    });
    const notify = p.stage("notify", {
      input: Ready,
      lease: "30s",
      idempotency: { key: ({ photo }) => photo },
      run: ({ photo }) => done.push(photo),
    });
    resize.on.variant.to(assemble);
    assemble.on.ready.to(notify);
    return { resize, assemble, notify };
  });
  return { pipeline, done };
}

describe("a pipeline under test", { timeout: 100_000 }, () => {
  test("goes from stage to stage when the test says so; what was emitted and what is dead can be seen", async () => {
    const { pipeline, done } = photos();
    await using env = await testPipeline(pipeline);
    await env.send("resize", { photo: "a.jpg" });
    await env.send("resize", { photo: "b.png" });
    assert.deepEqual(env.emitted("resize.variant"), []);
    await env.drain();
    assert.deepEqual(
      env.emitted("resize.variant").map(({ body }) => body),
      [
        { photo: "a.jpg", size: "thumb" },
        { photo: "a.jpg", size: "full" },
      ],
    );
    assert.deepEqual(done, ["a.jpg"]);
    assert.deepEqual(
      (await env.dead("resize")).map(({ reason }) => reason),
      ["not a JPEG"],
    );
    assert.deepEqual(await env.dead("notify"), []);
    assert.throws(() => env.emitted("resize.variants"), /there is no output "resize.variants"; there are resize.variant, assemble.ready/);
  });

  const crashes: readonly [string, CrashPoint][] = [
    ["resize", "publish"],
    ["assemble", "handler"],
    ["notify", "receive"],
  ];
  test("whichever stage is killed wherever, every result is there and every effect happened once", async () => {
    for (const [stage, after] of crashes) {
      const { pipeline, done } = photos();
      await using env = await testPipeline(pipeline);
      await env.send("resize", { photo: "a.jpg" });
      await env.crash(stage, { after });
      for (let times = 0; times < 4; times += 1) {
        await env.clock.advance("1m");
        await env.drain();
      }
      assert.deepEqual(done, ["a.jpg"], `${stage} killed after its ${after}`);
      assert.equal(new Set(env.emitted("assemble.ready").map(({ id }) => id)).size, 1);
    }
  });

  test("a stage with a schedule is started when the test's clock says so", async () => {
    const nights: string[] = [];
    const nightly = definePipeline("nightly", (p) => {
      const assemble = p.stage("assemble", {
        input: z.object({ night: z.string() }),
        lease: "30s",
        schedule: { cron: "0 3 * * *", timeZone: "Europe/Berlin", message: (at) => ({ night: at.toISOString() }) },
        run: ({ night }) => nights.push(night),
      });
      return { assemble };
    });
    await using env = await testPipeline(nightly);
    await env.drain();
    assert.deepEqual(nights, []);
    await env.clock.advance("2h");
    // Whoever sends it is killed with it in hand; it comes again, and is not sent again.
    await env.crash("assemble", { after: "receive" });
    await env.clock.advance("1m");
    await env.drain();
    await env.clock.advance("24h");
    await env.drain();
    assert.deepEqual(nights, ["2026-01-01T02:00:00.000Z", "2026-01-02T02:00:00.000Z"]);
  });

  test("works on the lanes of a stage, each of which has a slot", async () => {
    const worked: string[] = [];
    const pipeline = definePipeline("lanes", (p) => {
      const split = p.stage("split", {
        input: Upload,
        outputs: { part: Variant },
        run: ({ photo }, ctx) => {
          for (const size of ["thumb", "full", "raw"]) ctx.emit("part", { photo, size });
        },
      });
      const work = p.stage("work", {
        input: Variant,
        lanes: { weights: { urgent: 9, bulk: 0.1 }, of: ({ size }) => (size === "thumb" ? "urgent" : size === "raw" ? "bulk" : undefined) },
        run: ({ photo, size }) => worked.push(`${photo} ${size}`),
      });
      split.on.part.to(work);
      return { split, work };
    });
    await using env = await testPipeline(pipeline);
    for (const photo of ["a", "b"]) await env.send("split", { photo });
    await env.drain();
    const expected = ["a", "b"].flatMap((photo) => ["full", "raw", "thumb"].map((size) => `${photo} ${size}`));
    assert.deepEqual(worked.toSorted(), expected);
    assert.deepEqual(env.emitted("split.part").length, 6);
    await env.clock.advance("5m");
    await env.send("work", { photo: "c", size: "raw" });
    await env.drain();
    assert.deepEqual(worked.slice(6), ["c raw"]);
  });
});
