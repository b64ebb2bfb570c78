import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DAY_MS, MINUTE_MS } from "../../../kernel/units.ts";
import { EVERY_MESSAGE } from "../rules/message-search.ts";
import { QUEUE, Timeline, type StoreUnderTest } from "./timeline.suite.ts";

/** What a clock in doubt does not destroy, for every engine. */
export function ageingSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const withQueue = (attributes: Record<string, string>, body: (t: Timeline, subject: StoreUnderTest) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await subject.store.createQueue({ queue: QUEUE, attributes, tags: {} });
      await body(new Timeline(subject), subject);
    } finally {
      await subject.close();
    }
  };

  describe(`queue store on ${engine}: a start that finds the clock far ahead`, () => {
    test(
      "ends no retention for ten minutes: messages are shown, received, changed and deleted",
      withQueue({ MessageRetentionPeriod: "86400" }, async (t, subject) => {
        await t.send("m1", "m2", "m3");
        await subject.reopen({ afterMs: 3650 * DAY_MS });
        t.advance(9 * MINUTE_MS);
        const { messages } = await subject.store.peek({
          queue: QUEUE,
          search: EVERY_MESSAGE,
          after: undefined,
          messagesMax: 10,
          scanMax: 10,
        });
        assert.equal(messages.length, 3);
        assert.equal(await t.receive(), "m1 #1");
        assert.equal(await t.change("m1", 60_000), "changed");
        assert.deepEqual(await t.counts(), [2, 1, 0]);
        assert.equal(await t.delete("m1"), "deleted");
        await subject.store.setAttributes({ queue: QUEUE, attributes: { MessageRetentionPeriod: "3600" } });
        assert.deepEqual(await t.counts(), [2, 0, 0]);
      }),
    );

    test(
      "and then does, where nobody has set the clock right",
      withQueue({ MessageRetentionPeriod: "86400" }, async (t, subject) => {
        await t.send("m1", "m2");
        await subject.reopen({ afterMs: 3650 * DAY_MS });
        t.advance(11 * MINUTE_MS);
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );

    test(
      "a pause of a day changes nothing: what is too old goes at once",
      withQueue({ MessageRetentionPeriod: "3600" }, async (t, subject) => {
        await t.send("m1");
        await subject.reopen({ afterMs: DAY_MS });
        assert.equal(await t.receive(), "");
        assert.deepEqual(await t.counts(), [0, 0, 0]);
      }),
    );
  });
}
