import assert from "node:assert/strict";
import { test } from "node:test";
import { deliveryId } from "./delivery-id.ts";

test("a message has another id in the queue of each subscription, each time the same, in the form of a UUID", () => {
  const ids = new Set<string>();
  for (let message = 0; message < 40; message += 1)
    for (let subscription = 0; subscription < 40; subscription += 1) {
      const id = deliveryId(`m${message}`, `s${subscription}`);
      assert.equal(deliveryId(`m${message}`, `s${subscription}`), id);
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
      ids.add(id);
    }
  assert.equal(ids.size, 1600);
});
