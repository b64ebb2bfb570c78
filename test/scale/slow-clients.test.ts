import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Children } from "../../bench/children.ts";
import { startMillrace } from "../../bench/servers/start.ts";
import { SlowClients } from "../../bench/slow-clients.ts";
import { usageOf } from "../../bench/usage.ts";

/** `npm run bench -- --only slow` measures what others feel of 8,000; this fails when they take the server's processor or its memory. */
const SLOW = 4000;
const WATCHED_MS = 3000;

test("thousands of clients that never end their requests are cut off, and cost others next to nothing", { timeout: 120_000 }, async (t) => {
  const children = new Children();
  const server = await startMillrace(children, {});
  const slow = new SlowClients(server.port);
  try {
    await slow.open(SLOW);
    const begun = usageOf(server.pid);
    await pause(WATCHED_MS);
    const watched = usageOf(server.pid);
    const health = await fetch(`http://127.0.0.1:${server.port}/_millrace/health`);
    assert.equal(health.status, 200);
    if (begun !== undefined && watched !== undefined) {
      const share = (watched.cpuUs - begun.cpuUs) / (WATCHED_MS * 1000);
      t.diagnostic(`${(share * 100).toFixed(1)} % of a processor, ${(watched.rssBytes / 1e6).toFixed(0)} MB`);
      assert.ok(share < 0.5, `${(share * 100).toFixed(0)} % of a processor`);
      assert.ok(watched.rssBytes < 300e6, `${(watched.rssBytes / 1e6).toFixed(0)} MB`);
    }
    while (slow.cutOff < SLOW / 2) await pause(100);
  } finally {
    slow.close();
    await server.stop();
  }
});
