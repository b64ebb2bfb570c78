import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { CopyObjectCommand, CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { chooseBackup, listBackups } from "../../src/backup/backups.ts";
import { Damaged } from "../../src/backup/manifest.ts";
import { bodiesOf, directoryPlace, filesOf, folder, makeBackup, objectsOf, restoreTo, serve } from "./scene.ts";

const QueueUrl = "jobs";
const Bucket = "photos";

/** A data directory with two messages and three objects, of which two share their bytes. Its server is stopped. */
async function filled(
  t: TestContext,
  more?: (clients: { sqs: SQSClient; s3: S3Client }) => Promise<void>,
): Promise<{ root: string; data: string }> {
  const root = await folder(t);
  const data = join(root, "data");
  const { sqs, s3, stop } = await serve(data);
  await sqs.send(new CreateQueueCommand({ QueueName: QueueUrl }));
  for (const MessageBody of ["first", "second"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "harbour.jpg", Body: "a harbour" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "beach.jpg", Body: "a beach" }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy.jpg", CopySource: `${Bucket}/beach.jpg` }));
  await more?.({ sqs, s3 });
  await stop();
  return { root, data };
}

/** Goes on in the same data directory. */
async function later(data: string, change: (clients: { sqs: SQSClient; s3: S3Client }) => Promise<unknown>): Promise<void> {
  const { sqs, s3, stop } = await serve(data);
  await change({ sqs, s3 });
  await stop();
}

async function contentOf(data: string): Promise<{ messages: string[]; objects: Record<string, string> }> {
  const { sqs, s3, stop } = await serve(data);
  const content = { messages: await bodiesOf(sqs, QueueUrl), objects: await objectsOf(s3, Bucket) };
  await stop();
  return content;
}

const OBJECTS = { "harbour.jpg": "a harbour", "beach.jpg": "a beach", "copy.jpg": "a beach" };

describe("a backup of a data directory", { timeout: 120_000 }, () => {
  test("comes back with every message and object", async (t) => {
    const { root, data } = await filled(t);
    const place = directoryPlace(join(root, "place"));
    const { manifest, copiedBlobs } = await makeBackup(place, data);
    assert.deepEqual([manifest.rows["ready"], manifest.rows["object"], manifest.blobs.count, copiedBlobs], [2, 3, 2, 2]);
    assert.equal(manifest.server, "1.2.3");
    await restoreTo(place, join(root, "restored"));
    assert.deepEqual(await contentOf(join(root, "restored")), { messages: ["first", "second"], objects: OBJECTS });
    assert.deepEqual(await contentOf(data), { messages: ["first", "second"], objects: OBJECTS }, "the original has changed");
  });

  test("of which any byte of any file has changed is refused, the file named, and nothing is made of it", async (t) => {
    const { root, data } = await filled(t);
    const place = join(root, "place");
    await makeBackup(directoryPlace(place), data);
    const files = (await filesOf(place)).filter((path) => !path.startsWith("owner."));
    assert.equal(files.length, 5, files.join());
    for (const path of files) {
      const bytes = await readFile(join(place, path));
      for (const at of new Set([0, Math.floor(bytes.length / 2), bytes.length - 1])) {
        await writeFile(join(place, path), bytes.with(at, (bytes[at] ?? 0) ^ 1));
        await assertRefused(place, root, path);
      }
      await truncate(join(place, path), bytes.length - 1);
      await assertRefused(place, root, path);
      await writeFile(join(place, path), bytes);
      await appendFile(join(place, path), "x");
      await assertRefused(place, root, path);
      await writeFile(join(place, path), bytes);
    }
    await restoreTo(directoryPlace(place), join(root, "restored"));
  });

  test("of which a file is missing is refused; without its manifest it is none", async (t) => {
    const { root, data } = await filled(t);
    const place = join(root, "place");
    const { manifest } = await makeBackup(directoryPlace(place), data);
    for (const path of (await filesOf(place)).filter((path) => !/owner\.|manifest/.test(path))) {
      await rename(join(place, path), join(root, "away"));
      await assert.rejects(restoreTo(directoryPlace(place), join(root, "restored")), {
        name: "MissingFile",
        message: new RegExp(`${path} is missing`),
      });
      await rename(join(root, "away"), join(place, path));
      assert.deepEqual((await readdir(root)).sort(), ["data", "place"]);
    }
    await rename(join(place, "backups", manifest.id, "manifest.json"), join(root, "away"));
    await assert.rejects(restoreTo(directoryPlace(place), join(root, "restored")), /There is no backup in/);
  });

  test("written under another name, or by a later release, is refused", async (t) => {
    const { root, data } = await filled(t);
    const place = join(root, "place");
    const { manifest } = await makeBackup(directoryPlace(place), data);
    await rename(join(place, "backups", manifest.id), join(place, "backups", "another"));
    await assert.rejects(
      restoreTo(directoryPlace(place), join(root, "restored")),
      /backups\/another\/manifest\.json is damaged: it belongs to another folder/,
    );
    const path = join(place, "backups", "another", "manifest.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"version": 1', '"version": 2'));
    await assert.rejects(
      restoreTo(directoryPlace(place), join(root, "restored")),
      /written by a later release \(version 2, this one reads 1\)/,
    );
  });

  test("is never restored over data", async (t) => {
    const { root, data } = await filled(t);
    const place = directoryPlace(join(root, "place"));
    await makeBackup(place, data);
    await assert.rejects(restoreTo(place, data), /data is not empty; nothing is ever restored over data/);
    await mkdir(join(root, "empty"));
    await restoreTo(place, join(root, "empty"));
    assert.deepEqual((await contentOf(join(root, "empty"))).messages, ["first", "second"]);
  });

  test("comes back so that receipts of what was sent since fit no other message", async (t) => {
    const { root, data } = await filled(t);
    const place = directoryPlace(join(root, "place"));
    await makeBackup(place, data);
    const handles: (string | undefined)[] = [];
    await later(data, async ({ sqs }) => {
      for (const MessageBody of ["third", "fourth"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      for (let n = 0; n < 4; n += 1) handles.push((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.ReceiptHandle);
    });
    await restoreTo(place, join(root, "restored"));
    const { sqs, stop } = await serve(join(root, "restored"));
    for (const MessageBody of ["other third", "other fourth"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    for (const ReceiptHandle of handles.slice(2)) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    assert.deepEqual(await bodiesOf(sqs, QueueUrl), ["first", "other fourth", "other third", "second"]);
    await stop();
  });

  test("is not made of bytes that cannot be read: it is said which, and there is none", async (t) => {
    const { root, data } = await filled(t);
    const place = join(root, "place");
    const [path = ""] = await filesOf(join(data, "blobs"));
    const bytes = await readFile(join(data, "blobs", path));
    await writeFile(join(data, "blobs", path), bytes.with(0, (bytes[0] ?? 0) ^ 1));
    await assert.rejects(
      makeBackup(directoryPlace(place), data),
      /^PlaceUnusable: The bytes [0-9a-f]{32} of an object cannot be read \(.*is not what was written.*\)\. `millrace check`/,
    );
    assert.deepEqual(await filesOf(join(place, "backups")).catch(() => []), []);
    await writeFile(join(data, "blobs", path), bytes);
    await makeBackup(directoryPlace(place), data);
  });

  test("is one of several of one place: each moment can be had, and bytes that the place has are not copied again", async (t) => {
    const { root, data } = await filled(t);
    const place = directoryPlace(join(root, "place"));
    const first = await makeBackup(place, data);
    await later(data, async ({ s3, sqs }) => {
      await s3.send(new PutObjectCommand({ Bucket, Key: "street.jpg", Body: "a street" }));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "harbour.jpg" }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "third" }));
    });
    const second = await makeBackup(place, data);
    assert.deepEqual([second.manifest.blobs.count, second.copiedBlobs], [2, 1]);
    assert.deepEqual(
      (await listBackups(place)).whole.map(({ id }) => id),
      [first.manifest.id, second.manifest.id],
    );

    await restoreTo(place, join(root, "now"));
    assert.deepEqual(await contentOf(join(root, "now")), {
      messages: ["first", "second", "third"],
      objects: { "beach.jpg": "a beach", "copy.jpg": "a beach", "street.jpg": "a street" },
    });
    const between = new Date(Date.parse(second.manifest.to) - 1).toISOString();
    await restoreTo(place, join(root, "then"), between);
    assert.deepEqual(await contentOf(join(root, "then")), { messages: ["first", "second"], objects: OBJECTS });
    await assert.rejects(
      restoreTo(place, join(root, "before"), "2000-01-01T00:00:00Z"),
      /no backup of so early a time in .*; the oldest is of 20/,
    );
  });

  test("goes when it is beyond those to be kept, with the bytes that only it had", async (t) => {
    const { root, data } = await filled(t);
    const place = join(root, "place");
    const first = await makeBackup(directoryPlace(place), data);
    await later(data, ({ s3 }) => s3.send(new DeleteObjectCommand({ Bucket, Key: "harbour.jpg" })));
    const second = await makeBackup(directoryPlace(place), data, { keep: 2 });
    assert.deepEqual([second.removed, (await filesOf(join(place, "blobs"))).length], [[], 2]);
    const third = await makeBackup(directoryPlace(place), data, { keep: 2 });
    assert.deepEqual(third.removed, [first.manifest.id]);
    assert.deepEqual((await readdir(join(place, "backups"))).sort(), [second.manifest.id, third.manifest.id]);
    assert.equal((await filesOf(join(place, "blobs"))).length, 1);
    await restoreTo(directoryPlace(place), join(root, "restored"), second.manifest.to);
    assert.deepEqual((await contentOf(join(root, "restored"))).objects, { "beach.jpg": "a beach", "copy.jpg": "a beach" });
  });

  test("that was given up leaves none; the next one removes what is left of it", async (t) => {
    const { root, data } = await filled(t);
    const place = join(root, "place");
    const giveUp = new AbortController();
    giveUp.abort(new Error("enough"));
    await assert.rejects(makeBackup(directoryPlace(place), data, { signal: giveUp.signal }), /enough/);
    assert.deepEqual(await filesOf(join(place, "backups")).catch(() => []), []);
    await mkdir(join(place, "backups", "20200101T000000.000Z-killed"), { recursive: true });
    await writeFile(join(place, "backups", "20200101T000000.000Z-killed", "database"), "half");
    await mkdir(join(place, "blobs", "ff"), { recursive: true });
    await writeFile(join(place, "blobs", "ff", "f".repeat(32)), "of the killed one");
    const { manifest } = await makeBackup(directoryPlace(place), data);
    assert.deepEqual(await readdir(join(place, "backups")), [manifest.id]);
    assert.equal((await filesOf(join(place, "blobs"))).length, 2);
  });

  test("cannot be made while its server runs, nor of what is no data directory", async (t) => {
    const { root, data } = await filled(t);
    const running = await serve(data);
    await assert.rejects(makeBackup(directoryPlace(join(root, "place")), data), /is in use by process \d+; stop that process/);
    await running.stop();
    await assert.rejects(
      makeBackup(directoryPlace(join(root, "place")), root),
      /is no data directory of Millrace: there is no millrace\.db in it/,
    );
    await assert.rejects(chooseBackup(directoryPlace(join(root, "place")), undefined), /There is no backup in/);
  });
});

async function assertRefused(place: string, root: string, path: string): Promise<void> {
  const isNamed = (error: unknown) => error instanceof Damaged && error.message.startsWith(`${path} is damaged`);
  await assert.rejects(restoreTo(directoryPlace(place), join(root, "restored")), isNamed, `${path} was changed and nobody noticed`);
  assert.equal(existsSync(join(root, "restored")), false);
  assert.deepEqual((await readdir(root)).sort(), ["data", "place"]);
}
