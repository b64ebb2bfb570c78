import { systemClock } from "../kernel/clock.ts";
import { EXIT } from "./failure.ts";
import { endProgress, note } from "./output.ts";

/**
 * The first Ctrl-C (or SIGTERM) aborts the signal, so that a command ends what it is at and says how far it came; the
 * second leaves at once.
 * @param saying what is told at the first one; undefined says nothing.
 */
export function interruption(saying?: string): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    endProgress();
    if (saying !== undefined) note(saying);
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return controller.signal;
}

/** Waits, unless the signal is aborted first; keeps the process alive meanwhile. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const alive = new MessageChannel();
  alive.port1.on("message", () => {});
  await new Promise<void>((resolve) => {
    const timer = systemClock().after(ms, resolve);
    signal.addEventListener("abort", () => {
      timer.cancel();
      resolve();
    });
  });
  alive.port1.close();
}
