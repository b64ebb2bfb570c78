import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { z } from "zod";
import { manualClock, systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { definePipeline } from "../../../src/worker/index.ts";
import { PlainConnections } from "../../../src/worker/plain-connections.ts";
import { GuardedServer, OWNER } from "../queues/callers.ts";
import { until } from "../worker/harness.ts";

const Work = z.object({ n: z.number() });

test(
  "what is asked for every message goes past the SDK's middleware, rightly signed, with nothing lost on its way",
  { timeout: 60_000 },
  async (t) => {
    // Signatures are made by the time of day.
    await using server = await GuardedServer.start(manualClock(systemClock().nowMs()));
    const got: unknown[] = [];
    const bytes = new Uint8Array([0, 200, 255]);
    const pipeline = definePipeline("plain", (p) => {
      const idempotency = { key: (m: { n: number }) => String(m.n) };
      const one = p.stage("one", {
        input: Work,
        outputs: { done: Work },
        idempotency,
        run: (m, ctx) => ctx.emit("done", m, { attributes: { bytes: { type: "Binary", value: bytes } } }),
      });
      const two = p.stage("two", {
        input: Work,
        idempotency,
        run: (m, ctx) => got.push([m.n, Array.from(ctx.attributes["bytes"]?.value as Uint8Array)]),
      });
      one.on.done.to(two);
      return { one };
    });
    await using works = pipeline.with({
      aws: { endpoint: server.endpoint, region: "us-east-1", credentials: OWNER },
      logger: silentLogger,
    });
    await works.ensure();
    const seen = { sdk: 0 };
    const count = () => (seen.sdk += 1);
    subscribe("http.client.request.start", count);
    const plain = t.mock.method(PlainConnections.prototype, "exchange");
    const workers = works.work({ signals: false, concurrency: 2 });
    for (let n = 0; n < 20; n += 1) await works.send("one", { n });
    await until(() => workers.workers.get("two")?.stats().counts.succeeded === 20);
    await workers.stop({ grace: 0 });
    unsubscribe("http.client.request.start", count);
    const expected = Array.from({ length: 20 }, (_, n) => [n, [0, 200, 255]]);
    assert.deepEqual(
      (got as [number, number[]][]).toSorted(([a], [b]) => a - b),
      expected,
    );
    // Twenty sends of the test's own, names of queues, and the first of each kind.
    const statuses = await Promise.all(plain.mock.calls.map(async ({ result }) => (await result?.catch(() => undefined))?.status));
    assert.ok(statuses.filter((status) => status === 200).length > 80, JSON.stringify({ ...seen, statuses }));
    assert.ok(seen.sdk < 50, JSON.stringify(seen));
  },
);
