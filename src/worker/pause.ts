import type { Clock } from "../kernel/clock.ts";

/** Resolves after `delayMs`, or as soon as the signal is aborted; never rejects. */
export async function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      timer.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.after(delayMs, end);
    signal?.addEventListener("abort", end);
  });
}

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Aborts the call earlier. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a call that must not take longer than `timeoutMs`: a machine that vanished never closes its connections, and the
 * AWS SDK by itself would wait for it forever. The call is aborted through the signal it is given.
 */
export async function withDeadline<T>(options: DeadlineOptions, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, timeoutMs, signal } = options;
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  const timer = clock.after(timeoutMs, () => controller.abort(new DOMException(`no answer in ${timeoutMs} ms`, "TimeoutError")));
  try {
    return await call(controller.signal);
  } finally {
    timer.cancel();
    signal?.removeEventListener("abort", abort);
  }
}
