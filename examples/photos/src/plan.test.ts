import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LongRequest, Operations, PhotoRequest, PhotoResponse } from "./jobs.ts";
import { planOf, resultsOf, without } from "./plan.ts";

const regions = [{ left: 0.1, top: 0.1, width: 0.2, height: 0.2 }];
const BATCH = "0b7c7f5e-6c1f-4a58-9d9c-3f1f3a6d2b10";

describe("the plan of a photo", () => {
  it("gives all short operations to server A, in the order that makes sense", () => {
    const operations: Operations = {
      thumbnail: true,
      watermark: { text: "x" },
      recolour: { style: "sepia" },
      enhance: true,
      crop: { shape: "square" },
    };
    assert.deepEqual(planOf(operations), { now: ["crop", "enhance", "recolour", "watermark", "thumbnail"], later: [] });
  });

  it("gives server B everything from the first long operation on, so that no photo travels back", () => {
    const operations: Operations = { crop: { shape: "wide" }, redEye: { regions }, enhance: true, watermark: { text: "x" } };
    assert.deepEqual(planOf(operations), { now: ["crop"], later: ["redEye", "enhance", "watermark"] });
    assert.deepEqual(planOf({ teeth: { regions } }), { now: [], later: ["teeth"] });
  });

  it("makes one edited photo, a thumbnail, or both", () => {
    assert.deepEqual(resultsOf({ thumbnail: true }), ["thumbnail"]);
    assert.deepEqual(resultsOf({ enhance: true }), ["photo"]);
    assert.deepEqual(resultsOf({ thumbnail: true, redEye: { regions } }), ["photo", "thumbnail"]);
    assert.deepEqual(resultsOf({ thumbnail: true, crop: undefined }), ["thumbnail"]);
  });

  it("leaves for the next server what is not done", () => {
    assert.deepEqual(without({ crop: { shape: "wide" }, redEye: { regions }, enhance: true }, ["crop"]), {
      redEye: { regions },
      enhance: true,
    });
  });
});

describe("messages", () => {
  it("need at least one operation", () => {
    assert.equal(Operations.safeParse({}).success, false);
    assert.equal(Operations.safeParse({ crop: undefined }).success, false);
    assert.equal(Operations.safeParse({ enhance: true }).success, true);
  });

  it("refuse what no operation understands", () => {
    const refused = [
      { enhance: false },
      { crop: { shape: "star" } },
      { recolour: { style: "tint" } },
      { recolour: { style: "tint", colour: "red" } },
      { watermark: { text: "   " } },
      { watermark: { text: "x".repeat(41) } },
      { redEye: { regions: [] } },
      { redEye: { regions: [{ left: 0.9, top: 0, width: 0.2, height: 0.1 }] } },
      { redEye: { regions: [{ left: 0, top: 0, width: 0, height: 0.1 }] } },
      { teeth: { regions: Array.from({ length: 17 }, () => regions[0]) } },
      { enhance: true, blur: true },
    ];
    for (const operations of refused) assert.equal(Operations.safeParse(operations).success, false, JSON.stringify(operations));
  });

  it("survive the way through a queue", () => {
    const photoId = `${BATCH}-3`;
    const request: PhotoRequest = {
      batchId: BATCH,
      photoId,
      uploadKey: "uploads/x",
      operations: { redEye: { regions }, crop: { shape: "square" } },
    };
    const long: LongRequest = { batchId: BATCH, photoId, workKey: "work/x.png", operations: { redEye: { regions } }, fraction: 0.5 };
    const done: PhotoResponse = {
      kind: "done",
      batchId: BATCH,
      photoId,
      results: [{ name: "photo", key: "results/x/photo.jpg", width: 3, height: 4, bytes: 5 }],
    };
    assert.deepEqual(PhotoRequest.parse(JSON.parse(JSON.stringify(request))), request);
    assert.deepEqual(LongRequest.parse(JSON.parse(JSON.stringify(long))), long);
    assert.deepEqual(PhotoResponse.parse(JSON.parse(JSON.stringify(done))), done);
  });

  it("refuse a photo id that could be a path", () => {
    for (const photoId of ["../x", `${BATCH}-1/..`, "", `${BATCH}-12345`])
      assert.equal(
        PhotoRequest.safeParse({ batchId: BATCH, photoId, uploadKey: "x", operations: { enhance: true } }).success,
        false,
        photoId,
      );
  });
});
