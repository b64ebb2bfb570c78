import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { checkDirectory, type Orphans } from "../../src/backup/check-directory.ts";
import { checkPlace } from "../../src/backup/check-place.ts";
import { MIB } from "../../src/kernel/units.ts";
import { directoryPlace, filesOf, folder, makeBackup, serve, type Lasting } from "./scene.ts";

const Bucket = "photos";

/** A data directory with something of everything; its server is stopped. */
async function filled(t: Lasting): Promise<{ root: string; data: string }> {
  const root = await folder(t);
  const data = join(root, "data");
  const { server, sqs, s3, stop } = await serve(data);
  for (const QueueName of ["jobs", "purged"]) await sqs.send(new CreateQueueCommand({ QueueName }));
  await sqs.send(new CreateQueueCommand({ QueueName: "jobs.fifo", Attributes: { FifoQueue: "true", ContentBasedDeduplication: "true" } }));
  for (const QueueUrl of ["jobs", "purged"]) {
    for (const MessageBody of ["received", "visible", "also visible"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "delayed", DelaySeconds: 900 }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  }
  await sqs.send(new PurgeQueueCommand({ QueueUrl: "purged" }));
  for (const MessageGroupId of ["a", "b", "a"])
    await sqs.send(
      new SendMessageCommand({ QueueUrl: "jobs.fifo", MessageBody: `of ${MessageGroupId} ${server.clock.nowMs()}`, MessageGroupId }),
    );
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "harbour.jpg", Body: "a harbour" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "empty", Body: Buffer.alloc(0) }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "gone", Body: "gone" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone" }));
  for (const Key of ["film", "film that is not finished"]) {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts = [];
    for (const PartNumber of [1, 2]) {
      // Only the last part of what is completed may be small, and each check reads all of them.
      const bytes = Key === "film" && PartNumber === 1 ? 5 * MIB + 1 : 100_000 + PartNumber;
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body: Buffer.alloc(bytes, Key) }));
      Parts.push({ PartNumber, ETag });
    }
    if (Key === "film") await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  }
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy of the film", CopySource: `${Bucket}/film` }));
  await stop();
  return { root, data };
}

async function problemsOf(data: string): Promise<{ problems: string[]; orphans: Orphans }> {
  const problems: string[] = [];
  const signal = new AbortController().signal;
  const orphans = await checkDirectory(data, {
    masterKeys: [],
    signal,
    onProblem: ({ what }) => problems.push(what),
    onProgress: () => {},
  });
  return { problems, orphans };
}

describe("a check of a data directory", { timeout: 120_000 }, () => {
  let t: { data: string; root: string };
  let sound: Buffer;
  let end: () => Promise<void>;
  after(() => end());
  before(async () => {
    t = await filled({ after: (remove) => (end = remove) });
    assert.deepEqual(await problemsOf(t.data), { problems: [], orphans: { files: 0, bytes: 0 } });
    sound = await readFile(join(t.data, "millrace.db"));
  });
  /** What is found after a change behind the server's back, which is then taken back. */
  const having = async (sql: string): Promise<string[]> => {
    const file = join(t.data, "millrace.db");
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
    const { problems } = await problemsOf(t.data);
    await writeFile(file, sound);
    return problems;
  };

  test("finds nothing where all is well, whatever state messages and objects are in", async () => {
    assert.deepEqual((await problemsOf(t.data)).problems, []);
  });

  test("finds counts that are not those of the rows", async () => {
    assert.deepEqual(await having("UPDATE message_count SET visible = visible + 1, delayed = 0 WHERE queue = 1"), [
      "queue jobs (000000000000, us-east-1): 2 messages are visible, 3 are counted",
      "queue jobs (000000000000, us-east-1): 1 messages are delayed, 0 are counted",
    ]);
  });

  test("finds messages that are damaged, without a body, in two states, or about to lose their body", async () => {
    assert.deepEqual(await having("UPDATE body SET body = 'changed' WHERE body = 'visible'"), [
      "message 2 of queue jobs (000000000000, us-east-1) is damaged: its checksum does not fit",
    ]);
    assert.deepEqual(await having("DELETE FROM body WHERE body = 'delayed' AND sequence < 5"), [
      "message 4 of queue jobs (000000000000, us-east-1) is damaged: its body is gone",
    ]);
    assert.deepEqual(
      await having("INSERT INTO ready SELECT queue, sequence, sent_ms, 0, NULL, message_group FROM hidden WHERE sequence = 4"),
      [
        "queue jobs (000000000000, us-east-1): 3 messages are visible, 2 are counted",
        "message 4 of queue jobs (000000000000, us-east-1) is visible and hidden at once",
      ],
    );
    assert.deepEqual(await having("INSERT INTO dead VALUES (2)"), [
      "message 2 of queue jobs (000000000000, us-east-1) is there, but its body is marked as no longer wanted",
    ]);
    assert.deepEqual(
      await having(
        "INSERT INTO body SELECT 4711, message_id, sender_id, body_md5, attributes, trace_header, group_id, body, deduplication_id, checksum FROM body WHERE sequence = 2",
      ),
      ["1 bodies belong to no message"],
    );
  });

  test("finds a database file that is damaged, of a later release, or no database", async () => {
    const file = join(t.data, "millrace.db");
    const page = 8192;
    for (let at = page; at < sound.length; at += page * 7) {
      await writeFile(file, Buffer.concat([sound.subarray(0, at), Buffer.alloc(page, 0xff), sound.subarray(at + page)]));
      assert.notDeepEqual((await problemsOf(t.data)).problems, [], `page ${at / page}`);
    }
    await writeFile(file, "this is no database, and long enough to be looked at ".repeat(30));
    assert.match((await problemsOf(t.data)).problems.join(), /file is not a database/);
    await writeFile(file, sound);
    assert.deepEqual(await having("PRAGMA user_version = 2"), ["the data directory was written by a later release"]);
    assert.deepEqual(await having("UPDATE migration SET version = 1 WHERE service = 'queues'"), [
      "the tables of queues are those of an earlier release",
    ]);
  });

  test("finds bytes of objects that are damaged or not there, and tells which object", async () => {
    const files: string[] = [];
    for (const path of await filesOf(join(t.data, "blobs"))) {
      const file = join(t.data, "blobs", path);
      if (!(await readFile(file)).subarray(0, 4).equals(Buffer.from("gone"))) files.push(file);
    }
    assert.equal(files.length, 5);
    const named = new Set<string>();
    for (const path of files) {
      const bytes = await readFile(path);
      await writeFile(path, bytes.with(3, bytes[3]! ^ 1));
      const damaged = (await problemsOf(t.data)).problems;
      await truncate(path, bytes.length - 1);
      assert.equal((await problemsOf(t.data)).problems.length, damaged.length);
      await rename(path, `${path}-away`);
      for (const what of (await problemsOf(t.data)).problems) named.add(what);
      await rename(`${path}-away`, path);
      await writeFile(path, bytes);
      assert.ok(
        damaged.length > 0 && damaged.every((what) => /is damaged: the blob .* is not what was written/.test(what)),
        damaged.join(),
      );
    }
    assert.deepEqual([...named].sort(), [
      "object copy of the film of bucket photos: its bytes are not there",
      "object film of bucket photos, part 1: its bytes are not there",
      "object film of bucket photos, part 2: its bytes are not there",
      "object harbour.jpg of bucket photos: its bytes are not there",
      "the upload of film that is not finished of bucket photos, part 1: its bytes are not there",
      "the upload of film that is not finished of bucket photos, part 2: its bytes are not there",
    ]);
    assert.deepEqual(await having("UPDATE object SET etag = 'd41d8cd98f00b204e9800998ecf8427e' WHERE key = CAST('harbour.jpg' AS BLOB)"), [
      "object harbour.jpg of bucket photos is damaged: its MD5 is not its ETag",
    ]);
    assert.deepEqual(await having("DELETE FROM segment WHERE part = 2 AND content = (SELECT content FROM object WHERE parts = 2)"), [
      "object film of bucket photos: it has 5342883 bytes, and its segments have 5242881",
      "object film of bucket photos: part 2 has 100002 bytes, and its segments have 0",
      "object copy of the film of bucket photos: it has 5342883 bytes, and its segments have 5242881",
      "object film of bucket photos, part 2 is damaged: its MD5 is not its ETag",
      "object copy of the film of bucket photos is damaged: its MD5 is not its ETag",
    ]);
  });

  test("tells of files of objects that belong to nothing, which is no problem", async () => {
    const [path = ""] = await filesOf(join(t.data, "blobs"));
    const orphan = join(t.data, "blobs", "00", `${"0".repeat(32)}.blocks`);
    await writeFile(orphan, await readFile(join(t.data, "blobs", path)));
    const { problems, orphans } = await problemsOf(t.data);
    await rm(orphan);
    assert.deepEqual([problems, orphans.files], [[], 1]);
  });

  test("as a command: prints what is wrong and what to do, and exits with 1, or with 0", async () => {
    const well = await millrace("check", t.data);
    assert.deepEqual([well.code, well.out], [0, ""]);
    assert.match(well.err, /^All is well: \d+ rows of .*data, \d+(\.\d+)? MB read\.\n$/);
    const database = new DatabaseSync(join(t.data, "millrace.db"));
    database.exec("UPDATE body SET body = 'changed' WHERE body = 'visible'");
    database.close();
    const told = await millrace("check", t.data, "--json");
    await writeFile(join(t.data, "millrace.db"), sound);
    assert.equal(told.code, 1);
    const [problem, summary] = told.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.match(String(problem?.["problem"]), /^message 2 of queue jobs .* is damaged: its checksum does not fit$/);
    assert.match(String(problem?.["remedy"]), /from a backup/);
    assert.equal(summary?.["problems"], 1);
    const none = await millrace("check", t.root);
    assert.deepEqual([none.code, none.out], [1, ""]);
    assert.match(none.err, /is neither a data directory nor a place with backups\.\n$/);
  });
});

test("a check of a place reads every byte of every backup, and names what is damaged", { timeout: 120_000 }, async (t) => {
  const { root, data } = await filled(t);
  const place = join(root, "place");
  for (let n = 0; n < 2; n += 1) await makeBackup(directoryPlace(place), data);
  const problems = async () => {
    const found: string[] = [];
    let bytes = 0;
    const signal = new AbortController().signal;
    const { backups } = await checkPlace(directoryPlace(place), {
      signal,
      onProblem: ({ what }) => found.push(what),
      onProgress: (step) => (bytes += step.bytes ?? 0),
    });
    return { found, bytes, backups };
  };
  const well = await problems();
  const blobs = await filesOf(join(place, "blobs"));
  assert.deepEqual([well.found, well.backups, blobs.length], [[], 2, 5]);
  for (const path of (await filesOf(place)).filter((path) => !path.startsWith("owner."))) {
    const bytes = await readFile(join(place, path));
    await writeFile(join(place, path), bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1));
    const { found } = await problems();
    assert.deepEqual(
      found.map((what) => what.startsWith(`${path} is damaged`)),
      [true],
      found.join(),
    );
    await rm(join(place, path));
    assert.equal((await problems()).found.length, path.endsWith("manifest.json") ? 0 : 1, path);
    await writeFile(join(place, path), bytes);
  }
});

function millrace(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const bin = join(import.meta.dirname, "../../bin/millrace.js");
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, ...args], (failure, out, err) => resolve({ code: Number(failure?.code ?? 0), out, err }));
  });
}
