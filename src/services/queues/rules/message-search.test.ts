import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attributesToJson } from "./message-attributes.ts";
import { EVERY_MESSAGE, looksAtHead, selectsBody, selectsHead, selectsStanding, type MessageSearch } from "./message-search.ts";

const search = (wanted: Partial<MessageSearch>): MessageSearch => ({ ...EVERY_MESSAGE, ...wanted });

describe("a search for messages", () => {
  test("selects by state, age and count of receives", () => {
    const standing = { state: "in-flight", sentMs: 1000, receiveCount: 2 } as const;
    const selects = (wanted: Partial<MessageSearch>) => selectsStanding(search(wanted), standing, 61_000);
    assert.equal(selects({}), true);
    assert.deepEqual([selects({ states: ["in-flight"] }), selects({ states: ["visible", "delayed"] })], [true, false]);
    assert.deepEqual([selects({ olderThanMs: 60_000 }), selects({ olderThanMs: 60_001 })], [true, false]);
    assert.deepEqual([selects({ newerThanMs: 60_001 }), selects({ newerThanMs: 60_000 })], [true, false]);
    assert.deepEqual(
      [selects({ receivesMin: 2, receivesMax: 2 }), selects({ receivesMin: 3 }), selects({ receivesMax: 1 })],
      [true, false, false],
    );
  });

  test("selects by message id, group and attribute", () => {
    const attributes = attributesToJson([
      { name: "kind", dataType: "String", value: "photo" },
      { name: "thumb", dataType: "Binary", value: Buffer.from([1, 2]) },
    ]);
    const selects = (wanted: Partial<MessageSearch>) => selectsHead(search(wanted), { id: "m1", groupId: "g", attributes });
    assert.deepEqual([selects({ messageId: "m1" }), selects({ messageId: "m2" })], [true, false]);
    assert.deepEqual([selects({ groupId: "g" }), selects({ groupId: "h" })], [true, false]);
    const attribute = (name: string, value?: string) => selects({ attribute: { name, value } });
    assert.deepEqual(
      [attribute("kind"), attribute("kind", "photo"), attribute("kind", "film"), attribute("Kind")],
      [true, true, false, false],
    );
    assert.deepEqual([attribute("thumb", "AQI="), attribute("thumb", "AQ==")], [true, false]);
    assert.equal(
      selectsHead(search({ attribute: { name: "kind", value: undefined } }), { id: "m", groupId: null, attributes: null }),
      false,
    );
  });

  test("reads a message's head only where it asks for something in it", () => {
    assert.equal(looksAtHead(search({ bodyText: "x", states: ["visible"], receivesMin: 1 })), false);
    assert.equal(looksAtHead(search({ groupId: "g" })), true);
  });

  test("selects by text in the body and by a value at a path in it", () => {
    const body = '{"photo": "harbour.jpg"}';
    const selects = (wanted: Partial<MessageSearch>) => selectsBody(search(wanted), body);
    assert.deepEqual([selects({}), selects({ bodyText: "harbour" }), selects({ bodyText: "Harbour" })], [true, true, false]);
    assert.equal(selects({ bodyJson: { path: ["photo"], value: "harbour.jpg" } }), true);
    assert.equal(selects({ bodyText: "harbour", bodyJson: { path: ["photo"], value: "beach.jpg" } }), false);
  });
});
