import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PhotoResponse, Result } from "./jobs.ts";
import { QUEUED, advance, fail, isFinal } from "./state.ts";
import type { PhotoStatus, Stage } from "./state.ts";

const of = { batchId: "b", photoId: "b-0" };
const results: Result[] = [{ name: "photo", key: "results/b-0/photo.jpg", width: 1, height: 1, bytes: 1 }];
const progress = (stage: "server-a" | "waiting" | "server-b", fraction: number): PhotoResponse => ({
  kind: "progress",
  ...of,
  stage,
  fraction,
  step: `${stage} ${fraction}`,
});
const done: PhotoResponse = { kind: "done", ...of, results };
const unusable: PhotoResponse = { kind: "unusable", ...of, text: "not a photo" };

/** All orders in which messages may arrive. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => orders(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

describe("the status of a photo", () => {
  it("goes from queued through both servers to done", () => {
    const stages: Stage[] = [];
    let status: PhotoStatus = QUEUED;
    for (const response of [
      progress("server-a", 0),
      progress("server-a", 0.2),
      progress("waiting", 0.3),
      progress("server-b", 0.5),
      done,
    ]) {
      status = advance(status, response);
      stages.push(status.stage);
    }
    assert.deepEqual(stages, ["server-a", "server-a", "waiting", "server-b", "done"]);
    assert.deepEqual(status, { stage: "done", fraction: 1, step: "", results });
  });

  it("ends the same whatever the order of the messages, and however often they come", () => {
    const messages = [progress("server-a", 0.2), progress("waiting", 0.3), progress("server-b", 0.5), done, progress("server-b", 0.9)];
    for (const order of orders(messages)) {
      const end = [...order, ...order].reduce(advance, QUEUED);
      assert.deepEqual(end, { stage: "done", fraction: 1, step: "", results });
    }
  });

  it("never moves its bar back", () => {
    for (const order of orders([
      progress("server-a", 0.1),
      progress("server-a", 0.3),
      progress("waiting", 0.3),
      progress("server-b", 0.3),
    ])) {
      let status: PhotoStatus = QUEUED;
      for (const response of order) {
        const next = advance(status, response);
        assert.ok(next.fraction >= status.fraction);
        status = next;
      }
    }
  });

  it("is the same object when a message says nothing new, so that nothing is stored", () => {
    const status = advance(QUEUED, progress("server-b", 0.5));
    assert.equal(advance(status, progress("server-b", 0.5)), status);
    assert.equal(advance(status, progress("server-a", 0.9)), status);
    const end = advance(status, done);
    assert.equal(advance(end, done), end);
    assert.equal(advance(end, unusable), end);
    assert.equal(fail(end, "x"), end);
  });

  it("keeps the reason of an unusable photo", () => {
    const end = [progress("server-a", 0), unusable, progress("server-a", 0.5)].reduce(advance, QUEUED);
    assert.deepEqual(end, { stage: "unusable", fraction: 1, step: "", text: "not a photo" });
    assert.ok(isFinal(end));
  });

  it("takes a result that comes after the photo was given up", () => {
    const given = fail(advance(QUEUED, progress("server-a", 0.4)), "gone");
    assert.deepEqual(given, { stage: "failed", fraction: 0.4, step: "", text: "gone" });
    assert.equal(advance(given, progress("server-b", 0.5)), given);
    assert.equal(advance(given, done).stage, "done");
  });
});
