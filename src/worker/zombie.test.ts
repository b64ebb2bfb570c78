import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startServer } from "../index.ts";
import { silentLogger } from "../kernel/logger.ts";
import { consume } from "./consume.ts";
import { ID_ATTRIBUTE } from "./rules/outgoing.ts";
import { held } from "./scripted-sqs.suite.ts";

/** A process that tells lines, each awaited in turn. */
function worker(moment: string, endpoint: string): { line: () => Promise<string>; resume: () => void; kill: () => Promise<void> } {
  const child = spawn(process.execPath, ["--conditions=millrace-source", join(import.meta.dirname, "zombie.fixture.ts"), moment], {
    env: { ...process.env, AWS_ENDPOINT_URL: endpoint, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  after(() => child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    line: async () => String((await lines.next()).value),
    resume: () => void child.kill("SIGCONT"),
    kill: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

describe("a worker that was stopped for longer than its lease, and goes on", { timeout: 60_000 }, () => {
  for (const { moment, outputs } of [
    { moment: "handler", outputs: ["the newer one"] },
    // Its outputs went out while the message was its own; the newer run's are the same ones, by their id.
    { moment: "published", outputs: ["the newer one", "the one that was stopped"] },
  ])
    test(`neither deletes the newer run's message nor adds to its result (stopped: ${moment})`, async () => {
      await using server = await startServer({ port: 0, memory: true });
      const client = new SQSClient(server.clientConfig());
      for (const QueueName of ["jobs", "done"]) await client.send(new CreateQueueCommand({ QueueName }));
      await client.send(new SendMessageCommand({ QueueUrl: "jobs", MessageBody: "1" }));

      const stopped = worker(moment, server.endpoint);
      assert.equal(await stopped.line(), "stopping");
      const [begun, gate] = [held(), held()];
      const newer = consume("jobs", {
        client,
        lease: "30s",
        outputs: { done: "done" },
        logger: silentLogger,
        signals: false,
        run: async (_, ctx) => {
          begun.done();
          await gate.promise;
          ctx.emit("done", { by: "the newer one" });
        },
      });
      await begun.promise;
      stopped.resume();
      assert.equal(await stopped.line(), "lease-lost");
      const asked = new GetQueueAttributesCommand({ QueueUrl: "jobs", AttributeNames: ["ApproximateNumberOfMessagesNotVisible"] });
      assert.deepEqual((await client.send(asked)).Attributes, { ApproximateNumberOfMessagesNotVisible: "1" });

      const succeeded = new Promise<void>((resolve) => newer.on("succeeded", () => resolve()));
      gate.done();
      await succeeded;
      assert.equal(newer.stats().counts["lease-lost"], 0);
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: "done", MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
      );
      const by = Messages.map(({ Body = "" }) => (JSON.parse(Body) as { by: string }).by);
      assert.deepEqual(by.toSorted(), outputs);
      assert.equal(new Set(Messages.map(({ MessageAttributes = {} }) => MessageAttributes[ID_ATTRIBUTE]?.StringValue)).size, 1);
      await newer.stop();
      await stopped.kill();
      client.destroy();
    });
});
