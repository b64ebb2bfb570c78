import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openDirectory } from "../../../src/storage/sqlite/open.ts";
import { startUnlessKnown } from "./folding.ts";

function directoryOf(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "millrace-folding-"));
  context.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Starts twice on the same directory. @returns what the second start was asked with, and what came of it. */
function startTwice(directory: string, between: () => void) {
  const file = join(directory, "millrace.db");
  const open = () => openDirectory(directory, []);
  const contents: string[] = [];
  const first = startUnlessKnown(open, { file, known: (content) => void contents.push(content) });
  if ("started" in first) first.started.close();
  between();
  const second = startUnlessKnown(open, { file, known: (content) => (content === contents[0] ? "the same" : undefined) });
  if ("started" in second) second.started.close();
  return second;
}

test("a start on a content that is known ends with what is known of it, and lets the directory go", (context) => {
  const directory = directoryOf(context);
  openDirectory(directory, []).close();
  assert.deepEqual(
    startTwice(directory, () => {}),
    { known: "the same" },
  );
  openDirectory(directory, []).close();
});

test("a start on another content is a start like any other", (context) => {
  const directory = directoryOf(context);
  openDirectory(directory, []).close();
  const second = startTwice(directory, () => {
    const opened = openDirectory(directory, []);
    opened.database.exec("UPDATE engine SET value = 1 WHERE name = 'high_water_ms'");
    opened.close();
  });
  assert.ok("started" in second);
});

test("a start that does not fold its log any more is told", () => {
  assert.throws(() => startUnlessKnown(() => "started", { file: "nowhere", known: () => undefined }), /does not fold its log/);
});
