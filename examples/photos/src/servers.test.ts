import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import sharp from "sharp";
import { Reject } from "millrace/worker";
import { LongRequest, PhotoResponse } from "./jobs.ts";
import type { Operations } from "./jobs.ts";
import type { JobContext, ServerParts } from "./job.ts";
import { MemoryObjects } from "./memory-objects.suite.ts";
import { bundledFile } from "./operations/bundled.suite.ts";
import { processShort } from "./photo-server-a.ts";
import { processLong } from "./photo-server-b.ts";
import type { RunRecord } from "./runs.ts";
import { namesOf } from "./settings.ts";

const BATCH = "0b7c7f5e-6c1f-4a58-9d9c-3f1f3a6d2b10";
const PHOTO = `${BATCH}-0`;
const names = namesOf("photos");
const EYES = { regions: [{ left: 0.2, top: 0.3, width: 0.6, height: 0.18 }] };

describe("the processing servers", () => {
  let objects: MemoryObjects;
  let parts: ServerParts;
  let told: PhotoResponse[];
  let nowMs = 0;

  beforeEach(() => {
    objects = new MemoryObjects();
    told = [];
    nowMs = 0;
    parts = {
      objects,
      names,
      worker: "test",
      // A second passes at each look, so that no step is too quick to be told.
      nowMs: () => (nowMs += 1000),
      send: async (queue, body) => {
        assert.equal(queue, names.responses);
        told.push(body as PhotoResponse);
      },
    };
  });

  function context(receiveCount = 1): JobContext<"long" | "responses"> & { emitted: [string, unknown][] } {
    const emitted: [string, unknown][] = [];
    const { signal } = new AbortController();
    return {
      id: "m1",
      receiveCount,
      signal,
      emitted,
      emit: (output, body) => void emitted.push([output, body]),
      progress: () => undefined,
    };
  }

  async function upload(bytes: Buffer): Promise<void> {
    await objects.write(names.uploads, "uploads/u1", { bytes, contentType: "image/jpeg" });
  }

  async function run(operations: Operations): Promise<[string, unknown][]> {
    const job = context();
    await processShort({ batchId: BATCH, photoId: PHOTO, uploadKey: "uploads/u1", operations }, job, parts);
    return job.emitted;
  }

  /** What the web tier is told at the end of the first run. */
  async function responseTo(operations: Operations): Promise<PhotoResponse> {
    const emitted = await run(operations);
    return PhotoResponse.parse(emitted.find(([output]) => output === "responses")?.[1]);
  }

  function assertUnusable(response: PhotoResponse, text: RegExp): void {
    assert.equal(response.kind, "unusable");
    assert.match(response.kind === "unusable" ? response.text : "", text);
  }

  it("A finishes a photo that needs short operations only", async () => {
    await upload(await bundledFile("cat"));
    const [[output, response] = []] = await run({ crop: { shape: "square" }, enhance: true, thumbnail: true });
    assert.equal(output, "responses");
    const { kind, results } = response as Extract<PhotoResponse, { kind: "done" }>;
    assert.equal(kind, "done");
    assert.deepEqual(
      results.map(({ key }) => key),
      [`results/${PHOTO}/photo.jpg`, `results/${PHOTO}/thumbnail.jpg`],
    );
    const metadata = await sharp(objects.stored.get(`${names.results}/results/${PHOTO}/photo.jpg`)!.bytes).metadata();
    assert.deepEqual([metadata.width, metadata.height], [results[0]!.width, results[0]!.height]);
  });

  it("A passes on a photo that needs long operations, and B finishes it", async () => {
    await upload(await bundledFile("portrait"));
    const emitted = await run({ crop: { shape: "portrait" }, redEye: EYES, watermark: { text: "x" }, thumbnail: true });
    assert.deepEqual(
      emitted.map(([output]) => output),
      ["long", "responses"],
    );
    const long = LongRequest.parse(emitted[0]?.[1]);
    assert.deepEqual(Object.keys(long.operations).sort(), ["redEye", "thumbnail", "watermark"]);
    assert.notDeepEqual(long.operations.redEye, EYES, "the region moved with the cut");
    assert.deepEqual(objects.keys(`${names.results}/results/`), [], "nothing half done among the results");
    const job = context();
    await processLong(long, job, parts);
    assert.equal(PhotoResponse.parse(job.emitted[0]?.[1]).kind, "done");
    assert.deepEqual(objects.keys(`${names.results}/results/`), [
      `${names.results}/results/${PHOTO}/photo.jpg`,
      `${names.results}/results/${PHOTO}/thumbnail.jpg`,
    ]);
  });

  it("tells each step as it begins, and the bar only grows", async () => {
    await upload(await bundledFile("portrait"));
    const emitted = await run({ crop: { shape: "portrait" }, redEye: EYES, enhance: true });
    await processLong(LongRequest.parse(emitted[0]?.[1]), context(), parts);
    const steps = told.map((response) => (response.kind === "progress" ? `${response.stage}: ${response.step}` : response.kind));
    assert.deepEqual(steps, [
      "server-a: Checking the photo",
      "server-a: Cropping to the subject",
      "server-b: Fetching the photo",
      "server-b: Reducing red eyes",
      "server-b: Enhancing",
      "server-b: Saving",
    ]);
    const fractions = told.map((response) => (response.kind === "progress" ? response.fraction : 1));
    assert.deepEqual(
      fractions,
      fractions.toSorted((one, other) => one - other),
    );
    assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1));
  });

  it("works on when progress cannot be told", async () => {
    await upload(await bundledFile("cat"));
    parts = { ...parts, send: () => Promise.reject(new Error("queue away")) };
    assert.equal((await responseTo({ enhance: true })).kind, "done");
  });

  it("writes the same bytes to the same keys when a message comes twice", async () => {
    await upload(await bundledFile("portrait"));
    const operations: Operations = { redEye: EYES, thumbnail: true };
    const once = () => new Map([...objects.stored].filter(([key]) => key.includes("/results/")).map(([key, { bytes }]) => [key, bytes]));
    const long = LongRequest.parse((await run(operations))[0]?.[1]);
    await processLong(long, context(), parts);
    const first = once();
    const again = LongRequest.parse((await run(operations))[0]?.[1]);
    await processLong(again, context(2), parts);
    assert.deepEqual(once(), first);
  });

  it("reports an unusable file as the photo's own fault, and the job is done", async () => {
    await upload(Buffer.from("hello, I am no photo"));
    const [[, response] = []] = await run({ enhance: true });
    assert.deepEqual(response, {
      kind: "unusable",
      batchId: BATCH,
      photoId: PHOTO,
      text: "This is not a photo. Accepted are JPEG, PNG, WebP, AVIF, GIF and TIFF files.",
    });
  });

  it("reports a missing and an oversized upload the same way", async () => {
    assertUnusable(await responseTo({ enhance: true }), /never uploaded/);
    await upload(Buffer.alloc(41 * 1024 * 1024));
    assertUnusable(await responseTo({ enhance: true }), /larger than 40 MB/);
  });

  it("fails, to be tried again, when the store fails", async () => {
    await upload(await bundledFile("cat"));
    objects.read = () => Promise.reject(new Error("store away"));
    await assert.rejects(run({ enhance: true }), /store away/);
  });

  it("B takes a missing working copy as done when the results are there, and rejects it when they are not", async () => {
    const long: LongRequest = { batchId: BATCH, photoId: PHOTO, workKey: `work/${PHOTO}.png`, operations: { redEye: EYES }, fraction: 0.5 };
    await assert.rejects(processLong(long, context(), parts), Reject);
    await objects.write(names.results, `results/${PHOTO}/photo.jpg`, { bytes: Buffer.from("x"), contentType: "image/jpeg" });
    const job = context();
    await processLong(long, job, parts);
    assert.deepEqual(job.emitted, []);
  });

  it("counts every execution, with its end", async () => {
    await upload(await bundledFile("cat"));
    await run({ enhance: true });
    const job = context(2);
    await processShort({ batchId: BATCH, photoId: PHOTO, uploadKey: "uploads/u1", operations: { enhance: true } }, job, parts);
    const records = objects.keys(`${names.results}/runs/`).map((key) => JSON.parse(objects.stored.get(key)!.bytes.toString()) as RunRecord);
    assert.deepEqual(
      records.map(({ server, receive, outcome }) => ({ server, receive, outcome })),
      [
        { server: "a", receive: 1, outcome: "done" },
        { server: "a", receive: 2, outcome: "done" },
      ],
    );
    assert.ok(records.every(({ durationMs }) => durationMs !== undefined && durationMs > 0));
  });

  it("counts an execution that its worker did not live to end", async () => {
    await upload(await bundledFile("cat"));
    // Everything after the beginning hangs, as in a process that was killed.
    objects.read = () => new Promise(() => undefined);
    void run({ enhance: true });
    await setImmediate();
    const [key] = objects.keys(`${names.results}/runs/`);
    const record = JSON.parse(objects.stored.get(key ?? "")?.bytes.toString() ?? "{}") as RunRecord;
    assert.deepEqual(record, { photoId: PHOTO, server: "a", worker: "test", receive: 1, startedMs: 1000 });
  });

  it("stops between two steps once its lease is lost", async () => {
    await upload(await bundledFile("cat"));
    const lost = new AbortController();
    lost.abort(new Error("lease lost"));
    const job = { ...context(), signal: lost.signal };
    const request = { batchId: BATCH, photoId: PHOTO, uploadKey: "uploads/u1", operations: { enhance: true } } as const;
    await assert.rejects(processShort(request, job, parts), /lease lost/);
    assert.deepEqual(objects.keys(`${names.results}/results/`), []);
  });
});
