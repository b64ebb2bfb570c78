import assert from "node:assert/strict";
import { test } from "node:test";
import { holdProcess, Stack } from "./lifecycle.ts";

test("what was started is stopped in the opposite order, each before the next", async () => {
  const stopped: string[] = [];
  const stack = new Stack();
  stack.add(() => void stopped.push("storage"));
  stack.add(async () => {
    await Promise.resolve();
    stopped.push("server");
  });
  stack.add(() => void stopped.push("sockets"));
  await stack.stop();
  assert.deepEqual(stopped, ["sockets", "server", "storage"]);
});

test("what fails to stop does not keep the rest from stopping, and the first failure is thrown", async () => {
  const stopped: string[] = [];
  const stack = new Stack();
  stack.add(() => void stopped.push("first"));
  stack.add(() => {
    throw new Error("second failed");
  });
  stack.add(() => Promise.reject(new Error("third failed")));
  await assert.rejects(stack.stop(), /third failed/);
  assert.deepEqual(stopped, ["first"]);
});

test("a second stop does nothing", async () => {
  let stops = 0;
  const stack = new Stack();
  stack.add(() => void (stops += 1));
  await stack.stop();
  await stack.stop();
  assert.equal(stops, 1);
});

test("a held process has something to wait for until it is let go", () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  const release = holdProcess();
  assert.equal(timers(), before + 1);
  release();
  assert.equal(timers(), before);
});
