import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("./inline.fixture.ts", import.meta.url));

test("an engine beside the sockets is closed whole by its stop, though nothing else keeps the process alive", () => {
  const directory = mkdtempSync(join(tmpdir(), "millrace-inline-"));
  try {
    const printed = execFileSync(process.execPath, [PROGRAM, directory], { encoding: "utf8", timeout: 60_000 });
    assert.equal(printed, "stopped\n");
    // SQLite removes its log when the last connection closes: nothing is left to recover.
    assert.equal(existsSync(join(directory, "millrace.db-wal")), false);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
