import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { beginnings, found, planted, rows } from "./catalogue.ts";

const ROOT = join(import.meta.dirname, "../..");
const RELIABILITY = readFileSync(join(ROOT, "RELIABILITY.md"), "utf8");
const HEAD = "| Planted fault | Layer | Found as | After |\n|---|---|---|---|\n";

describe("planted faults", () => {
  test("there are at least forty that differ, and each layer finds some that no other one does", () => {
    const byName = Map.groupBy(planted(), ({ name }) => name);
    assert.ok(byName.size >= 40, `${byName.size}`);
    for (const layer of ["model", "simulation", "power", "crash"])
      assert.ok(
        [...byName.values()].some((found) => found.every((one) => one.layer === layer)),
        layer,
      );
  });

  test("it is known of each after how much it was found, and of nothing else", () => {
    const counted = planted().filter(({ layer }) => layer !== "crash");
    assert.deepEqual(
      counted.filter(({ after }) => after === undefined).map(({ layer, name }) => `${layer}: ${name}`),
      [],
      "run the layer's faults with --write (test/planted/catalogue.ts)",
    );
    const noted = Object.entries(found()).flatMap(([layer, counts]) => Object.keys(counts).map((name) => `${layer}: ${name}`));
    assert.deepEqual(noted.sort(), counted.map(({ layer, name }) => `${layer}: ${name}`).sort());
  });

  test("a search begins where a fault was found that is still planted", () => {
    const names = planted().map(({ layer, name }) => `${layer}: ${name}`);
    const begun = Object.entries(beginnings()).flatMap(([layer, seeds]) => Object.keys(seeds).map((name) => `${layer}: ${name}`));
    assert.deepEqual(
      begun.filter((name) => !names.includes(name)),
      [],
    );
  });

  test("the table in RELIABILITY.md is what the layers plant and find", () => {
    const [, after = ""] = RELIABILITY.split(HEAD);
    const shown = after.slice(0, after.indexOf("\n\n") + 1 || undefined).trimEnd();
    assert.equal(shown, rows().join("\n"), "`node test/planted/write.ts` writes it");
  });
});
