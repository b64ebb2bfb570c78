import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { Scene, until } from "./harness.ts";

const limit = { timeout: 30_000 };

/** A worker process that finds the server by the variables that every AWS SDK reads. */
function start(scene: Scene, handlerMs: number) {
  const variables = {
    AWS_ENDPOINT_URL: scene.server.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  const program = join(import.meta.dirname, "signalled-worker.ts");
  const child = spawn(process.execPath, [program, String(handlerMs)], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(line));
  return { child, ended: once(child, "exit"), said: async (line: string) => await until(() => lines.includes(line)) };
}

test("SIGTERM while a handler runs → it finishes, its message is deleted, exit code 0", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  await scene.send(jobs, [1]);
  const { child, ended, said } = start(scene, 500);
  await said("begun");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
  assert.deepEqual(await scene.counts(jobs), { visible: 0, inFlight: 0 });
});

test("SIGINT three times while a handler hangs → its message goes back, exit code 3", limit, async () => {
  await using scene = await Scene.start();
  const jobs = await scene.queue("jobs");
  await scene.send(jobs, [1]);
  const { child, ended, said } = start(scene, 1_000_000);
  await said("begun");
  for (const stage of ["drain", "abort", "release"]) {
    child.kill("SIGINT");
    await said(stage); // Signals of one kind that arrive together are one.
  }
  assert.deepEqual(await ended, [3, null]);
  scene.server.clock.advance(2000);
  assert.deepEqual(await scene.counts(jobs), { visible: 1, inFlight: 0 });
});

test("a worker whose queue does not exist yet lives on, and ends at a signal", limit, async () => {
  await using scene = await Scene.start();
  const { child, ended, said } = start(scene, 0);
  await said("started");
  await scene.queue("jobs");
  await scene.send(await scene.queue("jobs"), [1]);
  await said("begun");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});
