import assert from "node:assert/strict";
import { test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { IN_FLIGHT_MAX } from "../rules/limits.ts";
import type { StoreUnderTest } from "./timeline.suite.ts";
import type { NewMessage, QueueRef } from "./store.ts";

const QUEUE: QueueRef = { account: "000000000000", region: "us-east-1", name: "full" };

function message(id: string): NewMessage {
  const nothing = { attributes: null, traceHeader: null, groupId: null, delayMs: undefined };
  return { id, body: "b", bodyMd5: "92eb5ffee6ae2fec3ad71c777531578f", sizeBytes: 1, senderId: "AIDA", ...nothing };
}

/** What a queue does with as many messages in flight as it may have, for every engine. */
export function inFlightSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  test(`queue store on ${engine}: a full queue refuses a short poll, lets a long one wait, and goes on when a message is deleted`, async () => {
    covers("sqs/5.5-in-flight-short-poll", "sqs/5.5-in-flight-long-poll", "sqs/10-in-flight", "sqs/11-texts");
    const subject = await open();
    const { store, clock } = subject;
    const receive = (messagesMax: number, waitMs = 0) => store.receive({ queue: QUEUE, messagesMax, waitMs, visibilityMs: 600_000 });
    try {
      await store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
      for (let sent = 0; sent < IN_FLIGHT_MAX + 4; sent += 20_000)
        await store.send({ queue: QUEUE, messages: Array.from({ length: 20_001 }, (_, index) => message(`${sent + index}`)) });
      const [first, second, third] = await receive(3);
      assert.equal((await receive(IN_FLIGHT_MAX - 4)).length, IN_FLIGHT_MAX - 4);
      assert.equal((await receive(10)).length, 1, "one more and no other");
      await assert.rejects(receive(1), {
        code: "OverLimit",
        message: "Too many messages are in flight in this queue; at most 120000 can be.",
      });
      const waiting = receive(1, 20_000);
      await store.describeQueue({ queue: QUEUE });
      clock.advance(20_000);
      assert.deepEqual(await waiting, []);
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      await store.delete({ queue: QUEUE, receipts: [first.receipt] });
      assert.equal((await receive(10)).length, 1);
      const untilDeleted = receive(1, 20_000);
      await store.delete({ queue: QUEUE, receipts: [second.receipt] });
      assert.equal((await untilDeleted).length, 1, "a delete wakes who waits");
      const untilShown = receive(1, 20_000);
      await store.changeVisibility({ queue: QUEUE, changes: [{ receipt: third.receipt, visibilityMs: 0 }] });
      assert.deepEqual(
        (await untilShown).map(({ id }) => id),
        [third.id],
        "so does a change to 0",
      );
      const untilBack = receive(1, 600_000);
      await store.describeQueue({ queue: QUEUE });
      clock.advance(580_000);
      assert.equal((await untilBack).length, 1, "and the end of a visibility timeout");
    } finally {
      await subject.close();
    }
  });
}
