import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { together, type Scene } from "./scene.ts";

/** More than sockets and buffers on both sides take while nobody reads. */
const BYTES = 8_000_000;
const FILMS = 6;
/** So many at once that some overtake others on their way to the engine. */
const DELETES = 400;

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
    "what one thread reads goes on to its end while others replace and delete it, and then its bytes are removed",
    together(4, async (scene) => {
      const { ask, server, clock } = scene;
      await ask("PUT", "/photos");
      const old = Buffer.alloc(BYTES, "old ");
      const films = Array.from({ length: FILMS }, (_, index) => `/photos/film${index}`);
      for (const film of films) await ask("PUT", film, { body: old });
      // One reader of each: it is the only one who keeps its bytes.
      const readers = await Promise.all(films.map((film) => begun(server.endpoint, film)));
      for (const film of films) assert.equal((await ask("PUT", film, { body: "new" })).status, 200);
      for (const film of films) assert.equal((await ask("GET", film)).body.toString(), "new");
      for (const film of films) assert.equal((await ask("DELETE", film)).status, 204);
      // Upkeep comes and goes; what the readers hold it may not touch.
      while (blobs(scene) > FILMS) {
        clock.advance(5000);
        await turn();
      }
      for (let round = 0; round < 5; round += 1) {
        clock.advance(5000);
        await ask("GET", "/photos");
      }
      assert.equal(blobs(scene), FILMS, "what is being read is kept");
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
        "<Event>s3:ObjectRemoved:*</Event></QueueConfiguration></NotificationConfiguration>";
      assert.equal((await ask("PUT", "/photos?notification", { body: configuration })).status, 200);
      const deletes = Array.from({ length: DELETES }, () => ask("DELETE", "/photos/key"));
      for (const { status, body } of await Promise.all(deletes)) assert.equal(status, 204, body.toString());
      // Messages are received in the order in which they were committed.
      const sequencers: string[] = [];
      for (;;) {
        const { Messages = [] } = (await sqs("ReceiveMessage", { QueueUrl: "/000000000000/told", MaxNumberOfMessages: 10 })) as {
          Messages?: { Body: string }[];
        };
        if (Messages.length === 0) break;
        for (const { Body } of Messages) {
          const { Records = [] } = JSON.parse(Body) as { Records?: { s3: { object: { sequencer: string } } }[] };
          sequencers.push(...Records.map(({ s3 }) => s3.object.sequencer));
        }
      }
      assert.equal(sequencers.length, DELETES);
      assert.deepEqual(sequencers, sequencers.toSorted());
    }),
  );
});
