import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { manualClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { systemRandom } from "../../../src/kernel/random.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/units.ts";
import { awsObjects } from "../../../src/worker/aws-objects.ts";
import { definePipeline } from "../../../src/worker/index.ts";
import { until } from "../worker/harness.ts";
import { PipelineScene } from "./harness.ts";

const Page = z.object({ book: z.string(), page: z.number(), of: z.number() });
const LIMIT = { timeout: 200_000 };

/** `scan` → `bind`, a join; both keep records. */
const books = definePipeline("books", (p) => {
  const scan = p.stage("scan", {
    input: Page,
    outputs: { page: Page },
    idempotency: { key: (m) => `${m.book}/${m.page}` },
    run: (m, ctx) => ctx.emit("page", m),
  });
  const bind = p.join("bind", {
    input: Page,
    key: (m) => m.book,
    distinct: (m) => String(m.page),
    expect: (m) => m.of,
    run: () => undefined,
  });
  scan.on.page.to(bind);
  return { scan, bind };
});

/** A process that works on the pipeline, and is stopped when it has come to the end of the records. */
async function turn(scene: PipelineScene, pipeline: Pick<typeof books, "with">, isSweeping: boolean = true): Promise<void> {
  const clock = manualClock(scene.server.clock.nowMs());
  const workers = scene.work(pipeline.with({ aws: scene.server.clientConfig(), logger: silentLogger, clock }), { sweep: isSweeping });
  const before = await restUntilMs(scene);
  const isOver = async () => {
    // More than a day at a time: whoever had the last turn rests for so long.
    clock.advance(25 * HOUR_MS);
    return (await restUntilMs(scene)) !== before;
  };
  if (isSweeping) await until(isOver);
  else for (let round = 0; round < 5; round += 1) assert.equal(await isOver(), false);
  await workers.stop({ grace: 0 });
}

/** Is written anew whenever a round is over. */
async function restUntilMs(scene: PipelineScene): Promise<number> {
  const found = await awsObjects(scene.s3, "books-objects", { clock: scene.server.clock, random: systemRandom }).read(
    "millrace/sweeps/books.json",
  );
  return found === undefined ? 0 : (JSON.parse(found.text) as { restUntilMs: number }).restUntilMs;
}

async function kept(scene: PipelineScene) {
  const count = async (prefix: string) => (await scene.keys("books-objects", `millrace/${prefix}/`)).length;
  return { scan: await count("claims/books-scan"), bind: await count("claims/books-bind"), parts: await count("joins") };
}

/** Queues of the pipeline keep messages for a minute, but for one. */
async function keepForMinutes(scene: PipelineScene, queue: string, minutes: number): Promise<void> {
  for (const name of ["books-scan", "books-scan-dlq", "books-bind", "books-bind-dlq"]) {
    const Attributes = { MessageRetentionPeriod: String(60 * (name === queue ? minutes : 1)) };
    await scene.sqs.send(new SetQueueAttributesCommand({ QueueUrl: await scene.url(name), Attributes }));
  }
}

test(
  "a record is removed when no message can ask for it any more, with parts that its join has left; an incomplete join stays",
  LIMIT,
  async () => {
    await using scene = await PipelineScene.start();
    const { clock } = scene.server;
    const pipeline = await scene.ensured(books);
    await keepForMinutes(scene, "books-bind", 2);
    for (const page of [1, 2]) await pipeline.send("scan", { book: "a", page, of: 2 });
    await pipeline.send("scan", { book: "incomplete", page: 1, of: 2 });
    await scene.drain(pipeline);
    const [record = ""] = await scene.keys("books-objects", "millrace/claims/books-bind/");
    const Key = record.replace("claims", "joins").replace(".json", "/left.json");
    await scene.s3.send(new PutObjectCommand({ Bucket: "books-objects", Key, Body: "{}" }));
    assert.deepEqual(await kept(scene), { scan: 3, bind: 1, parts: 2 });

    // Two minutes in a queue and one among the dead letters: twice that for the first stage, three times for the next.
    clock.advance(6 * MINUTE_MS - 5 * SECOND_MS);
    await turn(scene, pipeline);
    assert.deepEqual(await kept(scene), { scan: 3, bind: 1, parts: 2 });
    clock.advance(10 * SECOND_MS);
    await turn(scene, pipeline, false);
    assert.deepEqual(await kept(scene), { scan: 3, bind: 1, parts: 2 }, "who was told not to, removes nothing");
    await turn(scene, pipeline);
    assert.deepEqual(await kept(scene), { scan: 0, bind: 1, parts: 2 });
    clock.advance(3 * MINUTE_MS);
    const late = Key.replace("left", "late");
    await scene.s3.send(new PutObjectCommand({ Bucket: "books-objects", Key: late, Body: "{}" }));
    await turn(scene, pipeline);
    assert.deepEqual(await kept(scene), { scan: 0, bind: 0, parts: 2 });
    assert.ok((await scene.keys("books-objects", late)).length === 1, "a part that has just come is of messages to come");
  },
);

test("what was written after it was listed stays", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const s3 = new S3Client(scene.server.clientConfig());
  const objects = awsObjects(s3, "shelf", { clock: scene.server.clock, random: systemRandom });
  await s3.send(new CreateBucketCommand({ Bucket: "shelf" }));
  for (const key of ["a", "b", "c"]) await objects.write(`x/${key}`, key);
  const { objects: listed, isLast } = await objects.page("x/", "x/a");
  assert.deepEqual([listed.map(({ key }) => key), isLast], [["x/b", "x/c"], true]);
  await objects.write("x/b", "again");
  assert.equal(await objects.removeVersions(listed), 1);
  assert.deepEqual(await objects.list("x/"), ["x/a", "x/b"]);
  s3.destroy();
});
