import assert from "node:assert/strict";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { test } from "node:test";
import { z } from "zod";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/units.ts";
import { definePipeline, type Duration, type PipelineWorkers } from "../../../src/worker/index.ts";
import { until } from "../worker/harness.ts";
import { PipelineScene } from "./harness.ts";

const LIMIT = { timeout: 60_000 };
const RECORD = "millrace/schedules/hourly-count.json";

/** `count` is started every hour, and remembers what it was started for; `made` is how often somebody has sent. */
class Hourly implements AsyncDisposable {
  readonly ran: string[] = [];
  made = 0;
  readonly scene: PipelineScene;
  readonly #running: PipelineWorkers[] = [];
  readonly #catchUp: Duration;

  private constructor(scene: PipelineScene, catchUp: Duration) {
    this.scene = scene;
    this.#catchUp = catchUp;
  }

  static async start(catchUp: Duration = "1h"): Promise<Hourly> {
    const hourly = new Hourly(await PipelineScene.start(), catchUp);
    await hourly.scene.ensured(hourly.#pipeline());
    return hourly;
  }

  #pipeline() {
    return definePipeline("hourly", (p) => {
      const count = p.stage("count", {
        input: z.object({ hour: z.string() }),
        schedule: {
          cron: "0 * * * *",
          catchUp: this.#catchUp,
          message: (at) => {
            this.made += 1;
            return { hour: at.toISOString() };
          },
        },
        run: ({ hour }, ctx) => {
          assert.equal(ctx.scheduledAt?.toISOString(), hour);
          this.ran.push(hour.slice(11, 16));
        },
      });
      return { count };
    });
  }

  /** Workers of a fleet, each as a process of its own would be. */
  work(count: number): void {
    const { server } = this.scene;
    for (let index = 0; index < count; index += 1) {
      const here = this.#pipeline().with({ aws: server.clientConfig(), logger: silentLogger, clock: server.clock });
      this.#running.push(this.scene.work(here));
    }
  }

  async stop(): Promise<void> {
    for (const workers of this.#running.splice(0)) {
      void workers.stop({ grace: 0 });
      await this.until(() => [...workers.workers.values()].every((worker) => worker.stats().stage === "stopped"));
    }
  }

  /** As if a worker had left it so. Hours of the first of January. */
  async record(record: { doneHour: number; sending?: { dueMs: number; untilMs: number } }): Promise<void> {
    const Body = JSON.stringify({ doneMs: this.at(record.doneHour), sending: record.sending, run: "another" });
    await this.scene.s3.send(new PutObjectCommand({ Bucket: "hourly-objects", Key: RECORD, Body }));
  }

  at(hour: number): number {
    return Date.UTC(2026, 0, 1) + hour * HOUR_MS;
  }

  /** Deletes and the like wait a moment for each other, on the clock of the test. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    await until(async () => {
      this.scene.server.clock.advance(50);
      return await holds();
    });
  }

  /** All is sent, run and deleted. */
  async settled(ran: readonly string[]): Promise<void> {
    await this.until(async () => this.ran.length >= ran.length && (await this.scene.held("hourly-count")) === 0);
    // Whoever would run it once more has had the time to.
    for (let round = 0; round < 20; round += 1) await this.until(() => true);
    assert.deepEqual(this.ran, ran);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
  }
}

test("a schedule starts its stage once an hour, however many workers there are", LIMIT, async () => {
  await using hourly = await Hourly.start();
  hourly.work(3);
  await hourly.until(async () => (await hourly.scene.keys("hourly-objects", RECORD)).length === 1);
  assert.deepEqual(hourly.ran, [], "what was due before it began is not sent");
  for (const ran of [["01:00"], ["01:00", "02:00"]]) {
    hourly.scene.server.clock.advance(HOUR_MS);
    await hourly.settled(ran);
  }
  assert.equal(hourly.made, 2, "one of the workers sends, the others see it");
});

test("after a time without workers the last that was due is sent, and once", LIMIT, async () => {
  await using hourly = await Hourly.start();
  await hourly.record({ doneHour: 1 });
  hourly.scene.server.clock.advance(5 * HOUR_MS + 30 * MINUTE_MS);
  hourly.work(2);
  await hourly.settled(["05:00"]);
  await hourly.stop();
  hourly.work(2);
  hourly.scene.server.clock.advance(30 * MINUTE_MS);
  await hourly.settled(["05:00", "06:00"]);
});

test("what is older than catchUp is left out", LIMIT, async () => {
  await using hourly = await Hourly.start("10m");
  await hourly.record({ doneHour: 1 });
  hourly.scene.server.clock.advance(5 * HOUR_MS + 30 * MINUTE_MS);
  hourly.work(1);
  await hourly.until(() => true);
  hourly.scene.server.clock.advance(30 * MINUTE_MS);
  await hourly.settled(["06:00"]);
});

test("what a worker died over is sent by another, half a minute later", LIMIT, async () => {
  await using hourly = await Hourly.start();
  await hourly.record({ doneHour: 1, sending: { dueMs: hourly.at(2), untilMs: hourly.at(2) + 30 * SECOND_MS } });
  hourly.scene.server.clock.advance(2 * HOUR_MS + SECOND_MS);
  hourly.work(2);
  await hourly.settled(["02:00"]);
  assert.ok(hourly.scene.server.clock.nowMs() >= hourly.at(2) + 30 * SECOND_MS);
  assert.equal(hourly.made, 1);
});

test("one that was sent twice is run once", LIMIT, async () => {
  await using hourly = await Hourly.start();
  const due = { DataType: "Number", StringValue: String(hourly.at(1)) };
  for (let copy = 0; copy < 2; copy += 1)
    await hourly.scene.sendRaw("hourly-count", JSON.stringify({ hour: new Date(hourly.at(1)).toISOString() }), {
      MessageAttributes: { "Millrace.Due": due },
    });
  hourly.work(1);
  await hourly.settled(["01:00"]);
});

test("a schedule that cannot be read is refused when the pipeline is defined", () => {
  const input = z.object({});
  const define = (schedule: { cron: string; timeZone?: string; catchUp?: Duration }) => () =>
    definePipeline("wrong", (p) => ({ a: p.stage("a", { input, schedule: { ...schedule, message: () => ({}) }, run: () => undefined }) }));
  assert.throws(define({ cron: "0 25 * * *" }), /schedule of stage a, "0 25 \* \* \*" in UTC: /);
  assert.throws(define({ cron: "0 3 * * *", timeZone: "Mars/Olympus" }), /schedule of stage a, "0 3 \* \* \*" in Mars\/Olympus: /);
  assert.throws(define({ cron: "0 3 * * *", catchUp: "25h" }), /schedule\.catchUp of stage a must be at most 24 h/);
  assert.deepEqual(define({ cron: "0 3 * * *", timeZone: "Europe/Berlin" })().graph().stages[0]?.schedule, {
    cron: "0 3 * * *",
    timeZone: "Europe/Berlin",
  });
});
