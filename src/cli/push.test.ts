import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { silentLogger } from "../kernel/logger.ts";
import { configWith } from "../server/config.ts";
import { startServer } from "../server/server.ts";
import { millrace } from "./command-line.fixture.ts";

test("millrace push posts every message, deletes those answered with 200 and brings the others back", { timeout: 60_000 }, async () => {
  const server = await startServer(configWith({ port: 0, memory: true, coolDown: false }), { logger: silentLogger });
  const call = async (action: string, input: object) => {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    const response = await fetch(server.endpoint, { method: "POST", headers, body: JSON.stringify(input) });
    assert.equal(response.status, 200);
  };
  await call("CreateQueue", { QueueName: "jobs" });
  for (const MessageBody of ["good", "bad"]) await call("SendMessage", { QueueUrl: "jobs", MessageBody });
  const queues: unknown[] = [];
  const application = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      queues.push(request.headers["x-aws-sqsd-queue"]);
      response.writeHead(body === "good" ? 200 : 500).end("not today");
    });
  });
  await once(application.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(application.address() as AddressInfo).port}/`;

  const args = ["push", "--queue", "jobs", "--url", url, "--until-idle", "--json", "--error-visibility", "1h"];
  const ended = await millrace(server.endpoint, args);
  assert.equal(ended.code, 0, ended.err);
  const events = ended.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; delayMs?: number; reason?: string });
  assert.deepEqual(events.map(({ event }) => event).toSorted(), ["received", "received", "retried", "succeeded"]);
  const retried = events.find(({ event }) => event === "retried");
  assert.equal(retried?.delayMs, 3_600_000);
  assert.match(retried?.reason ?? "", /answered 500: not today/);
  assert.deepEqual(queues, ["jobs", "jobs"]);

  const directory = mkdtempSync(join(tmpdir(), "millrace-push-"));
  writeFileSync(join(directory, "cron.yaml"), "version: 2");
  const badFile = await millrace(server.endpoint, ["push", "--queue", "jobs", "--url", url, "--cron", join(directory, "cron.yaml")]);
  assert.equal(badFile.code, 2);
  assert.match(badFile.err, /cron\.yaml: version must be 1, not 2/);
  const badUrl = await millrace(server.endpoint, ["push", "--queue", "jobs", "--url", "localhost"]);
  assert.equal(badUrl.code, 2);
  rmSync(directory, { recursive: true });
  application.close();
  await server.stop();
});
