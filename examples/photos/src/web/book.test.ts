import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { PhotoResponse } from "../jobs.ts";
import { MemoryObjects } from "../memory-objects.suite.ts";
import { namesOf } from "../settings.ts";
import { Book } from "./book.ts";
import { buryDeadLetter } from "./dead-letters.ts";
import { BatchDiffers, Orders } from "./orders.ts";
import type { PhotoView } from "./batch.ts";

const BATCH = "0b7c7f5e-6c1f-4a58-9d9c-3f1f3a6d2b10";
const UPLOAD = "6d1f0c9a-2f5b-4d3e-8a55-9f2d2f6f3c01";
const names = namesOf("photos");
const request = {
  batchId: BATCH,
  photos: ["a.jpg", "b.jpg"].map((name) => ({ uploadId: UPLOAD, name, operations: { enhance: true } as const })),
};
const of = (place: number) => ({ batchId: BATCH, photoId: `${BATCH}-${place}` });
const progress = (place: number, fraction: number): PhotoResponse => ({
  kind: "progress",
  ...of(place),
  stage: "server-a",
  fraction,
  step: "Enhancing",
});
const done = (place: number): PhotoResponse => ({
  kind: "done",
  ...of(place),
  results: [{ name: "photo", key: `results/${BATCH}-${place}/photo.jpg`, width: 1, height: 1, bytes: 1 }],
});

describe("the web tier's book", () => {
  let objects: MemoryObjects;
  let sent: unknown[];
  let orders: Orders;
  let book: Book;

  const webTier = () => {
    orders = new Orders({
      objects,
      names,
      nowMs: () => 1000,
      sendAll: async (_queue, bodies) => void sent.push(...bodies),
    });
    book = new Book({ objects, names, batchOf: (batchId) => orders.read(batchId) });
  };
  const stages = async () => (await book.view(BATCH))?.photos.map(({ stage }) => stage);

  beforeEach(() => {
    objects = new MemoryObjects();
    sent = [];
    webTier();
  });

  it("sends one job for each photo", async () => {
    await orders.accept(request);
    assert.deepEqual(sent, [
      { ...of(0), uploadKey: `uploads/${UPLOAD}`, operations: { enhance: true } },
      { ...of(1), uploadKey: `uploads/${UPLOAD}`, operations: { enhance: true } },
    ]);
    assert.deepEqual(await stages(), ["queued", "queued"]);
  });

  it("takes the same batch twice, as after a lost answer, and refuses another one of that name", async () => {
    await orders.accept(request);
    await orders.accept(request);
    await assert.rejects(orders.accept({ ...request, photos: request.photos.slice(1) }), BatchDiffers);
  });

  it("sends at its next start what it accepted and did not live to send", async () => {
    const { sendAll } = { sendAll: () => Promise.reject(new Error("killed")) };
    const dying = new Orders({ objects, names, nowMs: () => 1000, sendAll });
    await assert.rejects(dying.accept(request));
    webTier();
    assert.equal(await orders.sendUnsent(), 1);
    assert.equal(sent.length, 2);
    assert.equal(await orders.sendUnsent(), 0, "and not again at the one after");
  });

  it("knows all after a restart", async () => {
    await orders.accept(request);
    await book.apply(done(0));
    await book.apply(progress(1, 0.5));
    webTier();
    assert.deepEqual(await stages(), ["done", "server-a"]);
    assert.equal((await book.view(BATCH))?.photos[0]?.results?.length, 1);
  });

  it("writes each stage once, and progress within a stage never", async () => {
    await orders.accept(request);
    const before = objects.writes;
    for (const fraction of [0.1, 0.2, 0.3, 0.4]) await book.apply(progress(0, fraction));
    await book.apply(done(0));
    await book.apply(done(0));
    assert.equal(objects.writes - before, 2);
  });

  it("loses nothing when two web tiers write the same photo", async () => {
    await orders.accept(request);
    const other = new Book({ objects, names, batchOf: (batchId) => orders.read(batchId) });
    await book.view(BATCH);
    await other.view(BATCH);
    await other.apply(done(0));
    await book.apply(progress(0, 0.5));
    assert.deepEqual(await stages(), ["done", "queued"], "the late progress of one does not undo the result of the other");
    await book.apply(progress(1, 0.5));
    await other.apply(done(1));
    assert.deepEqual(await stages(), ["done", "done"]);
  });

  it("gives up, so that the message comes back, when a photo's status never stands still", async () => {
    await orders.accept(request);
    let count = 0;
    objects.beforeWrite = (key) => {
      const bytes = Buffer.from(JSON.stringify({ stage: "queued", fraction: 0, step: `meddled ${(count += 1)}` }));
      objects.stored.set(`${names.results}/${key}`, { bytes, contentType: "application/json", changedMs: 0 });
    };
    await assert.rejects(book.apply(done(0)), /under our hands/);
  });

  it("tells watchers of every change, until they leave", async () => {
    await orders.accept(request);
    const seen: string[] = [];
    const unwatch = book.watch(
      BATCH,
      (photos: readonly PhotoView[]) => void seen.push(...photos.map(({ stage, fraction }) => `${stage} ${fraction}`)),
    );
    await book.apply(progress(0, 0.25));
    await book.apply(progress(0, 0.5));
    await book.apply(done(0));
    unwatch();
    await book.apply(done(1));
    assert.deepEqual(seen, ["server-a 0.25", "server-a 0.5", "done 1"]);
  });

  it("finds what another web tier has written, for those who watch here", async () => {
    await orders.accept(request);
    const seen: string[] = [];
    book.watch(BATCH, (photos) => void seen.push(...photos.map(({ stage }) => stage)));
    await new Book({ objects, names, batchOf: (batchId) => orders.read(batchId) }).apply(done(0));
    await book.catchUp(BATCH);
    assert.deepEqual(seen, ["done"]);
  });

  it("removes the working copy of a finished photo", async () => {
    await orders.accept(request);
    await objects.write(names.results, `work/${BATCH}-0.png`, { bytes: Buffer.from("x"), contentType: "image/png" });
    await book.apply(done(0));
    assert.deepEqual(objects.keys(`${names.results}/work/`), []);
  });

  it("ignores what is said of batches and photos that it does not know", async () => {
    await book.apply(done(0));
    await orders.accept(request);
    await book.apply(done(7));
    assert.deepEqual(objects.keys(`${names.results}/status/`), []);
  });

  it("fails a photo whose job died, and keeps the dead message", async () => {
    await orders.accept(request);
    const note = JSON.stringify({ cause: "too-many-receives", reason: "out of memory", queue: names.requests });
    await buryDeadLetter({ id: "m9", body: JSON.stringify(sent[0]), note }, { objects, names, book });
    assert.deepEqual(await stages(), ["failed", "queued"]);
    assert.equal(objects.keys(`${names.results}/dead/`).length, 1);
  });

  it("fails no photo for a dead response or for a message that nobody can read", async () => {
    await orders.accept(request);
    await buryDeadLetter(
      { id: "m1", body: JSON.stringify(progress(0, 0.5)), note: JSON.stringify({ queue: names.responses }) },
      { objects, names, book },
    );
    await buryDeadLetter({ id: "m2", body: "{{{", note: undefined }, { objects, names, book });
    assert.deepEqual(await stages(), ["queued", "queued"]);
    assert.equal(objects.keys(`${names.results}/dead/`).length, 2);
  });

  it("lists the newest batches first", async () => {
    const other = { ...request, batchId: "1b7c7f5e-6c1f-4a58-9d9c-3f1f3a6d2b11" };
    await orders.accept(other);
    await orders.accept(request);
    assert.deepEqual(
      (await orders.recent(1)).map(({ batchId }) => batchId),
      [BATCH],
    );
    assert.equal((await orders.recent(10)).length, 2);
  });
});
