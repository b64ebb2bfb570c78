import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { broken, crash, notice, read, write } from "./timeline.fixture.ts";

const unknown = { outcome: "unknown" } as const;
const refused = { outcome: "refused" } as const;

/** The rules of objects that a history breaks; events have tests of their own. */
function brokenObject(...history: Parameters<typeof broken>): string[] {
  return broken(...history).filter((rule) => rule !== "notice");
}

describe("nothing is wrong", () => {
  test("with reads of what was written last", () => {
    const history = [
      read(0, undefined),
      write(20, "a"),
      read(40, "a"),
      write(60, "b"),
      crash(80),
      read(90, "b"),
      write(110, undefined),
      read(130, undefined),
    ];
    assert.deepEqual(brokenObject(...history), []);
  });

  test("with a read during a write, which may see either", () => {
    const history = (seen: string) => [write(0, "a"), write(20, "b", { endMs: 60 }), read(30, seen)];
    assert.deepEqual(brokenObject(...history("a")), []);
    assert.deepEqual(brokenObject(...history("b")), []);
  });

  test("with a write without an answer, whether it was made or not", () => {
    assert.deepEqual(brokenObject(write(0, "a"), write(20, "b", unknown), read(40, "a"), read(60, "a")), []);
    assert.deepEqual(brokenObject(write(0, "a"), write(20, "b", unknown), read(40, "b"), read(60, "b")), []);
    assert.deepEqual(brokenObject(write(0, "a"), write(20, undefined, unknown), read(40, undefined)), []);
  });
});

describe("object-lost", () => {
  test("an acknowledged object that is not there", () => {
    assert.deepEqual(brokenObject(write(0, "a"), crash(20), read(30, undefined)), ["object-lost"]);
  });

  test("an older one in its place", () => {
    assert.deepEqual(brokenObject(write(0, "a"), write(20, "b"), crash(40), read(50, "a")), ["object-lost"]);
  });
});

describe("object-returned", () => {
  test("a deleted object that is there", () => {
    assert.deepEqual(brokenObject(write(0, "a"), write(20, undefined), crash(40), read(50, "a")), ["object-returned"]);
  });
});

describe("object-invented", () => {
  test("bytes that nobody wrote, such as a half of what somebody did", () => {
    assert.deepEqual(brokenObject(write(0, "a"), read(20, "half of a")), ["object-invented"]);
  });
});

describe("object-unwanted", () => {
  test("the bytes of a PUT that was refused or cut off", () => {
    assert.deepEqual(brokenObject(write(0, "a"), write(20, "b", refused), read(40, "b")), ["object-unwanted"]);
  });
});

describe("object-wavered", () => {
  test("an unanswered write that is seen and then not", () => {
    assert.deepEqual(brokenObject(write(0, "a"), write(20, "b", unknown), read(40, "b"), read(60, "a")), ["object-wavered"]);
  });

  test("one that is not seen and then seen", () => {
    assert.deepEqual(brokenObject(write(0, "a"), write(20, "b", unknown), read(40, "a"), read(60, "b")), ["object-wavered"]);
  });

  test("a write under way that is seen and then not", () => {
    assert.deepEqual(brokenObject(write(0, "a"), write(20, "b", { endMs: 100 }), read(30, "b"), read(50, "a")), ["object-wavered"]);
  });
});

describe("object-etag", () => {
  test("the ETag of other bytes", () => {
    assert.deepEqual(brokenObject(write(0, "a"), read(20, "a", { etag: "etag of b" })), ["object-etag"]);
  });
});

describe("events", () => {
  test("tell of every write that was made, in order, and of an unanswered one if it was made", () => {
    assert.deepEqual(broken(write(0, "a"), write(20, undefined), notice(1, "a"), notice(2, undefined)), []);
    assert.deepEqual(broken(write(0, "a", unknown), write(20, "b"), notice(1, "b")), []);
    assert.deepEqual(broken(write(0, "a", unknown), write(20, "b"), notice(1, "a"), notice(2, "b")), []);
    assert.deepEqual(broken(write(0, undefined, unknown), write(20, undefined), notice(1, undefined)), []);
  });

  test("are wrong if one is missing", () => {
    assert.deepEqual(broken(write(0, "a"), write(20, "b"), notice(1, "a")), ["notice"]);
    assert.deepEqual(broken(write(0, "a"), write(20, "b"), notice(1, "b")), ["notice"]);
  });

  test("are wrong if one comes twice", () => {
    assert.deepEqual(broken(write(0, "a"), notice(1, "a"), notice(2, "a")), ["notice"]);
  });

  test("are wrong out of order", () => {
    assert.deepEqual(broken(write(0, "a"), write(20, "b"), notice(2, "a"), notice(1, "b")), ["notice"]);
  });

  test("are wrong for what was refused", () => {
    assert.deepEqual(broken(write(0, "a", refused), notice(1, "a")), ["notice"]);
  });

  test("are wrong for what nobody did", () => {
    assert.deepEqual(broken(notice(1, "a")), ["notice"]);
  });

  test("exist exactly if the unanswered write was made, where a read has told", () => {
    assert.deepEqual(broken(write(0, "a", unknown), read(20, "a")), ["notice"]);
    assert.deepEqual(broken(write(0, "a", unknown), read(20, undefined), notice(1, "a")), ["notice"]);
    assert.deepEqual(broken(write(0, "a", unknown), read(20, "a"), notice(1, "a")), []);
  });
});
