import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { manualClock } from "../kernel/clock.ts";
import { writeText } from "./held-answer.ts";
import { HTTP_LIMITS } from "./http.ts";
import { SlowPeers } from "./slow-peers.ts";

/** A connection whose peer takes what is written when the test says so. */
function scene() {
  const clock = manualClock();
  const peers = new SlowPeers(clock, HTTP_LIMITS.patience);
  const left: (() => void)[] = [];
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => void left.push(done), decodeStrings: false });
  const socket = Object.assign(stream, { bytesWritten: 0 }) as unknown as Socket;
  let taken = false;
  writeText(socket, "HTTP/1.1 200 OK\r\n\r\n", { peers, taken: () => (taken = true) });
  return { clock, peers, socket, left, isTaken: () => taken };
}

test("an answer is taken when the connection has all of it, and its peer is looked after until then", async () => {
  const { peers, left, isTaken } = scene();
  assert.deepEqual([isTaken(), peers.size], [false, 1]);
  for (let take = left.shift(); take !== undefined; take = left.shift()) {
    take();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([isTaken(), peers.size], [true, 0]);
});

test("a peer that takes nothing of it is given up when the patience is over, and not before", async () => {
  const { clock, peers, socket, isTaken } = scene();
  clock.advance(HTTP_LIMITS.patience.ms);
  assert.equal(socket.destroyed, false);
  const closed = once(socket, "close");
  clock.advance(HTTP_LIMITS.patience.ms);
  assert.equal(socket.destroyed, true);
  await closed;
  assert.deepEqual([isTaken(), peers.size], [false, 0]);
});
