import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { manualClock } from "../kernel/clock.ts";
import { silentLogger } from "../kernel/logger.ts";
import { KIB } from "../kernel/units.ts";
import { configWith } from "./config.ts";
import { startServer, type Server } from "./server.ts";

/** A data directory, and a server on it for as long as `run` takes. */
async function inDirectory(body: (data: string, served: <T>(run: (server: Server) => Promise<T>) => Promise<T>) => Promise<void>) {
  const data = mkdtempSync(join(tmpdir(), "millrace-damage-"));
  try {
    await body(data, async (run) => {
      const server = await startServer(configWith({ port: 0, data }), { clock: manualClock(), logger: silentLogger });
      try {
        return await run(server);
      } finally {
        await server.stop();
      }
    });
  } finally {
    rmSync(data, { recursive: true });
  }
}

async function sqs({ endpoint }: Server, action: string, input: object): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
  const answer = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  return JSON.parse((await answer.text()) || "{}") as Record<string, unknown>;
}

const queueUrl = ({ endpoint }: Server) => `${endpoint}/000000000000/jobs`;
const health = async ({ endpoint }: Server) => (await (await fetch(`${endpoint}/_millrace/health`)).json()) as Record<string, unknown>;
const metrics = async ({ endpoint }: Server) => (await fetch(`${endpoint}/metrics`)).text();

test("a damaged message is not received; health, metrics and its page tell of it", () =>
  inDirectory(async (data, served) => {
    await served(async (server) => {
      await sqs(server, "CreateQueue", { QueueName: "jobs" });
      for (const MessageBody of ["one", "two"]) await sqs(server, "SendMessage", { QueueUrl: queueUrl(server), MessageBody });
      assert.deepEqual([(await health(server))["status"], (await health(server))["quarantinedMessages"]], ["ok", 0]);
    });
    const database = new DatabaseSync(join(data, "millrace.db"));
    database.exec("UPDATE body SET body = 'onf' WHERE body = 'one'");
    database.close();
    await served(async (server) => {
      const { Messages } = await sqs(server, "ReceiveMessage", { QueueUrl: queueUrl(server), MaxNumberOfMessages: 10 });
      assert.deepEqual(
        (Messages as { Body: string }[]).map(({ Body }) => Body),
        ["two"],
      );
      const { status, problems, quarantinedMessages } = await health(server);
      assert.deepEqual([status, quarantinedMessages], ["degraded", 1]);
      assert.match(String(problems), /^1 damaged message is kept from delivery/);
      assert.match(await metrics(server), /^millrace_quarantined_messages 1\nmillrace_|^millrace_quarantined_messages 1$/m);
      assert.match(await metrics(server), /^millrace_quarantined_messages_total 1$/m);
      const page = await fetch(`${server.endpoint}/_millrace/queues/000000000000/jobs/quarantine`);
      const { messages, more } = (await page.json()) as { messages: { damage: string; receiveCount: number }[]; more: boolean };
      assert.deepEqual([messages.map(({ damage, receiveCount }) => [damage, receiveCount]), more], [[["checksum", 0]], false]);
      const peek = await fetch(`${server.endpoint}/_millrace/queues/000000000000/jobs/messages`);
      assert.equal(((await peek.json()) as { quarantined: number }).quarantined, 1);
    });
  }));

/** Flips a bit in the only blob of a directory. */
function flipBlob(data: string, at: number): void {
  const blobs = join(data, "blobs");
  const [file] = readdirSync(blobs, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".blocks"));
  assert.ok(file !== undefined);
  const bytes = readFileSync(join(blobs, file));
  bytes[at] = (bytes[at] as number) ^ 4; // The file is longer.
  writeFileSync(join(blobs, file), bytes);
}

test("damaged bytes of an object are answered as an error where they come first, and cut off where they come later", () =>
  inDirectory(async (data, served) => {
    const object = Buffer.alloc(600 * KIB, "0123456789");
    const url = ({ endpoint }: Server) => `${endpoint}/photos/one`;
    await served(async (server) => {
      await fetch(`${server.endpoint}/photos`, { method: "PUT" });
      assert.equal((await fetch(url(server), { method: "PUT", body: object })).status, 200);
    });
    flipBlob(data, 300 * KIB);
    await served(async (server) => {
      await assert.rejects(async () => (await fetch(url(server))).arrayBuffer(), /terminated/);
      const first = await fetch(url(server), { headers: { range: "bytes=0-99999" } });
      assert.deepEqual([first.status, Buffer.from(await first.arrayBuffer())], [206, object.subarray(0, 100_000)]);
      const damaged = await fetch(url(server), { headers: { range: "bytes=262144-262145" } });
      assert.equal(damaged.status, 500);
      assert.match(await damaged.text(), /<Code>InternalError<\/Code><Message>The stored bytes of this object are damaged/);
      assert.equal((await fetch(url(server), { method: "HEAD" })).status, 200);
      assert.match(await metrics(server), /^millrace_damaged_object_reads_total 2$/m);
      assert.equal((await health(server))["status"], "degraded");
    });
  }));
