import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { together, type Scene } from "./scene.ts";

const TopicArn = "arn:aws:sns:us-east-1:000000000000:news";

/** One action of SNS, over a connection of its own. */
async function sns({ ask }: Scene, parameters: Record<string, string>): Promise<void> {
  const body = new URLSearchParams({ Version: "2010-03-31", ...parameters }).toString();
  const { status, body: answer } = await ask("POST", "/", { headers: { "content-type": "application/x-www-form-urlencoded" }, body });
  assert.equal(status, 200, answer.toString());
}

/** An endpoint that says yes, and the texts that it was sent. */
async function subscriber(t: TestContext): Promise<{ url: string; taken: string[]; confirmed: () => boolean }> {
  const taken: string[] = [];
  let confirmed = false;
  const server = createServer((request, response) => {
    void request.toArray().then(async (chunks: Buffer[]) => {
      const text = Buffer.concat(chunks).toString();
      response.end();
      if (request.headers["x-amz-sns-message-type"] === "Notification") taken.push(text);
      else confirmed = (await fetch((JSON.parse(text) as { SubscribeURL: string }).SubscribeURL)).status === 200;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, taken, confirmed: () => confirmed };
}

describe("topics published to through several threads", { timeout: 120_000 }, () => {
  test("what any thread was told to publish is posted to HTTP endpoints at once, though no time passes", async (t) => {
    const { url, taken, confirmed } = await subscriber(t);
    const run = together(
      2,
      async (scene) => {
        await sns(scene, { Action: "CreateTopic", Name: "news" });
        const raw = { "Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true" };
        await sns(scene, { Action: "Subscribe", TopicArn, Protocol: "http", Endpoint: url, ...raw });
        while (!confirmed()) await turn();
        // One after another, so that none is found because of the next one; the last comes to the second thread sooner or later.
        for (let number = 0; number < 24; number += 1) {
          await sns(scene, { Action: "Publish", TopicArn, Message: `m${number}` });
          while (taken.length <= number) await turn();
        }
        assert.deepEqual(
          taken,
          Array.from({ length: 24 }, (_, number) => `m${number}`),
        );
      },
      { deliverTo: ["127.0.0.1"] },
    );
    await run();
  });
});
