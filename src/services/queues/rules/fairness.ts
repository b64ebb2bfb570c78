import { MINUTE_MS, SECOND_MS } from "../../../kernel/units.ts";

/**
 * Which tenants of a standard queue are noisy: they get what the others leave. The thresholds are those of "Amazon SQS
 * fair queues" in the AWS developer guide, 2025–2026; what it leaves open is decided here and said so.
 */
const SHARE_MAX = 0.1;
const IN_FLIGHT_MIN = 30;
const SILENCE_MS = 5 * MINUTE_MS;

/** How long ago is recent: AWS does not say; as long as it remembers a send. */
const RECENT_MS = 5 * MINUTE_MS;

/**
 * A tenant has used no processing time to speak of before it had half a minute of it: AWS names no such least, but
 * without one whoever comes first to an idle queue would be noisy at once.
 */
const PROCESSING_MS_MIN = 30 * SECOND_MS;

/**
 * Recent processing time: message-milliseconds spent in flight up to a time, each forgotten with the years, so that what
 * is `RECENT_MS` ago counts a third. Kept as one number, it costs the same however many messages there were.
 */
export interface Processing {
  readonly ms: number;
  readonly atMs: number;
}

/** The same at a later time, so many messages having been in flight since. */
export function processingBy(nowMs: number, before: Processing, inFlight: number): Processing {
  if (nowMs <= before.atMs) return before;
  const kept = Math.exp((before.atMs - nowMs) / RECENT_MS);
  return { ms: before.ms * kept + inFlight * RECENT_MS * (1 - kept), atMs: nowMs };
}

/** Of a tenant, or of the queue with all its tenants. */
export interface Load {
  readonly inFlight: number;
  readonly processingMs: number;
}

/** Whether the tenant takes too much of its queue now. */
export function takesTooMuch(tenant: Load, queue: Load): boolean {
  if (tenant.inFlight >= IN_FLIGHT_MIN && tenant.inFlight > queue.inFlight * SHARE_MAX) return true;
  return tenant.processingMs >= PROCESSING_MS_MIN && tenant.processingMs > queue.processingMs * SHARE_MAX;
}

/** When a noisy tenant that has sent last at this time and takes no longer too much is quiet again, backlog or none. */
export function quietAgainMs(lastSentMs: number): number {
  return lastSentMs + SILENCE_MS;
}
