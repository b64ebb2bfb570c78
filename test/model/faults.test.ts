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
});
