import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { FAULTS } from "./faults/planted.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

describe("planted faults", () => {
  test("each can still be planted: its line is there, once", () => {
    for (const { name, file, text } of FAULTS) assert.equal(read(file).split(text).length - 1, 1, `${name}: ${file} has changed: ${text}`);
  });

  test("each has its row in the README, with the rule that it breaks", () => {
    const rows = [...read("test/simulation/README.md").matchAll(/^\| ([^|]+) \| `([^|]+)` \| \d+ \|$/gm)].map(
      ([, name, rule]) => `${name}: ${rule}`,
    );
    assert.deepEqual(
      FAULTS.map(({ name, breaks }) => `${name}: ${breaks}`).filter((row) => !rows.includes(row)),
      [],
    );
  });
});
