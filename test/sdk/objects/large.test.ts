import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { clientConfigOf } from "../../../src/server/client-config.ts";
import { configWith } from "../../../src/server/config.ts";
import { startServer, type Server } from "../../../src/server/server.ts";

const MIB = 1024 * 1024;
const Bucket = "large";

/** A server on disk, with its storage thread. */
async function onDisk(run: (server: Server, s3: S3Client, data: string) => Promise<void>): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), "millrace-objects-"));
  const server = await startServer(configWith({ port: 0, data }), { logger: silentLogger });
  const s3 = new S3Client({ ...clientConfigOf(server), maxAttempts: 1 });
  try {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await run(server, s3, data);
  } finally {
    s3.destroy();
    await server.stop();
    await rm(data, { recursive: true });
  }
}

async function blobsIn(data: string): Promise<string[]> {
  const names = await readdir(join(data, "blobs"), { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(join(data, "blobs").length + 1));
}

/** The highest resident size while something runs, above that before, in MiB. */
async function growth(run: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let highest = before;
  const timer = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 20);
  await run();
  clearInterval(timer);
  return (highest - before) / MIB;
}

function sent(
  server: Server,
  { method, pieces = [], headers = {} }: { method: string; pieces?: Iterable<Buffer>; headers?: Record<string, string> },
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(server.endpoint);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path: `/${Bucket}/k`, headers, agent: false }, resolve);
    outgoing.on("error", reject);
    void (async () => {
      for (const piece of pieces) if (!outgoing.write(piece)) await new Promise((resolve) => outgoing.once("drain", resolve));
      outgoing.end();
    })();
  });
}

test("300 MB go in and come out without showing in memory", { timeout: 240_000 }, () =>
  onDisk(async (server, s3) => {
    const size = 300 * MIB;
    const piece = Buffer.alloc(MIB);
    const sentHash = createHash("md5");
    function* pieces() {
      for (let index = 0; index < size / MIB; index += 1) {
        piece.fill(index % 251);
        sentHash.update(piece);
        yield Buffer.from(piece);
      }
    }
    const uploadGrowth = await growth(async () => {
      const answer = await sent(server, { method: "PUT", pieces: pieces(), headers: { "content-length": String(size) } });
      answer.resume();
      assert.equal(answer.statusCode, 200);
    });
    const { ETag, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
    const md5 = sentHash.digest("hex");
    assert.deepEqual([ETag, ContentLength], [`"${md5}"`, size]);

    const receivedHash = createHash("md5");
    const downloadGrowth = await growth(async () => {
      for await (const bytes of await sent(server, { method: "GET" })) {
        receivedHash.update(bytes as Buffer);
        // A slow reader: the server must not read ahead of it.
        if (Math.random() < 0.01) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    });
    assert.equal(receivedHash.digest("hex"), md5);
    assert.ok(uploadGrowth < 120, `the upload took ${uploadGrowth.toFixed(0)} MiB more`);
    assert.ok(downloadGrowth < 120, `the download took ${downloadGrowth.toFixed(0)} MiB more`);
  }),
);

test("an upload that breaks off leaves the old object and no bytes", { timeout: 60_000 }, () =>
  onDisk(async (server, s3, data) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "old" }));
    const { hostname, port } = new URL(server.endpoint);
    const outgoing = request({
      hostname,
      port,
      method: "PUT",
      path: `/${Bucket}/k`,
      headers: { "content-length": String(10 * MIB) },
      agent: false,
    });
    outgoing.on("error", () => {});
    outgoing.write(Buffer.alloc(2 * MIB));
    while ((await blobsIn(data)).every((name) => !name.startsWith("unfinished"))) await new Promise((resolve) => setTimeout(resolve, 10));
    outgoing.destroy();
    while ((await blobsIn(data)).some((name) => name.startsWith("unfinished"))) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key: "k" }))).Body?.transformToString(), "old");
    assert.equal((await blobsIn(data)).length, 1);
  }),
);

test("a write that is refused at the end leaves no bytes", { timeout: 60_000 }, () =>
  onDisk(async (_server, s3, data) => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "old" }));
    await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "new", IfNoneMatch: "*" })), /pre-conditions/);
    await assert.rejects(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "new", ChecksumCRC32: "AAAAAA==" })), /CRC32/);
    assert.equal((await blobsIn(data)).length, 1);
  }),
);

test("no key becomes a path: whatever it says, files lie in the blobs' directories under ids", { timeout: 120_000 }, () =>
  onDisk(async (_server, s3, data) => {
    const part = fc.constantFrom("..", ".", "", "a", "\\", "\0", "etc", "passwd", "C:", "é", "e\u0301", "~", "%2e%2e", "con", " ");
    const key = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join("/")),
      fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
      fc.constant("x".repeat(1024)),
    );
    const stored = new Map<string, string>();
    const property = fc.asyncProperty(key, async (Key) => {
      if (Key === "" || Key.replaceAll("/", "") === "" || !Key.isWellFormed()) return; // The SDK itself does not send these.
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}` }));
      stored.set(Key, `body of ${Key}`);
    });
    await fc.assert(property, { numRuns: 80 });
    for (const [Key, body] of stored) {
      assert.equal(await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString(), body);
    }
    for (const name of await blobsIn(data)) assert.match(name, /^([0-9a-f]{2})\/\1[0-9a-f]{30}\.blocks$/);
    assert.deepEqual(
      (await readdir(data)).filter((name) => !/^(ballast|blobs|millrace\.db(-wal|-shm)?|owner\.(lock|pid))$/.test(name)),
      [],
    );
  }),
);
