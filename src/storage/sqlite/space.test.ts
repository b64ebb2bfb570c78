import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { MIB } from "../../kernel/units.ts";
import { Admission } from "./admission.ts";
import { Figures } from "./figures.ts";
import { Space, type Disk } from "./space.ts";

const BALLAST = 64 * MIB;

/** A disk with so much space, of which the ballast takes its part. */
class FakeDisk implements Disk {
  space: number;
  ballast = 0;
  dropped = false;
  /** Whether a ballast can be made. */
  works = true;

  constructor(space: number) {
    this.space = space;
  }

  freeBytes(): number {
    return this.space - this.ballast;
  }

  ballastBytes(): number {
    return this.ballast;
  }

  async makeBallast(bytes: number): Promise<void> {
    if (!this.works) throw new Error("ENOSPC");
    this.ballast = bytes;
    this.dropped = false;
  }

  wasDropped(): boolean {
    return this.dropped;
  }

  dropBallast(): void {
    if (this.ballast > 0) this.dropped = true;
    this.ballast = 0;
  }
}

function start(space: number, ballast = 0, dropped = false) {
  const disk = new FakeDisk(space);
  disk.ballast = ballast;
  disk.dropped = dropped;
  const clock = manualClock();
  const figures = new Figures();
  const admission = new Admission(figures);
  admission.grows("queues.send");
  const failures: unknown[] = [];
  const database = { reusable: 0 };
  const reusableBytes = () => database.reusable;
  const onFailure = (reason: unknown) => failures.push(reason);
  const keeper = new Space({ disk, clock, admission, ballastBytes: BALLAST, reusableBytes, onFailure });
  return { disk, clock, figures, admission, keeper, failures, database };
}

test("the ballast is made within a second of the start, where there is space for it and as much beside it", async () => {
  const { disk, clock } = start(200 * MIB);
  assert.equal(disk.ballast, 0);
  clock.advance(1000);
  assert.equal(disk.ballast, BALLAST);
  const small = start(100 * MIB);
  small.clock.advance(10_000);
  assert.equal(small.disk.ballast, 0);
  assert.equal(small.admission.refuses("space"), false);
});

test("below the mark what stores more is refused and the ballast is dropped; the rest goes on", () => {
  const { disk, clock, admission, figures } = start(200 * MIB, BALLAST);
  disk.space = BALLAST + 31 * MIB;
  clock.advance(1000);
  assert.equal(disk.ballast, 0);
  assert.throws(() => admission.check("queues.send"), { code: "ServiceUnavailable" });
  admission.check("queues.delete");
  assert.equal(figures.get("storage.space_short"), 1);
});

test("a write that finds the disk full need not wait for the next look, and says so once", () => {
  const { disk, admission, keeper } = start(500 * MIB, BALLAST);
  assert.equal(keeper.full(), true);
  assert.equal(keeper.full(), false);
  assert.deepEqual([admission.refuses("space"), disk.ballast], [true, 0]);
});

test("storing goes on within a second of space for the ballast and the mark twice over, and the ballast is made again", async () => {
  const { disk, clock, admission } = start(200 * MIB, BALLAST);
  disk.space = BALLAST + 10 * MIB;
  clock.advance(1000);
  disk.space = BALLAST + 63 * MIB;
  clock.advance(5000);
  assert.equal(admission.refuses("space"), true, "the ballast that was dropped is not new space");
  disk.space = BALLAST + 64 * MIB;
  clock.advance(500);
  assert.equal(admission.refuses("space"), false);
  clock.advance(1000);
  assert.equal(disk.ballast, BALLAST);
});

test("a start on a full disk drops the ballast at once and refuses", () => {
  const { disk, admission } = start(BALLAST + 1000, BALLAST);
  assert.deepEqual([disk.ballast, admission.refuses("space")], [0, true]);
});

test("a ballast that cannot be made is tried again", async () => {
  const { disk, clock, failures } = start(200 * MIB);
  disk.works = false;
  clock.advance(1000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(failures.length, 1);
  disk.works = true;
  clock.advance(1000);
  assert.equal(disk.ballast, BALLAST);
});

test("space within the database counts, for who drains a queue makes room there; only the log needs some on the disk", () => {
  const { disk, clock, admission, database } = start(200 * MIB, BALLAST);
  disk.space = 20 * MIB;
  clock.advance(1000);
  assert.equal(admission.refuses("space"), true);
  database.reusable = 1000 * MIB;
  clock.advance(500);
  assert.equal(admission.refuses("space"), false);
  disk.space = 9 * MIB;
  clock.advance(10_000);
  assert.equal(admission.refuses("space"), false, "it does not waver");
  disk.space = 7 * MIB;
  clock.advance(1000);
  assert.equal(admission.refuses("space"), true);
});

test("a start after the ballast was dropped refuses until there is space for it again, and takes everything at once where there is", () => {
  const { admission, clock, disk } = start(100 * MIB, 0, true);
  assert.equal(admission.refuses("space"), true);
  disk.space = 128 * MIB;
  clock.advance(500);
  assert.equal(admission.refuses("space"), false);
  assert.equal(start(128 * MIB, 0, true).admission.refuses("space"), false);
});
