/** The real server behind a network that loses one of three answers after what was asked is committed. Usage: node lost-answers.ts [SEED] */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../src/kernel/random.ts";
import { proxyOf } from "../crash/faulty-proxy.ts";
import { NoAnswer } from "../crash/http-client.ts";
import { Client, holds, Subject } from "../disk/subject.ts";

const JOBS = 150;
const GROUPS = 10;
const WORKERS = 4;
const LOST = 1 / 3;

const [seed = String(process.pid)] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const data = mkdtempSync(join(tmpdir(), "millrace-misfortune-"));
const server = await Subject.start(data);
const lossy = proxyOf({
  concerns: () => random.fraction() < LOST,
  one: 1,
  answer: async (_asked, forward) => {
    await forward();
    throw new Error("the answer is lost");
  },
});
const { port, close } = await lossy.between(server.port);
const QueueUrl = `http://127.0.0.1:${server.port}/000000000000/jobs.fifo`;
const { status } = await server.client().sqs("CreateQueue", { QueueName: "jobs.fifo", Attributes: { FifoQueue: "true" } });
assert.equal(status, 200);

/** The same request until it is answered: whoever asks must not ask for something else instead. */
async function ask(client: Client, action: string, input: object): Promise<Record<string, unknown>> {
  for (;;) {
    try {
      const { status, text } = await client.sqs(action, { QueueUrl, ...input });
      assert.equal(status, 200, `seed ${seed}: ${action}: ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
    }
  }
}

const done: string[] = [];

async function work(client: Client): Promise<void> {
  while (done.length < JOBS) {
    // The attempt has a name, so that its messages are told again and not hidden from everybody.
    const attempt = { ReceiveRequestAttemptId: randomUUID(), MaxNumberOfMessages: 5, VisibilityTimeout: 60 };
    const { Messages = [] } = (await ask(client, "ReceiveMessage", attempt)) as { Messages?: { Body: string; ReceiptHandle: string }[] };
    for (const { Body, ReceiptHandle } of Messages) {
      done.push(Body);
      await ask(client, "DeleteMessage", { ReceiptHandle });
    }
  }
}

const client = new Client(port);
const working = Promise.all(Array.from({ length: WORKERS }, () => work(new Client(port))));
const ids = new Set<unknown>();
for (let number = 0; number < JOBS; number += 1) {
  const MessageGroupId = `group-${number % GROUPS}`;
  const job = { MessageBody: `${MessageGroupId} ${number}`, MessageGroupId, MessageDeduplicationId: `job-${number}` };
  ids.add((await ask(client, "SendMessage", job))["MessageId"]);
}
await working;
close();
assert.equal(ids.size, JOBS);
assert.equal(new Set(done).size, done.length, `seed ${seed}: a job was done twice`);
for (let group = 0; group < GROUPS; group += 1) {
  const numbers = done.filter((job) => job.startsWith(`group-${group} `)).map((job) => Number(job.split(" ")[1]));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
    `seed ${seed}: group ${group} was done out of order`,
  );
}
const { text } = await server.client().sqs("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
const { Attributes = {} } = JSON.parse(text) as { Attributes?: Record<string, string> };
for (const what of ["", "NotVisible", "Delayed"]) assert.equal(Attributes[`ApproximateNumberOfMessages${what}`], "0", text);
await server.kill();
rmSync(data, { recursive: true });
holds(`${JOBS} jobs of ${GROUPS} groups were sent, done once each in order and deleted, while ${lossy.treated()} answers were lost`);
