import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";

const FIXTURES = join(import.meta.dirname, "fixtures");
const ROOT = join(import.meta.dirname, "..", "..");
const RIGHT = new Set(["right.ts", "stages.ts"]);

/** One compiler for all of them: most of its time goes into what they share. */
function compile(): Map<string, string> {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", FIXTURES, "--pretty", "false"],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  assert.equal(stderr, "");
  const errors = new Map<string, string>();
  let file = "";
  for (const line of stdout.split("\n")) {
    file = /fixtures\/([^/(]+)\(\d+,\d+\): error/.exec(line)?.[1] ?? (line.startsWith(" ") ? file : "");
    if (line !== "") errors.set(file, `${errors.get(file) ?? ""}${line}\n`);
  }
  return errors;
}

describe("each kind of miswiring is a compile error that says what is wrong", { timeout: 120_000 }, () => {
  let errors = new Map<string, string>();
  before(() => {
    errors = compile();
  });

  test("a pipeline that is wired rightly compiles", () => {
    for (const file of ["", ...RIGHT]) assert.equal(errors.get(file), undefined);
  });

  for (const file of readdirSync(FIXTURES).filter((name) => name.endsWith(".ts") && !RIGHT.has(name))) {
    const text = readFileSync(join(FIXTURES, file), "utf8");
    const expected = /^\/\/ expected: (.*)/.exec(text)?.[1];
    test(`${file.slice(0, -3).replaceAll("-", " ")} → ${expected}`, () => {
      assert.ok(expected !== undefined, "its first line says what the compiler is to say");
      const found = errors.get(file) ?? "it compiles";
      assert.ok(found.includes(expected), found);
      assert.equal(found.match(/error TS/g)?.length, 1, found);
    });
  }
});
