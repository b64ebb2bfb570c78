import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { together, type Scene } from "./scene.ts";

/** More than sockets and buffers on both sides take while nobody reads. */
const BYTES = 24_000_000;

function blobs({ directory }: Scene): number {
  return readdirSync(join(directory, "data", "blobs"), { recursive: true }).filter((path) => String(path).endsWith(".blocks")).length;
}

/** A reader that has the head of the answer and takes no more of it for now. */
async function begun(endpoint: string, path: string): Promise<IncomingMessage> {
  const { hostname, port } = new URL(endpoint);
  const sent = request({ hostname, port, path, agent: new Agent() });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  answer.pause();
  return answer;
}

describe("objects asked through 4 threads", { timeout: 120_000 }, () => {
  test(
    "an object that one thread reads goes on to its end while others replace and delete it, and then its bytes are removed",
    together(4, async (scene) => {
      const { ask, server, clock } = scene;
      await ask("PUT", "/photos");
      const old = Buffer.alloc(BYTES, "old ");
      await ask("PUT", "/photos/film", { body: old });
      const readers = await Promise.all(Array.from({ length: 8 }, () => begun(server.endpoint, "/photos/film")));
      assert.equal((await ask("PUT", "/photos/film", { body: "new" })).status, 200);
      assert.equal((await ask("GET", "/photos/film")).body.toString(), "new");
      assert.equal((await ask("DELETE", "/photos/film")).status, 204);
      // Upkeep comes and goes; what the readers hold it may not touch.
      while (blobs(scene) > 1) {
        clock.advance(5000);
        await turn();
      }
      for (let round = 0; round < 5; round += 1) {
        clock.advance(5000);
        await ask("GET", "/photos/film");
      }
      assert.equal(blobs(scene), 1, "what is being read is kept");
      for (const reader of readers) {
        const chunks: Buffer[] = [];
        for await (const chunk of reader) chunks.push(chunk as Buffer);
        assert.ok(Buffer.concat(chunks).equals(old));
      }
      while (blobs(scene) > 0) {
        clock.advance(5000);
        await turn();
      }
    }),
  );

  test(
    "the events of a key that all threads write to are numbered in the order of its changes",
    together(4, async ({ ask, sqs }) => {
      await sqs("CreateQueue", { QueueName: "told", Attributes: { VisibilityTimeout: "600" } });
      await ask("PUT", "/photos");
      const configuration =
        "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:told</Queue>" +
        "<Event>s3:ObjectCreated:*</Event></QueueConfiguration></NotificationConfiguration>";
      assert.equal((await ask("PUT", "/photos?notification", { body: configuration })).status, 200);
      const puts = Array.from({ length: 100 }, (_, index) => ask("PUT", "/photos/key", { body: `${index}` }));
      for (const { status, body } of await Promise.all(puts)) assert.equal(status, 200, body.toString());
      const events = new Map<bigint, string>();
      for (;;) {
        const { Messages = [] } = (await sqs("ReceiveMessage", { QueueUrl: "/000000000000/told", MaxNumberOfMessages: 10 })) as {
          Messages?: { Body: string }[];
        };
        if (Messages.length === 0) break;
        for (const { Body } of Messages) {
          const { Records = [] } = JSON.parse(Body) as { Records?: { s3: { object: { sequencer: string; eTag: string } } }[] };
          for (const { s3 } of Records) events.set(BigInt(`0x${s3.object.sequencer}`), s3.object.eTag);
        }
      }
      const last = [...events].reduce((latest, event) => (event[0] > latest[0] ? event : latest));
      assert.equal(`"${last[1]}"`, (await ask("HEAD", "/photos/key")).headers["etag"], "the highest number tells of what is there");
    }),
  );
});
