import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { testPipeline } from "millrace/testing";
import { FORMAT_NAMES } from "../src/formats.ts";
import { throttled } from "./throttled.fixture.ts";

const MEDIA = join(import.meta.dirname, "..", "media");
const LEASE_MS = 3000;

describe("on a clock of the test's own", { timeout: 500_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "transcode-test-"));
  const ffmpeg = throttled(folder);
  before(() => {
    delete process.env["AWS_ENDPOINT_URL"];
    Object.assign(process.env, ffmpeg.env, { TRANSCODE_LEASE: `${LEASE_MS}ms` });
  });
  after(() => rmSync(folder, { recursive: true }));

  test("jobs that take many times their lease run once, and are seen to go on", async () => {
    const { transcode } = await import("../src/pipeline.ts");
    await using env = await testPipeline(transcode);
    const s3 = new S3Client(env.server.clientConfig());
    const { bucket: Bucket } = transcode.graph();
    await s3.send(new PutObjectCommand({ Bucket, Key: "uploads/tabla.mp3", Body: readFileSync(join(MEDIA, "tabla.mp3")) }));
    await env.send("probe", { media: "tabla", key: "uploads/tabla.mp3" });
    const draining = env.drain();
    while (ffmpeg.runs() < FORMAT_NAMES.length) await pause(10);
    const beganMs = env.clock.nowMs();
    while (env.clock.nowMs() < beganMs + 5 * LEASE_MS) {
      assert.equal(ffmpeg.runs(), FORMAT_NAMES.length, "no job is begun again while it runs");
      await pause(10);
    }
    const statuses = await Promise.all(FORMAT_NAMES.map(async (format) => await env.pipeline.status(format, "tabla")));
    assert.deepEqual(
      statuses.map((status) => [status?.state, (status?.progress ?? 0) > 0]),
      FORMAT_NAMES.map(() => ["running", true]),
    );
    ffmpeg.open();
    await draining;
    assert.equal(ffmpeg.runs(), FORMAT_NAMES.length);
    for (const format of FORMAT_NAMES) assert.equal(env.emitted(`${format}.version`).length, 1);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "manifests/tabla.json" }));
    const manifest = JSON.parse((await Body?.transformToString()) ?? "") as { versions: { format: string; codec: string }[] };
    assert.deepEqual(
      manifest.versions.map(({ format, codec }) => [format, codec]),
      FORMAT_NAMES.toSorted().map((format) => [format, "aac"]),
    );
    s3.destroy();
  });

  test("what is no media file is a dead letter that says so, and nothing is made of it", async () => {
    const { transcode } = await import("../src/pipeline.ts");
    await using env = await testPipeline(transcode);
    const s3 = new S3Client(env.server.clientConfig());
    const { bucket: Bucket } = transcode.graph();
    // A playlist: its reader would open what it names.
    await s3.send(
      new PutObjectCommand({ Bucket, Key: "uploads/list.mp4", Body: "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n" }),
    );
    await env.send("probe", { media: "list", key: "uploads/list.mp4" });
    await env.send("probe", { media: "gone", key: "uploads/gone.mp4" });
    await env.drain();
    const reasons = (await env.dead("probe")).map(({ cause, reason }) => `${cause}: ${reason.split("\n").at(-1)}`).toSorted();
    assert.deepEqual(reasons, [
      "rejected: there is no uploads/gone.mp4",
      "rejected: uploads/list.mp4 is no media file that can be read, or none of a known length",
    ]);
    s3.destroy();
  });
});
