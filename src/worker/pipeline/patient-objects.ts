import type { Clock } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import type { Objects } from "../objects.ts";
import { pause } from "../pause.ts";
import { pauseMs } from "../rules/backoff.ts";
import { failureOf, isWorthRetrying } from "../rules/failure.ts";

const RETRY = { baseMs: 100, capMs: 2 * SECOND_MS };

/**
 * The same store, asked again for up to `timeMs` while it is away: one that is killed and replaced is back within seconds.
 * A handler that was begun is then not repeated for nothing.
 */
export function patientObjects(objects: Objects, parts: { clock: Clock; random: Random; timeMs: number }): Objects {
  const { clock, random, timeMs } = parts;
  const patient = async <T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const untilMs = clock.monotonicMs() + timeMs;
    for (let failures = 1; ; failures += 1) {
      try {
        return await call();
      } catch (error) {
        const delayMs = pauseMs(failures, RETRY, random.fraction());
        const failure = failureOf(error);
        const isOver = signal?.aborted === true || clock.monotonicMs() + delayMs >= untilMs;
        if (isOver || failure.kind === "client" || !isWorthRetrying(failure)) throw error;
        await pause(clock, delayMs, signal);
      }
    }
  };
  return {
    bucket: objects.bucket,
    read: async (key, signal) => await patient(async () => await objects.read(key, signal), signal),
    write: async (key, text, options = {}) => await patient(async () => await objects.write(key, text, options), options.signal),
    list: async (prefix, signal) => await patient(async () => await objects.list(prefix, signal), signal),
    page: async (prefix, afterKey, signal) => await patient(async () => await objects.page(prefix, afterKey, signal), signal),
    removeVersions: async (listed) => await patient(async () => await objects.removeVersions(listed)),
    remove: async (keys) => await patient(async () => await objects.remove(keys)),
    follow: async (pointer, bytesMax, signal) => await patient(async () => await objects.follow(pointer, bytesMax, signal), signal),
    getBytes: async (key, signal) => await patient(async () => await objects.getBytes(key, signal), signal),
    putBytes: async (key, bytes, options) => await patient(async () => await objects.putBytes(key, bytes, options), options.signal),
  };
}
