import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EVERY_MESSAGE } from "./message-search.ts";
import { decodeCursor, encodeCursor, readPeekRequest } from "./peek-request.ts";

const read = (parameters: Record<string, string>) => readPeekRequest(new Map(Object.entries(parameters)));
const refusal = (name: string) => ({ code: "InvalidParameterValueException", message: new RegExp(name) });

describe("a page of messages as its URL asks for it", () => {
  test("shows up to a hundred among a thousand where nothing is said", () => {
    assert.deepEqual(read({}), {
      search: EVERY_MESSAGE,
      messagesMax: 100,
      scanMax: 1000,
      cursor: { after: undefined, scannedBefore: 0 },
    });
  });

  test("names what is looked for", () => {
    const all = {
      state: "visible,delayed",
      messageId: "m1",
      group: "g",
      attribute: "kind=a=b",
      body: "text",
      json: "a.b=1",
      olderThanSeconds: "60",
      newerThanSeconds: "3600",
      receivesMin: "1",
      receivesMax: "3",
      "X-Amz-Signature": "ab",
    };
    assert.deepEqual(read(all).search, {
      states: ["visible", "delayed"],
      messageId: "m1",
      groupId: "g",
      attribute: { name: "kind", value: "a=b" },
      bodyText: "text",
      bodyJson: { path: ["a", "b"], value: "1" },
      olderThanMs: 60_000,
      newerThanMs: 3_600_000,
      receivesMin: 1,
      receivesMax: 3,
    });
    assert.deepEqual(read({ attribute: "kind" }).search.attribute, { name: "kind", value: undefined });
  });

  test("is refused for what it misspells, by name", () => {
    for (const [name, value] of Object.entries({
      stat: "visible",
      state: "hidden",
      json: "a..b",
      limit: "0",
      scan: "10001",
      receivesMin: "-1",
    }))
      assert.throws(() => read({ [name]: value }), refusal(name), name);
    assert.throws(() => read({ olderThanSeconds: "1.5" }), refusal("olderThanSeconds"));
  });

  test("goes on where a cursor says, and no other text is one", () => {
    const position = { part: "hidden", visibleMs: 1_700_000_000_000, sequence: 17 } as const;
    assert.deepEqual(decodeCursor(encodeCursor(position, 4000)), { after: position, scannedBefore: 4000 });
    for (const cursor of [
      "x",
      "W10",
      Buffer.from('["ready",0,1.5,0]').toString("base64url"),
      Buffer.from('["dead",0,1,0]').toString("base64url"),
    ])
      assert.throws(() => decodeCursor(cursor), refusal("cursor"), cursor);
  });
});
