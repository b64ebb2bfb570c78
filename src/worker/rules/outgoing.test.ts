import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../../kernel/units.ts";
import { batchLength, isFifo, lineageOf, messageBytes, outputIdentity, queueName } from "./outgoing.ts";

test("a batch takes ten entries", () => {
  assert.equal(batchLength(Array.from({ length: 10 }, () => 1)), 10);
  assert.equal(batchLength(Array.from({ length: 11 }, () => 1)), 10);
});

test("a batch takes 1 MiB, and a message larger than that goes alone to be refused", () => {
  assert.equal(batchLength([MIB / 2, MIB / 2]), 2);
  assert.equal(batchLength([MIB / 2, MIB / 2, 1]), 2);
  assert.equal(batchLength([MIB + 1, 1]), 1);
  assert.equal(batchLength([]), 0);
});

test("a message's size is that of its body and of every attribute's name, type and value, in bytes", () => {
  const attributes = { n: { type: "Number", value: "12" }, b: { type: "Binary", value: new Uint8Array(5) } };
  assert.equal(messageBytes({ body: "é", attributes }), 2 + (1 + 6 + 2) + (1 + 6 + 5));
});

test("an identity separates its parts, whatever they contain", () => {
  const base = { stage: "a", lineage: "b", name: "c", key: "d" };
  const others = [{ stage: "x" }, { lineage: "x" }, { name: "x" }, { key: "x" }, { stage: 'a","b', lineage: "" }];
  const all = [base, ...others.map((other) => ({ ...base, ...other }))].map(outputIdentity);
  assert.equal(new Set(all).size, all.length);
});

test("an input is known by the id that an earlier worker gave it, else by the id that SQS gave", () => {
  assert.equal(lineageOf("m1", { "Millrace.Id": { type: "String", value: "abc" } }), "abc");
  assert.equal(lineageOf("m1", {}), "m1");
  assert.equal(lineageOf("m1", { "Millrace.Id": { type: "Binary", value: new Uint8Array(1) } }), "m1");
});

test("a queue's name is the end of its URL", () => {
  assert.equal(queueName("http://127.0.0.1:4566/000000000000/jobs"), "jobs");
  assert.equal(isFifo("http://127.0.0.1:4566/000000000000/jobs.fifo"), true);
  assert.equal(isFifo("http://127.0.0.1:4566/000000000000/jobs"), false);
});
