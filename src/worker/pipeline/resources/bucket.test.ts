import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { bucketTags, createBucket } from "./bucket.ts";

const TAGS = { "millrace:pipeline": "photos" };
const LIMIT = { timeout: 60_000 };

/** A store of one bucket, and a client of it. */
async function store(about: { readonly takesTags: "with the bucket" | "never read" | "refused"; readonly diesAfterCreate?: boolean }) {
  const asked: string[] = [];
  let tags: string | undefined;
  let isDead = false;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const what = `${request.method} ${(request.url ?? "").includes("tagging") ? "tags" : "bucket"}${body.includes("<Tag>") ? " with tags" : ""}`;
    asked.push(what);
    const set = /<Tag>.*<\/Tag>/s.exec(body)?.[0];
    if (what === "PUT bucket with tags" && about.takesTags === "refused") {
      response.writeHead(400).end("<Error><Code>MalformedXML</Code><Message>no</Message></Error>");
    } else if (request.method === "GET") {
      if (tags === undefined) response.writeHead(404).end("<Error><Code>NoSuchTagSet</Code><Message>none</Message></Error>");
      else response.end(`<Tagging><TagSet>${tags}</TagSet></Tagging>`);
    } else {
      if (set !== undefined && !(what.startsWith("PUT bucket") && about.takesTags === "never read")) tags = set;
      response.end();
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const s3 = new S3Client({ endpoint: `http://127.0.0.1:${port}`, region: "eu-west-1", credentials, forcePathStyle: true, maxAttempts: 1 });
  s3.middlewareStack.add((next) => async (args) => {
    if (isDead) throw new Error("died");
    isDead = about.diesAfterCreate ?? false;
    return await next(args);
  });
  const close = async () => {
    s3.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { s3, asked, revive: () => (isDead = false), [Symbol.asyncDispose]: close };
}

test("a bucket has its tags from the request that creates it: whoever dies right after has made it", LIMIT, async () => {
  await using there = await store({ takesTags: "with the bucket", diesAfterCreate: true });
  await assert.rejects(createBucket(there.s3, "photos-objects", TAGS), /died/);
  there.revive();
  assert.deepEqual(await bucketTags(there.s3, "photos-objects"), TAGS);
  assert.deepEqual(there.asked, ["PUT bucket with tags", "GET tags"]);
});

test("a store that takes no tags with a bucket gets them after it", LIMIT, async () => {
  for (const takesTags of ["never read", "refused"] as const) {
    await using there = await store({ takesTags });
    await createBucket(there.s3, "photos-objects", TAGS);
    assert.deepEqual(await bucketTags(there.s3, "photos-objects"), TAGS);
    assert.equal(there.asked.at(-2), "PUT tags with tags");
  }
});
