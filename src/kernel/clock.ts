/**
 * Time comes through this port only, so that tests own it and engine time never runs backwards.
 *
 * Engine time = max(stored high-water mark, wall clock at start) + monotonic time elapsed since. A wall clock that is
 * set back while the server runs, or between two runs, changes nothing that is stored.
 */
export interface Clock {
  /** Engine time in epoch milliseconds, a whole number; never goes back. */
  nowMs(): number;
  /** Monotonic milliseconds with a fraction, for measuring durations only. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** A clock whose time moves only when the test says so. */
export interface ManualClock extends Clock {
  /** Its time, for other threads to see: one number, epoch milliseconds. */
  readonly cell: SharedArrayBuffer;
  /** Moves time forward and fires, in order of their time, all timers that became due. */
  advance(byMs: number): void;
}

/** What a machine knows of time. Its wall clock may be set forward or back at any moment, the other never is. */
export interface TimeSource {
  /** Epoch milliseconds. */
  wallMs(): number;
  /** Milliseconds with a fraction, from any zero. */
  monotonicMs(): number;
  /** As `Clock.after`; it may call back late. */
  after(delayMs: number, callback: () => void): Timer;
}

/** Node's longest timer; a longer one would fire at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * The real clock.
 * @param floorMs epoch milliseconds that time must not fall below: the stored high-water mark.
 */
export function systemClock(floorMs: number = 0): Clock {
  return clockOn(SYSTEM, floorMs);
}

/** Engine time upon a machine's: its wall clock is looked at once, now. @param floorMs as for `systemClock`. */
export function clockOn(source: TimeSource, floorMs: number): Clock {
  const startedMs = source.monotonicMs();
  const epochMs = Math.max(floorMs, source.wallMs());
  return {
    nowMs: () => Math.floor(epochMs + source.monotonicMs() - startedMs),
    monotonicMs: () => source.monotonicMs(),
    after: (delayMs, callback) => source.after(delayMs, callback),
  };
}

/** A clock's time as plain data, for another thread to show the same. */
export type SentTime = { readonly epochMs: number; readonly atMs: number } | { readonly cell: SharedArrayBuffer };

export function sentTime(clock: Clock): SentTime {
  // Monotonic time counts from the same zero on every thread.
  return isManual(clock) ? { cell: clock.cell } : { epochMs: clock.nowMs(), atMs: clock.monotonicMs() };
}

function isManual(clock: Clock): clock is ManualClock {
  return "cell" in clock;
}

/** The clock of another thread, seen from this one. Of one that is driven by hand no timers can be had. */
export function receivedClock(time: SentTime): Clock {
  if ("cell" in time) {
    const cell = new Float64Array(time.cell);
    const nowMs = () => cell[0] ?? 0;
    const after = () => {
      throw new Error("timers belong to the thread that drives the clock");
    };
    return { nowMs, monotonicMs: nowMs, after };
  }
  const { epochMs, atMs } = time;
  return {
    nowMs: () => Math.floor(epochMs + SYSTEM.monotonicMs() - atMs),
    monotonicMs: () => SYSTEM.monotonicMs(),
    after: (delayMs, callback) => SYSTEM.after(delayMs, callback),
  };
}

const SYSTEM: TimeSource = {
  wallMs: systemWallMs,
  monotonicMs: hrtimeMs,
  after(delayMs, callback) {
    const handle = setTimeout(callback, Math.min(Math.max(0, delayMs), TIMER_MS_MAX));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** The machine's wall clock, epoch milliseconds: may jump. Only for those who ask whether it is to be believed. */
export function systemWallMs(): number {
  return Date.now();
}

/**
 * `process.hrtime` and not `performance.now`: it counts from the same zero on every thread. Its pair takes two thirds of
 * what its bigint takes, and each request reads the clock a few times.
 */
function hrtimeMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** @param startMs epoch milliseconds of the first reading. */
export function manualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  const cell = new SharedArrayBuffer(8);
  const time = new Float64Array(cell);
  let nowMs = startMs;
  const setNow = (atMs: number) => {
    nowMs = atMs;
    time[0] = atMs;
  };
  setNow(startMs);
  const timers = new Set<{ atMs: number; callback: () => void }>();
  const nextDue = (untilMs: number) => {
    let next: { atMs: number; callback: () => void } | undefined;
    for (const timer of timers) if (timer.atMs <= untilMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    return next;
  };
  return {
    cell,
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(byMs) {
      const untilMs = nowMs + byMs;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        setNow(Math.max(nowMs, timer.atMs));
        timer.callback();
      }
      setNow(untilMs);
    },
  };
}
