import assert from "node:assert/strict";
import { test } from "node:test";
import { pointerBody, pointerOf } from "./pointer.ts";

const sized = { ExtendedPayloadSize: { type: "Number", value: "1" } };

test("a pointer is what AWS's extended clients write, byte for byte, and is read back", () => {
  const body = pointerBody({ bucket: "b", key: "k" });
  assert.equal(body, `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"b","s3Key":"k"}]`);
  assert.deepEqual(pointerOf(body, sized), { bucket: "b", key: "k" });
});

test("without the size attribute a body is only a body", () => {
  assert.equal(pointerOf(pointerBody({ bucket: "b", key: "k" }), {}), undefined);
});

test("what says that it is a pointer and is none is damaged", () => {
  for (const body of [
    "",
    "{}",
    "[]",
    `["java.lang.Runtime",{"s3BucketName":"b","s3Key":"k"}]`,
    `["software.amazon.payloadoffloading.PayloadS3Pointer",{}]`,
  ])
    assert.equal(pointerOf(body, sized), "damaged", body);
});
