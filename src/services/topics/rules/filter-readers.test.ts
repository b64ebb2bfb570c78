import assert from "node:assert/strict";
import { test } from "node:test";
import { FilterReaders } from "./filter-readers.ts";
import { JsonReader, KIND, OBJECT } from "./json-reader.ts";

function kindOf(json: JsonReader | undefined): number | undefined {
  return json === undefined ? undefined : (json.nodes[0] ?? 0) & KIND;
}

/** How often a text is gone through while something runs. */
function readsOf(t: { mock: { method: typeof test.mock.method } }, work: () => void): number {
  const writes = t.mock.method(JsonReader.prototype, "write");
  work();
  writes.mock.restore();
  return writes.mock.callCount();
}

test("each text of a message is read once for all policies, also where protocols have bodies of their own by turns", (t) => {
  const readers = new FilterReaders();
  const read = () => {
    for (let policy = 0; policy < 200; policy += 1)
      for (const text of [`{"protocol":"sqs"}`, "no JSON", `{"protocol":"http"}`])
        assert.equal(kindOf(readers.read(text)), text === "no JSON" ? undefined : OBJECT);
  };
  assert.equal(readsOf(t, read), 3);
  readers.forget();
  assert.equal(readsOf(t, read), 3, "what was forgotten is read again");
});

test("of very many texts each is read all the same, by few readers", () => {
  const readers = new FilterReaders();
  const used = new Set(Array.from({ length: 100 }, (_, number) => readers.read(`[${number}]`)));
  assert.ok(used.size < 10 && !used.has(undefined));
});
