import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Process } from "./processes.ts";
import { Supervisor } from "./supervisor.ts";

const ready = /^up/;
const scripted = (script: string, onComplaint?: (line: string) => void) =>
  new Process({ name: "child", args: ["-e", script], env: process.env, ready, ...(onComplaint === undefined ? {} : { onComplaint }) });
const RUNS = "setInterval(() => {}, 1000); console.log('up and running');";

describe("a child process", () => {
  it("is ready once it says so, and ends when it is asked", async () => {
    const child = scripted(RUNS);
    assert.equal(await child.ready, "up and running");
    await child.stop();
    assert.equal(await child.exited, "SIGTERM");
  });

  it("says why it ended before it was ready", async () => {
    const child = scripted("console.error('no port'); process.exitCode = 3;");
    await assert.rejects(child.ready, /child ended \(3\) before it was ready\.\nno port/);
  });
});

describe("the supervisor", () => {
  it("starts again what was killed, and stops all", async () => {
    const said: string[] = [];
    const again = Promise.withResolvers<void>();
    const supervisor = new Supervisor({
      say(text) {
        said.push(text);
        if (text === "up and running") again.resolve();
      },
    });
    const started: Process[] = [];
    await supervisor.keep(() => {
      const child = scripted(RUNS);
      started.push(child);
      return child;
    });
    started[0]?.kill("SIGKILL");
    await again.promise;
    assert.deepEqual(said, ["child ended (SIGKILL); starting it again.", "up and running"]);
    await supervisor.stop();
    assert.equal(await started[1]?.exited, "SIGTERM");
    assert.equal(started.length, 2, "and none after the stop");
  });

  it("does not hide that the first start failed", async () => {
    const supervisor = new Supervisor({ say: () => undefined });
    await assert.rejects(
      supervisor.keep(() => scripted("process.exitCode = 1")),
      /before it was ready/,
    );
    await supervisor.stop();
  });
});
