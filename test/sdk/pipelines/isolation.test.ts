import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { z } from "zod";
import { definePipeline } from "../../../src/worker/index.ts";
import { until } from "../worker/harness.ts";
import { computes, continues, counts } from "./computing.fixture.ts";
import { PipelineScene } from "./harness.ts";

const Picture = z.object({ picture: z.string(), enough: z.string() });
const Card = z.object({ key: z.string() });
const LEASE_MS = 600_000;
/** What deletes and extensions wait for company, on the worker's clock. */
const COMPANY_MS = 50;
const handler = ({ name }: { name: string }) => new URL(`./computing.fixture.ts#${name}`, import.meta.url);

for (const isolation of ["thread", "process"] as const) {
  describe(`a stage with isolation "${isolation}"`, { timeout: 120_000 }, () => {
    let directory = "";
    before(() => {
      directory = mkdtempSync(join(tmpdir(), "millrace-isolated-"));
    });
    after(() => rmSync(directory, { recursive: true }));

    const cards = (name: string, run: URL) =>
      definePipeline(name, (p) => {
        const draw = p.stage("draw", { input: Picture, outputs: { card: Card }, lease: "10m", run, isolation });
        const post = p.stage("post", { input: Card, run: () => undefined });
        draw.on.card.to(post);
        return { draw };
      });

    test("that computes for four leases keeps its message, and then stores, emits and deletes", async () => {
      await using scene = await PipelineScene.start();
      const { clock } = scene.server;
      const pipeline = (await scene.ensured(cards("isolated", handler(computes)))).with({ clock });
      await scene.s3.send(new PutObjectCommand({ Bucket: "isolated-objects", Key: "a.jpg", Body: "a" }));
      const enough = join(directory, "enough");
      await pipeline.send("draw", { picture: "a.jpg", enough });
      const workers = scene.work(pipeline, { stages: ["draw"] });
      const worker = workers.workers.get("draw") ?? assert.fail();
      await until(() => worker.stats().running[0]?.progress === 0.5);
      for (let thirds = 0; thirds < 12; thirds += 1) {
        const before = await scene.hiddenUntilMs("isolated-draw");
        clock.advance(LEASE_MS / 3);
        await until(async () => {
          clock.advance(COMPANY_MS);
          return (await scene.hiddenUntilMs("isolated-draw")) > before;
        });
      }
      assert.deepEqual(await scene.received("isolated-draw"), [], "nobody else gets it");
      writeFileSync(enough, "");
      await until(async () => {
        clock.advance(COMPANY_MS);
        return (await scene.held("isolated-draw")) === 0;
      });
      const { counts } = worker.stats();
      assert.deepEqual([counts.received, counts.succeeded, counts["lease-lost"]], [1, 1, 0]);
      assert.deepEqual(
        (await scene.received("isolated-post")).map(({ Body }) => Body),
        [`{"key":"cards/a.jpg"}`],
      );
      assert.deepEqual(await scene.keys("isolated-objects", "cards/"), ["cards/a.jpg"]);
    });

    test("has its cursor, its trace and the bucket, and may go on in parts", async () => {
      await using scene = await PipelineScene.start();
      const pipeline = await scene.ensured(cards("parted", handler(continues)));
      const xray = "Root=1-5759e988-bd862e3fe1be46a994272793";
      await scene.sendRaw("parted-draw", `{"picture":"b","enough":""}`, {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: xray } },
      });
      await scene.drain(pipeline, { stages: ["draw"] });
      assert.deepEqual(await scene.keys("parted-objects", "part "), ["part null", `part {"from":"b"}`]);
      assert.deepEqual(
        (await scene.received("parted-post")).map(({ Body }) => Body),
        [`{"key":"nothing there"}`],
      );
    });
  });
}

test("a join runs isolated, and a function does not", { timeout: 120_000 }, async () => {
  await using scene = await PipelineScene.start();
  const pipeline = definePipeline("joined", (p) => {
    const collect = p.join("collect", {
      input: Picture,
      outputs: { card: Card },
      key: () => "all",
      distinct: ({ picture }) => picture,
      expect: () => 2,
      run: handler(counts),
    });
    const post = p.stage("post", { input: Card, run: () => undefined });
    collect.on.card.to(post);
    return { collect };
  });
  const joined = await scene.ensured(pipeline);
  for (const picture of ["b", "a"]) await joined.send("collect", { picture, enough: "" });
  await scene.drain(joined, { stages: ["collect"] });
  assert.deepEqual(
    (await scene.received("joined-post")).map(({ Body }) => Body),
    [`{"key":"a+b"}`],
  );
  assert.throws(
    () => definePipeline("wrong", (p) => ({ a: p.stage("a", { input: Picture, isolation: "thread", run: () => undefined }) })),
    /isolation of stage a needs run to be the URL of a module/,
  );
  const gone = definePipeline("gone", (p) => ({ a: p.stage("a", { input: Picture, run: new URL("./gone.ts", import.meta.url) }) }));
  assert.throws(() => scene.work(gone.with({ aws: scene.server.clientConfig() })), /there is no module file:.*gone\.ts/);
});
