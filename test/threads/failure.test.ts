import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { started, type Run } from "./process.ts";
import { asked } from "./scene.ts";

const FIXTURE = join(import.meta.dirname, "failing-thread.fixture.ts");

/** A server whose threads are ready to fail when there is the file. */
function startedWith(directory: string, file: string): Promise<Run> {
  const flags = ["--data", join(directory, "data"), "--http-threads", "3"];
  return started({ preload: FIXTURE, flags, env: { MILLRACE_FAIL_WHEN_THERE_IS: file } });
}

const withDirectory = (body: (directory: string) => Promise<void>) => async () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-failure-"));
  try {
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
};

describe("a server of three threads, when one of them fails", { timeout: 120_000 }, () => {
  for (const [file, because] of [
    ["throw", "a planted failure"],
    ["exit", "it ended with exit code 3"],
  ] as const)
    test(
      `ends with one line and exit code 1: ${because}`,
      withDirectory(async (directory) => {
        const run = await startedWith(directory, join(directory, file));
        assert.equal((await asked(run.endpoint, { method: "GET", path: "/_millrace/health" })).status, 200);
        writeFileSync(join(directory, file), "");
        const { code, words } = await run.ended;
        assert.equal(code, 1);
        const line = new RegExp(
          `^millrace: HTTP thread [23] of 3 has failed: ${because}\\. The server has ended; nothing acknowledged is lost\\. Start it again\\.\\n$`,
        );
        assert.match(words, line);
      }),
    );

  test(
    "does not start at all if that happens before it serves",
    withDirectory(async (directory) => {
      writeFileSync(join(directory, "throw"), "");
      await assert.rejects(
        startedWith(directory, join(directory, "throw")),
        /millrace: HTTP thread [23] of 3 has failed: a planted failure\n$/,
      );
    }),
  );

  test(
    "ends with exit code 0 when it is told to stop",
    withDirectory(async (directory) => {
      const run = await startedWith(directory, join(directory, "never"));
      run.kill("SIGTERM");
      const { code, words } = await run.ended;
      assert.equal(code, 0);
      assert.match(words, /^SIGTERM: answering what was asked[^\n]*\n$/);
    }),
  );
});
