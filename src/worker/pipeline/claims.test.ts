import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { seededRandom } from "../../kernel/random.ts";
import type { Objects } from "../objects.ts";
import { askFor } from "./claims.ts";

const LEASE_MS = 60_000;

/** A key that is held on a store in memory, whose writes are noted and may be made to wait. */
async function held(lost: (reason: Error) => void = (reason) => assert.fail(reason)) {
  const clock = manualClock();
  const written: string[] = [];
  const requests: string[] = [];
  let gate: Promise<void> = Promise.resolve();
  const record = { text: "", etag: "" };
  const objects: Pick<Objects, "read" | "write"> = {
    read: async () => {
      requests.push("read");
      return record.text === "" ? undefined : { ...record };
    },
    write: async (_key, text, { condition } = {}) => {
      requests.push("write");
      await gate;
      const isMet = condition === undefined || ("ifNone" in condition ? record.text === "" : condition.ifMatch === record.etag);
      if (!isMet) return undefined;
      written.push(text);
      [record.text, record.etag] = [text, String(written.length)];
      return record.etag;
    },
  };
  // Claims read and write, and do nothing else with objects.
  const options = { objects: objects as Objects, clock, random: seededRandom(1), leaseMs: LEASE_MS, signal: new AbortController().signal };
  const asked = await askFor("key", { messageId: "m1", isRedriven: false }, options);
  assert.equal(asked.is, "taken");
  const { hold } = asked;
  hold.keep(lost);
  return {
    hold,
    /** What is asked of the store meanwhile. */
    asksFor: async (act: () => Promise<unknown>): Promise<string[]> => {
      const from = requests.length;
      await act();
      return requests.slice(from);
    },
    another: async () => await askFor("key", { messageId: "m2", isRedriven: false }, options),
    cancel: () => {
      [record.text, record.etag] = [JSON.stringify({ state: "cancelled", run: "r", reason: "enough" }), "c"];
    },
    /** Moves the clock, and lets what became due come to its end. @returns the progress of each record that was written. */
    after: async (ms: number): Promise<(number | undefined)[]> => {
      const from = written.length;
      clock.advance(ms);
      await settled();
      return written.slice(from).map((text) => (JSON.parse(text) as { progress?: { fraction: number } }).progress?.fraction);
    },
    stall: (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
}

test("a claim is renewed at each third of its lease", async () => {
  const { after } = await held();
  assert.deepEqual(await after(19_999), []);
  assert.deepEqual(await after(1), [undefined]);
  assert.deepEqual(await after(19_999), []);
  assert.deepEqual(await after(1), [undefined]);
});

test("progress is to be seen within five seconds, and costs one write in five seconds at most", async () => {
  const { hold, after } = await held();
  assert.deepEqual(await after(1000), []);
  hold.progress(0.1, undefined);
  assert.deepEqual(await after(1000), []);
  hold.progress(0.2, "a fifth");
  assert.deepEqual(await after(2999), []);
  assert.deepEqual(await after(1), [0.2]);
  // The same once more is no news.
  hold.progress(0.2, "a fifth");
  assert.deepEqual(await after(10_000), []);
  hold.progress(0.3, undefined);
  assert.deepEqual(await after(0), [0.3]);
  assert.deepEqual(await after(19_999), []);
  assert.deepEqual(await after(1), [0.3]);
});

test("progress that is said while the record is being written comes with the next write", async () => {
  const { hold, after, stall } = await held();
  hold.progress(0.1, undefined);
  const go = stall();
  assert.deepEqual(await after(5000), []);
  hold.progress(0.2, undefined);
  assert.deepEqual(await after(60_000), []);
  go();
  await settled();
  assert.deepEqual(await after(4999), []);
  assert.deepEqual(await after(1), [0.2]);
});

test("once it is committed, a claim is written no more", async () => {
  const { hold, after } = await held();
  hold.progress(0.1, undefined);
  await hold.commit([]);
  hold.progress(0.2, undefined);
  assert.deepEqual(await after(60_000), []);
});

test("what a refused write finds in its place is read once", async () => {
  const lost: string[] = [];
  const { after, another, asksFor, cancel } = await held(({ message }) => lost.push(message));
  const asks = await asksFor(async () => assert.deepEqual(await another(), { is: "let-go" }));
  assert.deepEqual(asks, ["write", "read"]);
  cancel();
  assert.deepEqual(await asksFor(async () => await after(LEASE_MS / 3)), ["write", "read"]);
  assert.deepEqual(lost, ["enough"]);
});
