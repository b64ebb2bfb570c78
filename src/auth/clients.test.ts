import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { ListQueuesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import fc from "fast-check";
import { systemClock } from "../kernel/clock.ts";
import type { HttpRequest } from "../wire/http.ts";
import type { Verifier } from "./auth.ts";
import { readBody } from "./body.ts";
import { ALICE, BOB, http, type Parts, partsOf, refuses } from "./signing.fixture.ts";
import { createVerifier } from "./verifier.ts";
import { covers } from "../../test/contract/covers.ts";

/** What AWS's own clients send, caught before the socket. They sign with the time of day, so these tests cannot own the clock. */
const ENDPOINT = "http://localhost:4566";
const verifier: Verifier = createVerifier({
  clock: systemClock(),
  credentials: [ALICE, BOB],
  mode: "keys",
  defaultRegion: "us-east-1",
  defaultAccount: "000000000000",
});

interface Outgoing {
  method: string;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

/** A request handler that keeps what it is given and answers with nothing. */
function catcher(): {
  requestHandler: { handle(request: unknown): Promise<never> };
  caught(): Promise<{ request: HttpRequest; parts: Parts }>;
} {
  let outgoing: Outgoing | undefined;
  return {
    requestHandler: {
      async handle(request) {
        outgoing = request as Outgoing;
        throw new Error("caught");
      },
    },
    async caught() {
      assert.ok(outgoing !== undefined, "nothing was sent");
      const body = await bytesOf(outgoing.body);
      const parts = partsOf(outgoing, body);
      // The connection adds this, as for any body whose length it knows.
      if (body.length > 0 && outgoing.headers["content-length"] === undefined) parts.headers.push(["transfer-encoding", "chunked"]);
      return { request: http(parts), parts };
    },
  };
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const pieces: Uint8Array[] = [];
  for await (const piece of body as AsyncIterable<Uint8Array>) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** The clients warn about requests that were never answered, which here is the point. */
const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
const config = { region: "eu-central-1", endpoint: ENDPOINT, credentials: ALICE, maxAttempts: 1, logger };

async function sentBy(send: (requestHandler: ReturnType<typeof catcher>["requestHandler"]) => Promise<unknown>) {
  const catching = catcher();
  await assert.rejects(send(catching.requestHandler), /caught/);
  return catching.caught();
}

const metadata = { name: "two  words" };
const s3Commands = {
  CreateBucket: () => new CreateBucketCommand({ Bucket: "bucket" }),
  PutObject: () => new PutObjectCommand({ Bucket: "bucket", Key: "a b/ü+%2F'()*!.txt", Body: "hello", Metadata: metadata }),
  "PutObject of nothing": () => new PutObjectCommand({ Bucket: "bucket", Key: "empty" }),
  "PutObject of a stream": () =>
    new PutObjectCommand({ Bucket: "bucket", Key: "k", Body: Readable.from([Buffer.from("hel"), Buffer.from("lo")]), ContentLength: 5 }),
  "UploadPart of a stream": () =>
    new UploadPartCommand({
      Bucket: "bucket",
      Key: "k",
      UploadId: "u",
      PartNumber: 1,
      Body: Readable.from([Buffer.from("hello")]),
      ContentLength: 5,
    }),
  GetObject: () =>
    new GetObjectCommand({ Bucket: "bucket", Key: "//a/../b//", Range: "bytes=0-1", ResponseContentType: "text/plain; a=b" }),
  HeadObject: () => new HeadObjectCommand({ Bucket: "bucket", Key: "k", IfNoneMatch: '"x"' }),
  ListObjectsV2: () => new ListObjectsV2Command({ Bucket: "bucket", Prefix: "a b&c=d/+", Delimiter: "/" }),
  DeleteObjects: () => new DeleteObjectsCommand({ Bucket: "bucket", Delete: { Objects: [{ Key: "a" }] } }),
  CopyObject: () => new CopyObjectCommand({ Bucket: "bucket", Key: "k", CopySource: "bucket/other%20key" }),
};

for (const [name, command] of Object.entries(s3Commands)) {
  test(`${name} as AWS's SDK sends it is verified to its last byte, and refused under another key`, async () => {
    for (const forcePathStyle of [true, false]) {
      const { request, parts } = await sentBy((requestHandler) =>
        new S3Client({ ...config, forcePathStyle, requestHandler }).send(command() as PutObjectCommand),
      );
      const verified = verifier.verify(request);
      assert.deepEqual([verified.principal.arn, verified.region, verified.signingName], [ALICE.arn, "eu-central-1", "s3"]);
      const body = await readBody(request.body, verified.payload, 100_000);
      if (name.includes("stream")) {
        assert.equal(verified.payload.kind, "chunked");
        assert.equal(body.toString(), "hello");
      }
      const forged = parts.headers.map(([header, value]): [string, string] => [header, value.replace(ALICE.accessKeyId, BOB.accessKeyId)]);
      refuses("SignatureDoesNotMatch", () => verifier.verify(http({ ...parts, headers: forged })));
    }
  });
}

test("SQS requests as AWS's SDK sends them are verified with their body", async () => {
  covers("sqs/1.3-signing-scope");
  for (const command of [
    new SendMessageCommand({ QueueUrl: `${ENDPOINT}/000000000000/q`, MessageBody: "häh" }),
    new ListQueuesCommand({}),
  ]) {
    const { request, parts } = await sentBy((requestHandler) =>
      new SQSClient({ ...config, requestHandler }).send(command as ListQueuesCommand),
    );
    const verified = verifier.verifyBody(request, verifier.verify(request), parts.body);
    assert.deepEqual([verified.principal.arn, verified.region, verified.signingName], [ALICE.arn, "eu-central-1", "sqs"]);
    refuses("SignatureDoesNotMatch", () => verifier.verifyBody(request, verifier.verify(request), Buffer.from("{ }")));
  }
});

test("every URL that AWS's SDK presigns is accepted, and no other URL like it", async () => {
  const client = new S3Client({ ...config, forcePathStyle: true });
  const key = fc.oneof(
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
    fc.constantFrom("a/../b", "./a", "a//b", "+ %2F", "é/日本"),
  );
  await fc.assert(
    fc.asyncProperty(key, fc.string({ unit: "binary-ascii", maxLength: 8 }), fc.boolean(), async (Key, value, put) => {
      const command = put
        ? new PutObjectCommand({ Bucket: "bucket", Key, Metadata: { name: value }, ACL: "public-read" })
        : new GetObjectCommand({ Bucket: "bucket", Key, ResponseContentDisposition: value });
      const url = await getSignedUrl(client, command, { expiresIn: 60 });
      const method = put ? "PUT" : "GET";
      const headers: Parts["headers"] = [
        ["host", "localhost:4566"],
        ["content-type", "anything"],
      ];
      const ask = (target: string, as: string = method) =>
        verifier.verify({ ...http({ method: as, path: "/", query: [], headers, body: Buffer.alloc(0) }), target });
      const target = url.slice(ENDPOINT.length);
      assert.equal(ask(target).principal.arn, ALICE.arn);
      refuses("SignatureDoesNotMatch", () => ask(target, put ? "GET" : "PUT"));
      refuses("SignatureDoesNotMatch", () => ask(target.replace("?", "x?")));
      refuses("SignatureDoesNotMatch", () => ask(`${target}&x-amz-meta-added=1`));
      refuses("SignatureDoesNotMatch", () => ask(target.replace("X-Amz-Expires=60", "X-Amz-Expires=61")));
    }),
    { numRuns: 200 },
  );
});
