import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { Place } from "../../src/backup/place.ts";
import { openS3Place } from "../../src/backup/s3-place.ts";
import type { Snapshot, Source } from "../../src/backup/source.ts";
import { ServerSource } from "../../src/cli/server-source.ts";
import { connect } from "../../src/cli/sqs.ts";
import { startTestServer } from "../../src/testing/index.ts";
import { bodiesOf, directoryPlace, filesOf, folder, makeBackup, objectsOf, restoreTo, serve } from "./scene.ts";

const QueueUrl = "jobs";
const Bucket = "photos";

/** A source that does something once the snapshot is taken and nothing of it has been read. */
function pausing(source: Source, meanwhile: (snapshot: Snapshot) => Promise<void>): Source {
  return {
    async begin(options) {
      const snapshot = await source.begin(options);
      await meanwhile(snapshot);
      return snapshot;
    },
    end: () => source.end(),
  };
}

function methodsOf(place: Place): Place {
  return {
    name: place.name,
    lock: () => place.lock(),
    list: (folder) => place.list(folder),
    read: (path) => place.read(path),
    write: (path, ...rest) => place.write(path, ...rest),
    remove: (paths) => place.remove(paths),
    close: () => place.close(),
  };
}

describe("a backup of a running server", { timeout: 120_000 }, () => {
  test("is of one moment: what is sent, deleted and removed after it changes nothing", async (t) => {
    const root = await folder(t);
    const running = await serve(join(root, "data"));
    const { server, sqs, s3 } = running;
    await sqs.send(new CreateQueueCommand({ QueueName: QueueUrl }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "before" }));
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "gone.jpg", Body: "deleted meanwhile" }));
    await s3.send(new PutObjectCommand({ Bucket, Key: "new.jpg", Body: "overwritten meanwhile" }));
    const blobs = async () => (await filesOf(join(root, "data", "blobs"))).length;

    const place = directoryPlace(join(root, "place"));
    const connection = await connect({ endpoint: server.endpoint });
    const from = pausing(new ServerSource(connection), async ({ fromMs, toMs, server: version }) => {
      assert.ok(fromMs <= toMs && /^\d+\.\d+\.\d+/.test(version));
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "after" }));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone.jpg" }));
      await s3.send(new PutObjectCommand({ Bucket, Key: "new.jpg", Body: "as it is now" }));
      for (let round = 0; round < 5; round += 1) {
        server.clock.advance(5000); // Bytes of what was deleted would be removed now.
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "after" }));
      }
      assert.equal(await blobs(), 3, "bytes were removed that the snapshot needs");
    });
    await makeBackup(place, "", { from });
    // However long the disk takes for it.
    while ((await blobs()) > 1) {
      server.clock.advance(10_000);
      await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    }
    assert.equal(await blobs(), 1, "bytes of deleted objects stay when the backup is done");
    assert.equal(existsSync(join(root, "data", "snapshots")), false);
    connection.close();
    await running.stop();

    await restoreTo(place, join(root, "restored"));
    const restored = await serve(join(root, "restored"), { startMs: server.clock.nowMs() });
    assert.deepEqual(await bodiesOf(restored.sqs, QueueUrl), ["before"]);
    assert.deepEqual(await objectsOf(restored.s3, Bucket), { "gone.jpg": "deleted meanwhile", "new.jpg": "overwritten meanwhile" });
    await restored.stop();
  });

  test("keeps out a second one, and what nobody asks for any more is dropped", async (t) => {
    const root = await folder(t);
    const running = await serve(join(root, "data"));
    const ask = (method: string, path: string) => fetch(`${running.server.endpoint}/_millrace/snapshots${path}`, { method });
    const { id } = (await (await ask("POST", "")).json()) as { id: string };
    const second = await ask("POST", "");
    assert.equal(second.status, 409);
    assert.match(await second.text(), /SnapshotInProgress.*Another backup of this server is being made/);
    while (((await (await ask("GET", `/${id}`)).json()) as { state: string }).state === "copying");
    assert.equal((await ask("GET", `/${id}/blobs/${"0".repeat(32)}`)).status, 404);
    assert.equal((await ask("GET", `/${id}/blobs/..%2f..%2fmillrace.db`)).status, 404);
    assert.equal((await ask("GET", `/${id}/nothing`)).status, 404);
    const bytesAt = async (query: string) => Buffer.from(await (await ask("GET", `/${id}/database${query}`)).arrayBuffer());
    const whole = await bytesAt("");
    assert.equal(whole.subarray(0, 15).toString(), "SQLite format 3");
    assert.deepEqual(await bytesAt("?start=7&bytes=8"), whole.subarray(7, 15));
    assert.deepEqual(await bytesAt(`?start=${whole.length - 3}&bytes=8`), whole.subarray(-3));
    assert.equal((await bytesAt(`?start=${whole.length}`)).length, 0);
    assert.equal((await ask("GET", `/${id}`)).status, 200);
    running.server.clock.advance(29_999);
    assert.equal((await ask("GET", `/${id}`)).status, 200);
    running.server.clock.advance(30_000);
    while ((await ask("GET", `/${id}`)).status === 200);
    assert.equal((await ask("GET", `/${id}`)).status, 404);
    const third = await ask("POST", "");
    assert.equal(third.status, 201);
    assert.equal((await ask("DELETE", `/${((await third.json()) as { id: string }).id}`)).status, 204);
    await running.stop();
    assert.equal((await readdir(join(root, "data"))).includes("snapshots"), false);
  });

  test("that is stopped with its server, or killed with it, leaves nothing in the data directory", async (t) => {
    const root = await folder(t);
    const data = join(root, "data");
    const running = await serve(data);
    assert.equal((await fetch(`${running.server.endpoint}/_millrace/snapshots`, { method: "POST" })).status, 201);
    await running.stop();
    assert.equal(existsSync(join(data, "snapshots")), false);
    await mkdir(join(data, "snapshots"));
    await writeFile(join(data, "snapshots", "database"), "half");
    const again = await serve(data);
    assert.equal(existsSync(join(data, "snapshots")), false);
    await again.stop();
  });

  test("needs the root of the server's own account, where there are credentials", async (t) => {
    const root = await folder(t);
    const keys = [
      { accessKeyId: "AKIAOWNROOT", accountId: "000000000000" },
      { accessKeyId: "AKIAOWNUSER", accountId: "000000000000", name: "web" },
      { accessKeyId: "AKIAOTHERROOT", accountId: "111111111111" },
    ].map((key) => ({ ...key, secretAccessKey: "a secret that is long enough" }));
    await writeFile(join(root, "keys.json"), JSON.stringify(keys), { mode: 0o600 });
    await using server = await startTestServer({
      memory: false,
      data: join(root, "data"),
      credentials: join(root, "keys.json"),
      startMs: Date.now(),
    });
    const begin = async (accessKeyId: string) => {
      process.env["AWS_ACCESS_KEY_ID"] = accessKeyId;
      process.env["AWS_SECRET_ACCESS_KEY"] = "a secret that is long enough";
      const connection = await connect({ endpoint: server.endpoint });
      const source = new ServerSource(connection);
      await source.begin({ onProgress: () => {}, signal: new AbortController().signal });
      await source.end();
      connection.close();
    };
    for (const accessKeyId of ["AKIAOWNUSER", "AKIAOTHERROOT"])
      await assert.rejects(
        begin(accessKeyId),
        /may not take a snapshot: it holds the data of all accounts\. Only the root of this server's own account, 000000000000 \(--account\), may\./,
      );
    await begin("AKIAOWNROOT");
    for (const [method, path] of [
      ["POST", ""],
      ["GET", "/x"],
      ["GET", "/x/database"],
      ["GET", "/x/blobs"],
      ["DELETE", "/x"],
    ] as const)
      assert.equal(
        (await fetch(`${server.endpoint}/_millrace/snapshots${path}`, { method })).status,
        403,
        `${method} ${path} without a signature`,
      );
  });

  test("goes to a bucket of another server, and comes back; where the bucket fails, there is none", async (t) => {
    const root = await folder(t);
    const running = await serve(join(root, "data"));
    await running.sqs.send(new CreateQueueCommand({ QueueName: QueueUrl }));
    await running.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "in a bucket" }));
    await running.s3.send(new CreateBucketCommand({ Bucket }));
    const film = "a film ".repeat(3_000_000); // More than one part of an upload.
    await running.s3.send(new PutObjectCommand({ Bucket, Key: "film", Body: film }));

    await using there = await startTestServer();
    const { endpoint, region, credentials } = there.clientConfig();
    const s3 = new S3Client(there.clientConfig());
    await s3.send(new CreateBucketCommand({ Bucket: "backups" }));
    const place = await openS3Place({
      bucket: "backups",
      prefix: "of/this",
      name: "s3://backups/of/this",
      endpoint,
      settings: { region, credentials },
    });
    const connection = await connect({ endpoint: running.server.endpoint });
    const failing: Place = {
      ...methodsOf(place),
      write: (path, ...rest) => (path.endsWith("/database") ? Promise.reject(new Error("no more")) : place.write(path, ...rest)),
    };
    await assert.rejects(makeBackup(failing, "", { from: new ServerSource(connection) }), /no more/);
    await assert.rejects(restoreTo(place, join(root, "restored")), /There is no backup in s3:\/\/backups\/of\/this/);
    const first = await makeBackup(place, "", { from: new ServerSource(connection) });
    const second = await makeBackup(place, "", { from: new ServerSource(connection), keep: 1 });
    assert.deepEqual([first.copiedBlobs, second.copiedBlobs, second.removed], [1, 0, [first.manifest.id]]);
    connection.close();
    await running.stop();

    await restoreTo(place, join(root, "restored"));
    const restored = await serve(join(root, "restored"), { startMs: running.server.clock.nowMs() });
    assert.deepEqual(await bodiesOf(restored.sqs, QueueUrl), ["in a bucket"]);
    assert.ok((await objectsOf(restored.s3, Bucket))["film"] === film);
    await restored.stop();
    place.close();
    s3.destroy();
  });

  test("is refused where everything is in memory", async () => {
    await using server = await startTestServer();
    const connection = await connect({ endpoint: server.endpoint });
    const begun = new ServerSource(connection).begin({ onProgress: () => {}, signal: new AbortController().signal });
    await assert.rejects(begun, /This server keeps everything in memory \(--memory\): there is nothing to back up\./);
    connection.close();
  });
});
