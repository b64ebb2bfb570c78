import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { SLOTS, type Step } from "./crashing-worker.ts";
import { Scene } from "./harness.ts";

const MESSAGES = 40;

/** Requests carry several messages each, so there are fewer of them. */
const nthOf = (step: Step) => (step === "after-handler" || step === "before-delete" ? 2 : 7);

/** Ends when the worker has: by its own hand, or because the queue is empty. */
async function runWorker(endpoint: string, step: Step): Promise<NodeJS.Signals | number> {
  const program = join(import.meta.dirname, "crashing-worker.ts");
  const child = spawn(process.execPath, [program, endpoint, step, String(nthOf(step))], { stdio: ["ignore", "inherit", "inherit"] });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return signal ?? code ?? -1;
}

/** A worker dies at this step, the lease of what it held ends, another one works on. */
async function crashAt(step: Step): Promise<{ inputs: number[]; ids: Set<string>; heldAtCrash: number; left: number }> {
  await using scene = await Scene.start();
  const [jobs, out] = [await scene.queue("jobs"), await scene.queue("out")];
  await scene.send(
    jobs,
    Array.from({ length: MESSAGES }, (_, n) => ({ n })),
  );
  assert.equal(await runWorker(scene.server.endpoint, step), "SIGKILL");
  const { visible, inFlight } = await scene.counts(jobs);
  assert.ok(visible + inFlight > 0, "it died in the middle of the work");
  scene.server.clock.advance(60_000);
  assert.equal(await runWorker(scene.server.endpoint, "never"), 0);
  const outputs = await scene.receiveAll(out);
  return {
    inputs: outputs.map((message) => (JSON.parse(message.Body ?? "") as { n: number }).n),
    ids: new Set(outputs.map((message) => message.MessageAttributes?.["Millrace.Id"]?.StringValue ?? "")),
    heldAtCrash: inFlight,
    left: Object.values(await scene.counts(jobs)).reduce((sum, count) => sum + count),
  };
}

/** What a worker may hold: its slots, and what waits for its delete. */
const HELD_MAX = 3 * SLOTS + 10;

const STEPS: Step[] = ["after-receive", "in-handler", "after-handler", "after-publish", "before-delete", "after-delete"];

for (const step of STEPS) {
  test(
    `a worker killed ${step.replace("-", " ")} → nothing is lost, and what is done twice was held then`,
    { timeout: 60_000 },
    async () => {
      const { inputs, ids, heldAtCrash, left } = await crashAt(step);
      assert.deepEqual(
        [...new Set(inputs)].toSorted((a, b) => a - b),
        Array.from({ length: MESSAGES }, (_, n) => n),
        "none is lost",
      );
      assert.equal(left, 0);
      assert.ok(heldAtCrash <= HELD_MAX, `${heldAtCrash} held`);
      assert.ok(inputs.length - MESSAGES <= heldAtCrash, `${inputs.length - MESSAGES} twice, ${heldAtCrash} held`);
      assert.equal(ids.size, MESSAGES, "a second copy has the id of the first");
      if (step === "after-publish" || step === "before-delete")
        assert.ok(inputs.length > MESSAGES, "this is the step where there are duplicates");
    },
  );
}
