import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RottingStore } from "./quarantine.suite.ts";
import { QUEUE, queueNamed, Timeline } from "./timeline.suite.ts";

/** What a check of the store finds, for every engine. */
export function checkSuite(engine: string, open: () => Promise<RottingStore>): void {
  const withQueue = (body: (t: Timeline, subject: RottingStore) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await subject.store.createQueue({ queue: QUEUE, attributes: {}, tags: {} });
      await body(new Timeline(subject), subject);
    } finally {
      await subject.close();
    }
  };
  /** All pieces of a check, one after another. */
  const checked = async ({ store }: { store: Timeline["store"] }, limit = 2) => {
    const found = { problems: [] as string[], looked: 0, pieces: 0 };
    for (let after: string | null = ""; after !== null; found.pieces += 1) {
      const piece = await store.check({ after, limit });
      assert.ok(piece.looked <= limit, `${piece.looked} rows in one piece`);
      found.problems.push(...piece.problems.map(({ what }) => what));
      found.looked += piece.looked;
      after = piece.next;
    }
    return found;
  };

  describe(`queue store on ${engine}: a check`, () => {
    test(
      "looks at every queue and message, in pieces, and finds nothing where all is well",
      withQueue(async (t, subject) => {
        await t.send("m1", "m2", "m3", "m4", "m5");
        await t.sendDelayed("m6", 60_000);
        await t.receive({ max: 2 });
        await t.delete("m1");
        const { problems, looked, pieces } = await checked(subject);
        assert.deepEqual(problems, []);
        assert.equal(looked, 1 + 3 + 2); // The queue, three visible, two hidden.
        assert.ok(pieces >= 5, String(pieces));
        assert.equal((await checked(subject, 1000)).looked, looked);
      }),
    );

    test(
      "finds nothing wrong with what was purged, or with a queue that was deleted, before that is swept",
      withQueue(async (t, subject) => {
        await t.send("m1", "m2");
        await t.receive();
        await subject.store.purge({ queue: QUEUE });
        await t.send("m3");
        await subject.store.createQueue({ queue: queueNamed("gone"), attributes: {}, tags: {} });
        await new Timeline(subject, queueNamed("gone")).send("m4");
        await subject.store.deleteQueue({ queue: queueNamed("gone") });
        assert.deepEqual((await checked(subject)).problems, []);
      }),
    );

    test(
      "finds a damaged message before anybody receives it, and in quarantine afterwards; it changes nothing itself",
      withQueue(async (t, subject) => {
        await t.send("m1", "m2");
        await subject.damage("body", "m1");
        const before = ["message 1 of queue jobs (000000000000, us-east-1) is damaged: its checksum does not fit"];
        assert.deepEqual((await checked(subject)).problems, before);
        assert.deepEqual((await checked(subject)).problems, before);
        assert.equal(await t.receive(), "m2 #1");
        const [found, ...rest] = (await checked(subject)).problems;
        assert.match(
          found ?? "",
          /^message 1 of queue jobs \(000000000000, us-east-1\) \(jobs-1\) was found damaged on .*Z and is in quarantine$/,
        );
        assert.deepEqual(rest, []);
      }),
    );
  });
}
