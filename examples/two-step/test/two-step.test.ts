import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { test } from "node:test";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { startTestServer } from "millrace/testing";
import sharp from "sharp";

const SOURCE = join(import.meta.dirname, "..", "src");
const PHOTOS = ["astronaut", "cat", "coffee", "rocket"];

test("four photos come out of two programs, although one of each is killed in the middle", { timeout: 120_000 }, async () => {
  await using server = await startTestServer();
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const running: ChildProcess[] = [];
  const start = (program: string) => {
    const child = spawn(process.execPath, ["--conditions=millrace-source", join(SOURCE, program)], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.push(child);
    return child;
  };
  const s3 = new S3Client(server.clientConfig());
  const keys = async (Prefix: string) => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "two-step-objects", Prefix }));
    return Contents.map(({ Key = "" }) => Key);
  };
  /** Until there are so many. Now and then the server's leases end, also that of a receive whose answer met nobody. */
  const until = async (count: number, prefix: string) => {
    for (let round = 1; (await keys(prefix)).length < count; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (round % 200 === 0) server.clock.advance(61_000);
    }
  };
  try {
    const [code] = (await once(start("send.ts"), "exit")) as [number];
    assert.equal(code, 0);
    for (const [program, prefix] of [
      ["step-1.ts", "analysis/"],
      ["step-2.ts", "cards/"],
    ] as const) {
      const first = start(program);
      await once(createInterface({ input: first.stdout ?? assert.fail() }), "line");
      await until(1, prefix);
      first.kill("SIGKILL");
      await once(first, "exit");
      // What it held comes back when its lease ends: now.
      server.clock.advance(61_000);
      start(program);
      await until(PHOTOS.length, prefix);
    }
    assert.deepEqual(
      await keys("cards/"),
      PHOTOS.map((photo) => `cards/${photo}.png`),
    );
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "two-step-objects", Key: "cards/cat.png" }));
    const { width, height, format } = await sharp(await (Body ?? assert.fail()).transformToByteArray()).metadata();
    assert.deepEqual([width, format, (height ?? 0) > 300], [480, "png", true]);
  } finally {
    for (const child of running) child.kill("SIGKILL");
    s3.destroy();
  }
});

test("the pipeline is at most sixty lines", () => {
  assert.ok(readFileSync(join(SOURCE, "pipeline.ts"), "utf8").trimEnd().split("\n").length <= 60);
});
