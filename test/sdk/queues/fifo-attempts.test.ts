import assert from "node:assert/strict";
import { covers } from "../../contract/covers.ts";
import type { Message } from "./harness.ts";
import { onFifoQueue, type FifoScene } from "./fifo.ts";

/** Receives by an attempt's id: what was given, as the caller sees it. */
async function attempt({ receive, QueueUrl }: FifoScene, id = "attempt", options: object = {}): Promise<Message[]> {
  return receive(QueueUrl, { ReceiveRequestAttemptId: id, MaxNumberOfMessages: 2, ...options });
}

onFifoQueue("a receive asked again by its id is given the same messages and handles, hidden anew", async (scene) => {
  covers("sqs/6-attempt-replay");
  const { clock, sent, received } = scene;
  await sent("g1-m1", "g1-m2", "g1-m3", "g2-m1");
  const first = await attempt(scene);
  clock.advance(20_000);
  assert.deepEqual(await attempt(scene), first);
  clock.advance(20_000);
  assert.equal(await received({ VisibilityTimeout: 1 }), "g2-m1", "hidden until 50 s");
  assert.deepEqual(await attempt(scene, "attempt", { VisibilityTimeout: 100 }), first);
  clock.advance(99_999);
  assert.equal(await received(), "g2-m1");
  clock.advance(1);
  assert.equal(await received(), "g1-m1 g1-m2 g1-m3");
});

onFifoQueue("another id is another receive", async (scene) => {
  await scene.sent("g1-m1", "g2-m1");
  const bodies = async (id: string) => (await attempt(scene, id, { MaxNumberOfMessages: 1 })).map(({ Body }) => Body);
  assert.deepEqual([await bodies("a"), await bodies("b"), await bodies("a")], [["g1-m1"], ["g2-m1"], ["g1-m1"]]);
});

const changes: readonly [what: string, change: (scene: FifoScene, messages: Message[]) => Promise<void>, then: string[]][] = [
  [
    "one of the messages was deleted",
    async ({ call, QueueUrl }, [, second]) => void (await call("DeleteMessage", { QueueUrl, ReceiptHandle: second?.ReceiptHandle })),
    ["g2-m1"],
  ],
  [
    "the visibility of one was changed",
    async ({ call, QueueUrl }, [first]) =>
      void (await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 })),
    ["g2-m1", "g1-m1"],
  ],
  ["they are visible again", async ({ clock }) => clock.advance(30_000), ["g2-m1", "g1-m1"]],
  ["they were purged", async ({ call, QueueUrl }) => void (await call("PurgeQueue", { QueueUrl })), []],
];

for (const [what, change, then] of changes) {
  onFifoQueue(`there is no repetition once ${what}`, async (scene) => {
    covers("sqs/6-attempt-changed", "sqs/11-attempt-changed");
    await scene.sent("g1-m1", "g1-m2", "g2-m1");
    const first = await attempt(scene);
    assert.equal(first.length, 2);
    await change(scene, first);
    const next = await attempt(scene);
    assert.deepEqual(
      next.map(({ Body }) => Body),
      then,
    );
  });
}

onFifoQueue("an id is good for five minutes from the first receive", async (scene) => {
  const { clock, sent } = scene;
  await sent("g1-m1", "g2-m1");
  const long = { MaxNumberOfMessages: 1, VisibilityTimeout: 1000 };
  const first = await attempt(scene, "attempt", long);
  clock.advance(299_999);
  assert.deepEqual(await attempt(scene, "attempt", long), first);
  clock.advance(1);
  assert.deepEqual(
    (await attempt(scene, "attempt", long)).map(({ Body }) => Body),
    ["g2-m1"],
  );
});

onFifoQueue("an id has 1 to 128 letters, digits and punctuation characters", async ({ call, refusal, QueueUrl }) => {
  covers("sqs/6-attempt-id-form");
  for (const id of ["a", "!~", "x".repeat(128)]) await call("ReceiveMessage", { QueueUrl, ReceiveRequestAttemptId: id });
  for (const id of ["a b", "ä", "x".repeat(129)]) {
    assert.deepEqual(await refusal("ReceiveMessage", { QueueUrl, ReceiveRequestAttemptId: id }), {
      code: "InvalidParameterValue",
      status: 400,
      message: `Value ${id} for parameter ReceiveRequestAttemptId is invalid. Reason: ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    });
  }
});
