import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jsonHolds, parseJsonCondition } from "./json-path.ts";

const holds = (body: string, condition: string) => {
  const parsed = parseJsonCondition(condition);
  assert.ok(parsed !== undefined, condition);
  return jsonHolds(body, parsed);
};

describe("a condition on a JSON body", () => {
  test("names members behind dots, indexes in brackets, and odd names in quotes", () => {
    assert.deepEqual(parseJsonCondition("order.items[0].sku=A-17"), { path: ["order", "items", 0, "sku"], value: "A-17" });
    assert.deepEqual(parseJsonCondition("$.order.id"), { path: ["order", "id"], value: undefined });
    assert.deepEqual(parseJsonCondition('["a.b"]["c\\"=d"]=1'), { path: ["a.b", 'c"=d'], value: "1" });
    assert.deepEqual(parseJsonCondition("$=true"), { path: [], value: "true" });
    assert.deepEqual(parseJsonCondition("expression=a=b"), { path: ["expression"], value: "a=b" });
  });

  test("is none where it cannot be read", () => {
    for (const text of ["", "=1", "a..b=1", "a[", "a[x]=1", 'a["b]=1', "a]=1"]) assert.equal(parseJsonCondition(text), undefined, text);
  });

  test("finds a string by its characters, anything else by its JSON text", () => {
    const body = '{"id": 17, "text": "17", "on": true, "none": null, "list": [1, {"x": "y"}], "half": 0.5}';
    for (const met of ["id=17", "text=17", "on=true", "none=null", "list[1].x=y", "half=0.5", 'list=[1,{"x":"y"}]', "none"])
      assert.equal(holds(body, met), true, met);
    for (const unmet of ["id=18", "id=17.0", "on=false", "list[2]=1", "text.length=2", "list.length=2", "gone", "toString", "id.x=1"])
      assert.equal(holds(body, unmet), false, unmet);
  });

  test("compares whole numbers of any length exactly", () => {
    const body = '{"id": 9007199254740993, "deep": [{"id": -12345678901234567890}]}';
    assert.equal(holds(body, "id=9007199254740993"), true);
    assert.equal(holds(body, "id=9007199254740992"), false);
    assert.equal(holds(body, "deep[0].id=-12345678901234567890"), true);
  });

  test("never holds in a body that is not JSON", () => {
    assert.equal(holds("id=17", "id=17"), false);
    assert.equal(holds("", "$"), false);
  });
});
