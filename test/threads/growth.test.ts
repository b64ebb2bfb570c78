import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { started } from "./process.ts";
import { asked } from "./scene.ts";

const BUSY = join(import.meta.dirname, "busy.fixture.ts");

test("by default a server has one thread until that is busy; those who are connected are then spread", { timeout: 180_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-growth-"));
  const run = await started({ preload: BUSY, flags: ["--data", directory] });
  t.after(async () => {
    run.kill("SIGKILL");
    await run.ended;
    rmSync(directory, { recursive: true });
  });
  const threads = async () => {
    const page = (await asked(run.endpoint, { method: "GET", path: "/metrics" })).body.toString();
    return Number(/^millrace_http_threads (\d+)$/m.exec(page)?.[1]);
  };
  assert.equal(await threads(), 1);

  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const ports = new Set<number>();
  const over = new AbortController();
  const client = async () => {
    while (!over.signal.aborted) {
      const { status, localPort } = await asked(run.endpoint, { method: "GET", path: "/_localstack/health", agent });
      assert.equal(status, 200);
      ports.add(localPort);
    }
  };
  const clients = Array.from({ length: 32 }, client);
  while ((await threads()) < 2);
  const before = ports.size;
  // Their connections are ended, and they come again.
  while (ports.size < before + 16) await threads();
  over.abort();
  await Promise.all(clients);
  agent.destroy();
});
