import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";

const FIXTURES = join(import.meta.dirname, "fixtures");
const VITEST = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");

interface Report {
  readonly numTotalTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly title: string; readonly status: string }[] }[];
}

test(
  "millrace/testing works in Vitest: a pipeline of a test's own, and a consumer that a file's tests share",
  { timeout: 120_000 },
  async () => {
    // Nothing of the runner that runs this.
    const environment = Object.entries(process.env).filter(([name]) => !/^NODE_(?:OPTIONS|TEST)/.test(name));
    const directory = mkdtempSync(join(tmpdir(), "millrace-vitest-"));
    after(() => rmSync(directory, { recursive: true }));
    const report = join(directory, "report.json");
    const child = spawn(process.execPath, [VITEST, "run", "--root", FIXTURES, "--reporter=json", `--outputFile=${report}`], {
      env: Object.fromEntries(environment),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 110_000,
    });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    assert.equal(child.exitCode, 0, out + err);
    const { numTotalTests, testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
    assert.equal(numTotalTests, 2);
    assert.deepEqual(
      testResults.flatMap(({ assertionResults }) => assertionResults.map(({ title, status }) => [title, status])),
      [
        ["a pipeline survives a kill", "passed"],
        ["a consumer is shared by the tests of a file", "passed"],
      ],
    );
  },
);
