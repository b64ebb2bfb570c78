import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SCENARIOS } from "../load/scenarios.ts";
import { FAULTS } from "./planted.ts";

const ROOT = join(import.meta.dirname, "../../..");

test("each fault can still be planted: its line is there, once; and its scenario", () => {
  for (const { name, file, edits, scenario } of FAULTS) {
    const source = readFileSync(join(ROOT, file), "utf8");
    for (const [text] of edits) assert.equal(source.split(text).length - 1, 1, `${name}: ${file} has changed: ${text}`);
    assert.ok(SCENARIOS.some(({ name }) => name === scenario));
  }
});
