import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { manualClock } from "../kernel/clock.ts";
import { silentLogger } from "../kernel/logger.ts";
import { configWith } from "./config.ts";
import { startServer } from "./server.ts";

const SECRET = "a-secret-of-a-decent-length";
const FORM = "application/x-www-form-urlencoded";
const CREATE_QUEUE = "Action=CreateQueue&QueueName=stolen&Version=2012-11-05";
const clock = manualClock();

/** A server with one key, and what it answers as `<status> <body>`. */
async function withKeys(
  body: (
    send: (method: string, path: string, of: { headers: Record<string, string>; body?: string }) => Promise<string>,
    host: string,
  ) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "millrace-scope-"));
  const credentials = join(directory, "keys.json");
  writeFileSync(credentials, JSON.stringify([{ accessKeyId: "AKIAALICE", secretAccessKey: SECRET, accountId: "000000000000" }]));
  const server = await startServer(configWith({ port: 0, memory: true, credentials }), { clock, logger: silentLogger });
  const send = (method: string, path: string, of: { headers: Record<string, string>; body?: string }) =>
    new Promise<string>((resolve, reject) => {
      const headers = { ...of.headers, "content-length": String(of.body?.length ?? 0) };
      const outgoing = request(server.endpoint + path, { method, headers }, (response) => {
        let text = "";
        response.on("data", (piece) => (text += String(piece)));
        response.on("end", () => resolve(`${response.statusCode} ${text}`));
      });
      outgoing.on("error", reject).end(of.body);
    });
  try {
    await body(send, new URL(server.endpoint).host);
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true });
  }
}

/** The parameters of a POST presigned for S3, which leaves its body and Content-Type unsigned. */
function presignedForS3(host: string): string {
  const date = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(`AKIAALICE/${scope}`)}&X-Amz-Date=${date}&X-Amz-Expires=600&X-Amz-SignedHeaders=host&uploads=`;
  const canonical = createHash("sha256").update(`POST\n/bucket/key\n${query}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`).digest("hex");
  let key: string | Buffer = `AWS4${SECRET}`;
  for (const step of scope.split("/")) key = createHmac("sha256", key).update(step).digest();
  return `${query}&X-Amz-Signature=${createHmac("sha256", key).update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${canonical}`).digest("hex")}`;
}

test("a URL presigned for an upload to S3 cannot be turned into an action on queues", () =>
  withKeys(async (send, host) => {
    const four = presignedForS3(host);
    assert.match(await send("POST", `/bucket/key?${four}`, { headers: {} }), /^404 .*NoSuchBucket/s);
    // The same service name, escaped, is the same signature.
    for (const query of [four, four.replace("%2Fs3%2F", "%2F%733%2F")]) {
      assert.match(await send("POST", `/bucket/key?${query}`, { headers: { "content-type": FORM }, body: CREATE_QUEUE }), /^40[04] /);
    }
    const expires = String(Math.floor(clock.nowMs() / 1000) + 600);
    const signature = createHmac("sha1", SECRET).update(`POST\n\n${FORM}\n${expires}\n/bucket/key?uploads`).digest("base64");
    const two = `/bucket/key?uploads&AWSAccessKeyId=AKIAALICE&Expires=${expires}&Signature=${encodeURIComponent(signature)}`;
    assert.match(await send("POST", two, { headers: { "content-type": FORM }, body: CREATE_QUEUE }), /^400 .*correct service/s);
  }));

test("nothing comes in unsigned, whatever its method or form", () =>
  withKeys(async (send) => {
    const json = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.CreateQueue" };
    for (const method of ["POST", "OPTIONS", "GET", "PUT"]) {
      assert.match(await send(method, "/", { headers: json, body: '{"QueueName":"q"}' }), /^403 /, method);
    }
    assert.match(await send("POST", "/", { headers: { "content-type": FORM }, body: CREATE_QUEUE }), /^403 /);
    assert.match(
      await send("POST", "/bucket?delete", { headers: { "content-type": "multipart/form-data; boundary=x" }, body: "<Delete/>" }),
      /^403 /,
    );
    assert.match(await send("PUT", "/bucket", { headers: {} }), /^403 /);
    const unproven = {
      "x-amz-date": "20260101T000000Z",
      authorization: "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=0",
    };
    assert.match(await send("PUT", "/bucket/key", { headers: unproven, body: "hello" }), /^400 .*correct service/s);
  }));
