import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CreateQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startServer, type RunningServer } from "../src/index.ts";
import { run, snippetsOf } from "./docs/snippets.ts";

describe("the README's snippets do what their comments say", () => {
  const snippets = snippetsOf(readFileSync(join(import.meta.dirname, "../README.md"), "utf8"));
  let server: RunningServer;
  before(async () => {
    server = await startServer({ port: 0, memory: true });
  });
  after(() => server.stop());

  for (const snippet of snippets)
    test(`${snippet.code.split("\n")[0]} … prints ${snippet.prints.join(", ")}`, async () => {
      assert.ok(snippet.prints.length > 0, "a snippet that prints nothing shows nothing");
      if (snippet.code.includes("consume(")) await sendAJob(server);
      assert.deepEqual(await run(snippet, server.endpoint), snippet.prints);
    });

  test("and a snippet that prints something else, or fails, is found", async () => {
    const [wrong] = snippetsOf("```js\nconsole.log(1 + 1); // 3\n```\n");
    assert.notDeepEqual(await run(wrong!, server.endpoint), wrong!.prints);
    await assert.rejects(run({ code: "throw new Error('no')", prints: [] }, server.endpoint), /ended with 1/);
  });
});

/** What the reader has done above the worker: a queue, and a message in it. */
async function sendAJob(server: RunningServer): Promise<void> {
  const sqs = new SQSClient(server.clientConfig());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "jobs" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"photo": "harbour.jpg"}' }));
  sqs.destroy();
}
