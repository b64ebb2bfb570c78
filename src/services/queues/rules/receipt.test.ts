import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeReceipt, encodeReceipt, readReceipt } from "./receipt.ts";
import { covers } from "../../../../test/contract/covers.ts";

const receipt = { queueId: 7, sequence: 123_456_789, hiddenUntilMs: 1_767_225_630_000, receivedMs: 1_767_225_600_000, receiveCount: 3 };

test("a handle holds its receipt", () => {
  const long = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  const any = fc.record(
    {
      queueId: long,
      sequence: long,
      hiddenUntilMs: long,
      receivedMs: long,
      receiveCount: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(fc.property(any, (receipt) => assert.deepEqual(decodeReceipt(encodeReceipt(receipt)), receipt)));
});

test("a handle has 44 characters and never changes its form", () => {
  covers("sqs/5.2-handle-form");
  // Handles outlive a restart and an update: this one must be understood for ever.
  const handle = "AQAAAAAABwAAB1vNFQGbdtsdMAGbdtqoAAAAAAM9SVmR";
  assert.equal(encodeReceipt(receipt), handle);
  assert.deepEqual(decodeReceipt(handle), receipt);
});

test("a handle has no hyphen, by which the extended client for Python would cut it", () => {
  const any = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map((sequence) => ({ ...receipt, sequence }));
  fc.assert(fc.property(any, (receipt) => assert.match(encodeReceipt(receipt), /^[A-Za-z0-9+/]{44}$/)));
});

test("a handle in the alphabet of URLs, as they were once given out, is read", () => {
  const any = fc.integer({ min: 0, max: 2 ** 48 - 1 }).map((sequence) => ({ ...receipt, sequence }));
  const once = (handle: string) => handle.replaceAll("+", "-").replaceAll("/", "_");
  fc.assert(fc.property(any, (receipt) => assert.deepEqual(decodeReceipt(once(encodeReceipt(receipt))), receipt)));
});

test("a handle that was changed in any one character is refused", () => {
  const handle = encodeReceipt(receipt);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let at = 0; at < handle.length; at += 1) {
    for (const other of alphabet) {
      if (other === handle[at]) continue;
      assert.equal(decodeReceipt(handle.slice(0, at) + other + handle.slice(at + 1)), undefined, `character ${at}: ${other}`);
    }
  }
});

test("a handle that was cut, lengthened or made up is refused", () => {
  const handle = encodeReceipt(receipt);
  const forged = Buffer.from(handle, "base64");
  forged[0] = 2;
  const made = [
    "",
    "garbage",
    handle.slice(0, -1),
    handle.slice(1),
    `${handle}A`,
    `${handle.slice(0, 43)}=`,
    `${handle.slice(0, 43)} `,
    "A".repeat(44),
    "é".repeat(44),
    forged.toString("base64"),
  ];
  for (const wrong of made) {
    assert.equal(decodeReceipt(wrong), undefined, wrong);
    assert.throws(() => readReceipt(wrong), { code: "ReceiptHandleIsInvalid" });
  }
  fc.assert(fc.property(fc.string(), (wrong) => assert.equal(decodeReceipt(wrong), undefined)));
});
