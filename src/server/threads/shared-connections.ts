import type { Server } from "node:http";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import { SAY_EVERY_MS, sayRefused } from "../connections.ts";

/** What all threads count together, in memory that they share. Connections do not come to them evenly. */
export interface ConnectionCells {
  /** Connections that the process may have open at once. */
  readonly max: number;
  /** Four bytes each: open connections, refused ones, and when that was said, in seconds of monotonic time. */
  readonly cells: SharedArrayBuffer;
}

const OPEN = 0;
const REFUSED = 1;
const SAID = 2;

export function connectionCells(max: number): ConnectionCells {
  const cells = new SharedArrayBuffer(12);
  new Int32Array(cells)[SAID] = -SAY_EVERY_MS;
  return { max, cells };
}

/**
 * Closes connections beyond a number as soon as they come, whichever thread has how many, and says so. Two that come to
 * two threads in the same moment may both be taken.
 */
export function limitTogether(server: Server, { max, cells }: ConnectionCells, { logger, clock }: { logger: Logger; clock: Clock }): void {
  if (max === Infinity) return;
  const counts = new Int32Array(cells);
  const closed = () => void Atomics.sub(counts, OPEN, 1); // One for all: there may be ten thousand connections.
  server.on("connection", (socket) => {
    if (socket.listenerCount("close", closed) > 0) return; // One that was kept aside while its client waited.
    Atomics.add(counts, OPEN, 1);
    socket.on("close", closed);
  });
  // Node asks for it with each connection that comes, and compares it with those of this server alone.
  Object.defineProperty(server, "maxConnections", { get: () => (Atomics.load(counts, OPEN) < max ? Infinity : 0) });
  server.on("drop", () => {
    Atomics.add(counts, REFUSED, 1);
    const nowS = Math.floor(clock.monotonicMs() / SECOND_MS);
    const saidS = Atomics.load(counts, SAID);
    if (nowS - saidS < SAY_EVERY_MS / SECOND_MS || Atomics.compareExchange(counts, SAID, saidS, nowS) !== saidS) return;
    sayRefused(logger, { refused: Atomics.exchange(counts, REFUSED, 0), open: max });
  });
}
