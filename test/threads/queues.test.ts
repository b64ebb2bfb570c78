import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { together, type Scene } from "./scene.ts";

const QueueUrl = "/000000000000/jobs";

interface Received {
  readonly Messages?: readonly { Body: string; ReceiptHandle: string; MessageId: string }[];
}

/** How many requests nobody has answered yet, by the page that shows it: without itself. */
async function inProgress({ ask }: Scene): Promise<number> {
  const page = (await ask("GET", "/metrics")).body.toString();
  return Number(/^millrace_requests_in_progress (\d+)$/m.exec(page)?.[1]) - 1;
}

async function some({ sqs }: Scene): Promise<NonNullable<Received["Messages"]>> {
  const { Messages = [] } = (await sqs("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 })) as Received;
  return Messages;
}

async function waiting(scene: Scene, polls: number): Promise<void> {
  while ((await inProgress(scene)) < polls) await turn();
}

describe("queues asked through several threads", { timeout: 120_000 }, () => {
  test(
    "what one thread was sent another receives, hides and deletes, and every message is handed out once",
    together(4, async ({ sqs, clock }) => {
      await sqs("CreateQueue", { QueueName: "jobs" });
      await Promise.all(Array.from({ length: 60 }, (_, index) => sqs("SendMessage", { QueueUrl, MessageBody: `m${index}` })));
      const receives = Array.from({ length: 12 }, () => sqs("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 5, VisibilityTimeout: 30 }));
      const messages = ((await Promise.all(receives)) as Received[]).flatMap(({ Messages = [] }) => Messages);
      assert.deepEqual(messages.map(({ Body }) => Body).toSorted(), Array.from({ length: 60 }, (_, index) => `m${index}`).toSorted());
      await Promise.all(messages.slice(0, 50).map(({ ReceiptHandle }) => sqs("DeleteMessage", { QueueUrl, ReceiptHandle })));
      clock.advance(30_000);
      const again: Received[] = await Promise.all(
        Array.from({ length: 4 }, () => sqs("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 })),
      );
      const left = again.flatMap(({ Messages = [] }) => Messages.map(({ Body }) => Body));
      assert.deepEqual(
        left.toSorted(),
        messages
          .slice(50)
          .map(({ Body }) => Body)
          .toSorted(),
      );
    }),
  );

  test(
    "long polls of all threads are woken by a message that any of them was sent, each message by one",
    together(2, async (scene) => {
      const { sqs } = scene;
      await sqs("CreateQueue", { QueueName: "jobs" });
      const polls = Array.from({ length: 24 }, () => sqs("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 }));
      await waiting(scene, polls.length);
      await Promise.all(polls.map((_, index) => sqs("SendMessage", { QueueUrl, MessageBody: `m${index}` })));
      const woken = ((await Promise.all(polls)) as Received[]).map(({ Messages = [] }) => Messages.map(({ Body }) => Body).join());
      assert.deepEqual(woken.toSorted(), polls.map((_, index) => `m${index}`).toSorted());
    }),
  );

  test(
    "a long poll whose caller hangs up takes no message with it, whichever thread it waited on",
    together(2, async (scene) => {
      const { sqs, ask } = scene;
      await sqs("CreateQueue", { QueueName: "jobs" });
      const gone = new AbortController();
      const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.ReceiveMessage" };
      const body = JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 });
      const polls = Array.from({ length: 12 }, () => ask("POST", "/", { headers, body, signal: gone.signal }));
      await waiting(scene, polls.length);
      gone.abort();
      await Promise.allSettled(polls);
      while ((await inProgress(scene)) > 0) await turn();
      await sqs("SendMessage", { QueueUrl, MessageBody: "m" });
      assert.equal(((await sqs("ReceiveMessage", { QueueUrl })) as Received).Messages?.[0]?.Body, "m");
    }),
  );

  test(
    "stopping ends the long polls of all threads with an empty answer",
    together(4, async (scene) => {
      const { sqs, server } = scene;
      await sqs("CreateQueue", { QueueName: "jobs" });
      const polls = Array.from({ length: 16 }, () => sqs("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 }));
      await waiting(scene, polls.length);
      await server.stop();
      assert.deepEqual(
        await Promise.all(polls),
        polls.map(() => ({})),
      );
    }),
  );

  test(
    "sends that are on their way when it stops are answered, and nothing that was acknowledged is missing",
    together(2, async (scene) => {
      const { sqs, server } = scene;
      await sqs("CreateQueue", { QueueName: "jobs" });
      const sends = Array.from({ length: 64 }, () => sqs("SendMessage", { QueueUrl, MessageBody: "m" }));
      const ended = Promise.allSettled(sends);
      await sends[0];
      await server.stop();
      const acknowledged: unknown[] = [];
      for (const outcome of await ended) {
        if (outcome.status === "fulfilled") acknowledged.push(outcome.value["MessageId"]);
        else assert.match(String(outcome.reason), /503|ECONNREFUSED|ECONNRESET|socket hang up/);
      }
      await together(
        1,
        async (after) => {
          const found = new Set<unknown>();
          for (let messages = await some(after); messages.length > 0; messages = await some(after))
            for (const { MessageId } of messages) found.add(MessageId);
          assert.deepEqual(
            acknowledged.filter((id) => !found.has(id)),
            [],
          );
        },
        { data: server.config.data },
      )();
    }),
  );

  test(
    "the metrics tell what all threads have done together, and so does health",
    together(4, async ({ sqs, ask }) => {
      for (let request = 0; request < 40; request += 1) await sqs("ListQueues", {});
      for (let look = 0; look < 8; look += 1) {
        const page = (await ask("GET", "/metrics")).body.toString();
        assert.match(page, /millrace_request_seconds_count\{service="queues",action="ListQueues",status="200"\} 40/);
        assert.match(page, /millrace_request_seconds_bucket\{service="queues",action="ListQueues",status="200",le="\+Inf"\} 40/);
        assert.equal(page.match(/# TYPE millrace_requests_in_progress gauge/g)?.length, 1);
        const health = JSON.parse((await ask("GET", "/_millrace/health")).body.toString()) as Record<string, unknown>;
        assert.equal(health["status"], "ok");
        assert.equal((await ask("HEAD", "/metrics")).body.length, 0);
      }
    }),
  );
});
