import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

const BIN = join(import.meta.dirname, "../bin/millrace.js");

/** Starts the command in a Node that claims to be of these versions. */
function startIn(versions: { node: string; sqlite?: string }): { status: number | null; stdout: string; stderr: string } {
  const pretend = `Object.defineProperty(process, "versions", { value: ${JSON.stringify(versions)} })`;
  return spawnSync(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, BIN, "--version"], {
    encoding: "utf8",
  });
}

describe("a machine whose Node cannot run Millrace gets one clear sentence", () => {
  test("an old Node is named, with what is needed and where it was found", () => {
    const { status, stdout, stderr } = startIn({ node: "20.20.2" });
    assert.equal(stderr, `Millrace needs Node.js 24.15.0 or newer; this is 20.20.2 (${process.execPath}).\n`);
    assert.deepEqual([status, stdout], [1, ""]);
  });

  test("so is one that is just too old, and one whose SQLite is", () => {
    assert.match(startIn({ node: "24.14.9", sqlite: "3.53.0" }).stderr, /needs Node\.js 24\.15\.0 or newer; this is 24\.14\.9/);
    assert.match(
      startIn({ node: "26.0.0", sqlite: "3.51.2" }).stderr,
      /needs a Node\.js with SQLite 3\.51\.3 or newer; this one has 3\.51\.2/,
    );
    assert.match(startIn({ node: "26.0.0" }).stderr, /this one has none/);
  });

  test("the smallest that will do starts", () => {
    const { status, stdout, stderr } = startIn({ node: "24.15.0", sqlite: "3.51.3" });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /\d+\.\d+\.\d+/);
  });

  test("the file is written in syntax that any Node with modules reads", () => {
    const code = readFileSync(BIN, "utf8").replace(/^\s*\/\/.*$/gm, "");
    assert.doesNotMatch(code, /\b(?:const|let|class|async|await)\b|=>|\?\.|\?\?|`|\*\*|\.\.\./);
    assert.doesNotMatch(code, /^import\b/m, "a static import would be resolved before the first line runs");
  });
});
