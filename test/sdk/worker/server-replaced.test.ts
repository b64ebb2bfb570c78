import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Logger } from "../../../src/kernel/logger.ts";
import { consume } from "../../../src/worker/index.ts";
import { told } from "./harness.ts";

const MESSAGES = 60;

/** A durable server in a process of its own, which is killed and started again on the same port and data. */
class Server {
  endpoint = "";
  readonly #data: string;
  #child: ChildProcess | undefined;

  constructor(data: string) {
    this.#data = data;
  }

  async start(): Promise<void> {
    const port = this.endpoint === "" ? "0" : new URL(this.endpoint).port;
    const cli = join(import.meta.dirname, "../../../src/cli/main.ts");
    this.#child = spawn(process.execPath, [cli, "serve", "--json", "--port", port, "--data", this.#data], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.ok(this.#child.stdout !== null);
    for await (const line of createInterface(this.#child.stdout)) {
      if (line.startsWith("{")) this.endpoint = (JSON.parse(line) as { endpoint: string }).endpoint;
      if (line === "Ready.") return;
    }
    assert.fail("the server ended before it was ready");
  }

  async kill(): Promise<void> {
    const ended = this.#child === undefined || this.#child.exitCode !== null ? undefined : once(this.#child, "exit");
    this.#child?.kill("SIGKILL");
    await ended;
  }
}

test("a server killed twice and replaced under a worker: nothing is lost, nothing is lost track of", { timeout: 120_000 }, async () => {
  const data = await mkdtemp(join(tmpdir(), "millrace-worker-"));
  const server = new Server(data);
  await server.start();
  const client = new SQSClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  try {
    const { QueueUrl: jobs = "" } = await client.send(new CreateQueueCommand({ QueueName: "jobs" }));
    const { QueueUrl: out = "" } = await client.send(new CreateQueueCommand({ QueueName: "out" }));
    for (let from = 0; from < MESSAGES; from += 10) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: JSON.stringify({ n: from + index }) }));
      await client.send(new SendMessageBatchCommand({ QueueUrl: jobs, Entries }));
    }

    const lines: string[] = [];
    const logger: Logger = {
      debug: () => {},
      info: (event) => lines.push(event),
      warn: (event) => lines.push(event),
      error: (event) => lines.push(event),
    };
    const runs = new Map<number, number>();
    const worker = consume<unknown, "out">(jobs, {
      client,
      logger,
      signals: false,
      lease: "10s",
      concurrency: 4,
      outputs: { out },
      run: async (message, ctx) => {
        const { n } = message as { n: number };
        runs.set(n, (runs.get(n) ?? 0) + 1);
        ctx.emit("out", { n });
        await new Promise((resolve) => setTimeout(resolve, 20 + (n % 5) * 10));
      },
    });
    for (let kills = 0; kills < 2; kills += 1) {
      await told(worker, "succeeded", 12);
      await server.kill();
      // While it is away, running handlers end and their publishes and deletes find nobody.
      await new Promise((resolve) => setTimeout(resolve, 700));
      await server.start();
    }
    while (runs.size < MESSAGES || worker.stats().running.length + worker.stats().settling > 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await worker.idle();
    assert.deepEqual(await worker.stop(), { released: 0 });

    const outputs = new Map<string, number>();
    for (;;) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: out, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) break;
      for (const { Body = "" } of Messages) outputs.set(Body, (outputs.get(Body) ?? 0) + 1);
    }
    assert.equal(outputs.size, MESSAGES);
    const again = [...runs.values()].filter((count) => count > 1).length;
    assert.equal(again, 0, `${again} messages ran twice: their publish and delete should have found the new server within the lease`);
    assert.equal(worker.stats().counts["lease-lost"], 0);
    assert.equal(
      lines.filter((event) => event === "server unreachable").length,
      lines.filter((event) => event === "server reachable again").length,
    );
    assert.ok(lines.filter((event) => event === "server unreachable").length <= 2, "one line for each change");
  } finally {
    client.destroy();
    await server.kill();
    await rm(data, { recursive: true, force: true });
  }
});
