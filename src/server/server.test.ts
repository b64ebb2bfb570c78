import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { manualClock, type ManualClock } from "../kernel/clock.ts";
import { silentLogger } from "../kernel/logger.ts";
import { configWith, type ServerConfig } from "./config.ts";
import { startServer, type Server } from "./server.ts";

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const JSON_TYPE = "application/x-amz-json-1.0";

interface Running {
  readonly server: Server;
  readonly clock: ManualClock;
  /** One action of SQS by JSON. */
  readonly sqs: (action: string, input: unknown, headers?: Record<string, string>) => Promise<Response>;
}

const running = (changes: Partial<ServerConfig>, body: (running: Running) => Promise<void>) => async () => {
  const clock = manualClock();
  const server = await startServer(configWith({ port: 0, memory: true, ...changes }), { clock, logger: silentLogger });
  const sqs = (action: string, input: unknown, headers: Record<string, string> = {}) =>
    fetch(server.endpoint, {
      method: "POST",
      headers: { "content-type": JSON_TYPE, "x-amz-target": `AmazonSQS.${action}`, ...headers },
      body: JSON.stringify(input),
    });
  try {
    await body({ server, clock, sqs });
  } finally {
    await server.stop();
  }
};

async function open(server: Server): Promise<Socket> {
  const { port } = new URL(server.endpoint);
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

async function firstBytes(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString();
}

describe("the server", () => {
  test(
    "hands out queue URLs under the name by which it was asked",
    running({}, async ({ server, sqs }) => {
      const asked = (await (await sqs("CreateQueue", { QueueName: "q" })).json()) as { QueueUrl: string };
      assert.equal(asked.QueueUrl, `${server.endpoint}/000000000000/q`);
    }),
  );

  test(
    "hands them out under the public URL where one is configured",
    running({ publicUrl: "https://queue.example.com" }, async ({ sqs }) => {
      const asked = (await (await sqs("CreateQueue", { QueueName: "q" })).json()) as { QueueUrl: string };
      assert.equal(asked.QueueUrl, "https://queue.example.com/000000000000/q");
    }),
  );

  test(
    "names the unknown action in the caller's protocol",
    running({}, async ({ server, sqs }) => {
      const json = await sqs("MakeCoffee", {});
      assert.equal(json.status, 400);
      assert.match(await json.text(), /UnknownOperationException|InvalidAction/);
      const query = await fetch(server.endpoint, { method: "POST", body: new URLSearchParams({ Action: "MakeCoffee" }) });
      assert.match(await query.text(), /<Code>InvalidAction<\/Code>/);
    }),
  );

  test(
    "answers a GET of a queue's own URL without an action as AWS does",
    running({}, async ({ server }) => {
      for (const query of ["", "?", "?Version=2012-11-05", "?QueueUrl=q&MessageBody=m", "?versionId=1"]) {
        const response = await fetch(`${server.endpoint}/000000000000/q${query}`, { headers: { accept: "application/json" } });
        assert.equal(response.status, 404, query);
        assert.equal(await response.text(), "<UnknownOperationException/>", query);
      }
    }),
  );

  test(
    "takes a GET of such a path for one of S3 where it is signed for that",
    running({}, async ({ server }) => {
      const path = `${server.endpoint}/000000000000/q`;
      const scope = "AKTEST/20260101/us-east-1/s3/aws4_request";
      const signed: [query: string, headers: Record<string, string>][] = [
        ["", { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` }],
        ["", { authorization: "AWS AKTEST:c2lnbmF0dXJl" }],
        [`?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(scope)}&X-Amz-Signature=0`, {}],
        ["?AWSAccessKeyId=AKTEST&Expires=1&Signature=c2lnbmF0dXJl", {}],
      ];
      for (const [query, headers] of signed)
        assert.match(await (await fetch(path + query, { headers })).text(), /<HostId>/, `${query} ${headers["authorization"]}`);
    }),
  );

  test(
    "refuses a body over the limit before it has read it",
    running({}, async ({ server }) => {
      const socket = await open(server);
      socket.write(
        `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: 99999999\r\n\r\n{`,
      );
      assert.match(await firstBytes(socket), /^HTTP\/1\.1 413 /);
      await once(socket, "close");
    }),
  );

  test(
    "a web page from elsewhere drives nothing",
    running({}, async ({ server, sqs }) => {
      await sqs("CreateQueue", { QueueName: "q" });
      const foreign = await sqs("PurgeQueue", { QueueUrl: `${server.endpoint}/000000000000/q` }, { origin: "https://evil.example" });
      assert.equal(foreign.status, 403);
      const form = new URLSearchParams({ Action: "DeleteQueue", QueueUrl: `${server.endpoint}/000000000000/q` });
      const simple = await fetch(server.endpoint, { method: "POST", body: form, headers: { "sec-fetch-site": "cross-site" } });
      assert.equal(simple.status, 403);
      const upload = await fetch(`${server.endpoint}/bucket?delete`, {
        method: "POST",
        body: "<Delete/>",
        headers: { origin: "https://evil.example" },
      });
      assert.equal(upload.status, 403);
    }),
  );

  test(
    "a name that somebody points at this machine is not answered to",
    running({}, async ({ server }) => {
      const socket = await open(server);
      socket.write("GET /_millrace/health HTTP/1.1\r\nHost: evil.example\r\n\r\n");
      assert.match(await firstBytes(socket), /^HTTP\/1\.1 403 /);
      socket.destroy();
    }),
  );

  test(
    "a waiting receive whose caller hangs up takes no message with it",
    running({}, async ({ server, sqs }) => {
      await sqs("CreateQueue", { QueueName: "q" });
      const QueueUrl = `${server.endpoint}/000000000000/q`;
      const socket = await open(server);
      const body = JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 });
      socket.write(
        `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      await sqs("GetQueueAttributes", { QueueUrl });
      socket.destroy();
      await once(socket, "close");
      await sqs("GetQueueAttributes", { QueueUrl });
      await sqs("SendMessage", { QueueUrl, MessageBody: "m1" });
      const received = (await (await sqs("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 5 })).json()) as { Messages?: { Body: string }[] };
      assert.deepEqual(
        received.Messages?.map(({ Body }) => Body),
        ["m1"],
      );
    }),
  );

  test(
    "stopping ends long polls with an empty answer",
    running({}, async ({ server, sqs }) => {
      await sqs("CreateQueue", { QueueName: "q" });
      const QueueUrl = `${server.endpoint}/000000000000/q`;
      const waiting = sqs("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 });
      await sqs("GetQueueAttributes", { QueueUrl });
      await server.stop();
      assert.deepEqual(await (await waiting).json(), {});
    }),
  );

  test(
    "tells its health and its metrics",
    running({}, async ({ server, sqs }) => {
      await sqs("ListQueues", {});
      const health = (await (await fetch(`${server.endpoint}/_millrace/health`)).json()) as Record<string, unknown>;
      assert.deepEqual([health["status"], health["durability"], health["authentication"]], ["ok", "memory", "dev"]);
      assert.match(
        await (await fetch(`${server.endpoint}/metrics`)).text(),
        /millrace_request_seconds_count\{service="queues",action="ListQueues",status="200"\} 1/,
      );
      assert.match(await (await fetch(`${server.endpoint}/_localstack/health`)).text(), /"sqs":"running"/);
    }),
  );

  test("with credentials configured a signature for one service is good for no other", async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-keys-"));
    const credentials = join(directory, "keys.json");
    const key = { accessKeyId: "AKTEST", secretAccessKey: "0123456789abcdef" };
    writeFileSync(credentials, JSON.stringify([{ ...key, accountId: "111122223333" }]));
    await running({ credentials }, async ({ server, clock }) => {
      const signed = async (service: string, request: { method: string; path: string; headers: Record<string, string>; body: string }) => {
        const { hostname, port } = new URL(server.endpoint);
        const signer = new SignatureV4({ credentials: key, region: "us-east-1", service, sha256: Sha256, uriEscapePath: service !== "s3" });
        const unsigned = {
          ...request,
          hostname,
          port: Number(port),
          protocol: "http:",
          headers: { ...request.headers, host: `${hostname}:${port}` },
        };
        const { headers } = await signer.sign(unsigned, { signingDate: new Date(clock.nowMs()) });
        return (await fetch(server.endpoint + request.path, { method: request.method, headers, body: request.body || null })).status;
      };
      const list = {
        method: "POST",
        path: "/",
        headers: { "content-type": JSON_TYPE, "x-amz-target": "AmazonSQS.ListQueues" },
        body: "{}",
      };
      assert.deepEqual([await signed("sqs", list), await signed("sns", list)], [200, 400]);
      const buckets = { method: "GET", path: "/", headers: { "x-amz-content-sha256": EMPTY_SHA256 }, body: "" };
      assert.deepEqual([await signed("s3", buckets), await signed("sqs", buckets)], [200, 400]);
    })();
    rmSync(directory, { recursive: true });
  });

  test("with credentials configured nothing unsigned is answered but health", async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-keys-"));
    const credentials = join(directory, "keys.json");
    writeFileSync(credentials, JSON.stringify([{ accessKeyId: "AKTEST", secretAccessKey: "0123456789abcdef", accountId: "111122223333" }]));
    await running({ credentials }, async ({ server, sqs }) => {
      assert.equal((await sqs("ListQueues", {})).status, 403);
      assert.equal((await fetch(`${server.endpoint}/bucket/key`)).status, 403);
      assert.equal((await fetch(`${server.endpoint}/_millrace/health`)).status, 200);
    })();
    rmSync(directory, { recursive: true });
  });
});
