import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Children } from "../../bench/children.ts";
import { LongPolls } from "../../bench/long-polls.ts";
import { fillWithQueues } from "../../bench/many-queues.ts";
import { startMillrace } from "../../bench/servers/start.ts";
import { percentile } from "../../bench/statistics.ts";
import { usageOf } from "../../bench/usage.ts";

/**
 * 10,000 clients that wait. `npm run bench -- --only polls` measures what they cost; this fails when it is off, on a busy
 * machine too: memory and processor time are those of the server's process alone, times are several times what they should be.
 */
const POLLS = 10_000;
const QUEUES = 1000;
const IDLE_MS = 1000;
/** After ten thousand requests there is garbage to be collected, whenever that comes. */
const LOOKS_MAX = 5;
const IDLE_SHARE_MAX = 0.04;

/** The share of a processor that the process takes in the first second in which that is little, or in the quietest of some. */
async function quietest(usage: () => ReturnType<typeof usageOf>): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < LOOKS_MAX && least >= IDLE_SHARE_MAX / 2; look += 1) {
    const begun = usage();
    await pause(IDLE_MS);
    const ended = usage();
    if (begun === undefined || ended === undefined) return 0; // Not to be had on this system.
    least = Math.min(least, (ended.cpuUs - begun.cpuUs) / (IDLE_MS * 1000));
  }
  return least;
}

test(
  "10,000 open long polls take little memory and no processor, are woken at once, and are forgotten with their clients",
  { timeout: 180_000 },
  async (t) => {
    const children = new Children();
    const directory = children.freshDirectory();
    await fillWithQueues(directory, QUEUES, { VisibilityTimeout: "43200" });
    const server = await startMillrace(children, { directory });
    const polls = new LongPolls(server.port);
    const usage = () => usageOf(server.pid);
    try {
      await polls.open(100);
      for (let wake = 0; wake < 10; wake += 1) await polls.wake(10);
      const before = usage();
      await polls.open(POLLS);

      const endedBefore = polls.empty;
      const idle = await quietest(usage);
      const waiting = usage();
      if (before !== undefined && waiting !== undefined) {
        const more = waiting.rssBytes - before.rssBytes;
        t.diagnostic(
          `${(more / 1e6).toFixed(0)} MB more, idle ${(idle * 100).toFixed(1)} % of a processor, ${polls.empty - endedBefore} ended`,
        );
        // What is measured stands in docs/decisions/0011-what-one-connection-may-take.md.
        assert.ok(more < 250e6, `10,000 long polls take ${(more / 1e6).toFixed(0)} MB`);
        // On a machine so busy that the first have waited their time already there is no idleness to measure.
        if (polls.empty === endedBefore)
          assert.ok(idle < IDLE_SHARE_MAX, `while all wait the server takes ${(idle * 100).toFixed(1)} % of a processor`);
      }

      const hundred = await polls.wake(10);
      const all = await polls.wake(QUEUES);
      t.diagnostic(`100 woken in ${percentile([...hundred.tookMs], 0.99).toFixed(0)} ms, all in ${Math.max(...all.tookMs).toFixed(0)} ms`);
      assert.equal(hundred.empty + all.empty, 0, "a poll was answered without a message while there were messages");
      assert.ok(Math.max(...hundred.tookMs) < 500, "100 were woken too late");
      assert.ok(Math.max(...all.tookMs) < 10_000, "all were woken too late");

      polls.drop();
      await polls.open(POLLS);
      const again = await polls.wake(10);
      assert.equal(again.tookMs.length, 100, "after all have connected again each message reaches one of them");
      await polls.close();
      await polls.forgotten();
    } finally {
      await server.stop();
    }
  },
);
