import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionsMax, descriptorLimit, reportedDescriptorLimit } from "./connections.ts";

test("four fifths of the process's open files may be connections", () => {
  assert.equal(connectionsMax(20_000), 16_000);
  assert.equal(connectionsMax(1), 1);
  assert.equal(connectionsMax(Infinity), Infinity);
});

test("both ways of asking for the limit on open files agree", () => {
  assert.equal(descriptorLimit(), reportedDescriptorLimit());
  assert.ok(descriptorLimit() > 0);
});
