import { NAME_REST_MS, PURGE_REST_MS } from "./limits.ts";

/** Whether the name of a deleted queue may not be used yet. All times are epoch milliseconds. */
export function nameRests(deletedMs: number, nowMs: number): boolean {
  return nowMs - deletedMs < NAME_REST_MS;
}

/** Whether the queue may not be purged again yet. */
export function purgeRests(purgedMs: number, nowMs: number): boolean {
  return nowMs - purgedMs < PURGE_REST_MS;
}
