import type { Logger } from "../kernel/logger.ts";
import { stageText } from "./rules/drain.ts";
import type { Worker } from "./worker.ts";

/** What is used of `process`. */
export interface SignalHost {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  listenerCount(signal: NodeJS.Signals): number;
  exit(code: number): void;
  exitCode?: string | number | null | undefined;
}

/** Of a process whose worker had to give work back. */
const RELEASED_EXIT_CODE = 3;

const SIGNALS: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

/**
 * Stops the worker at the first signal and moves its stop on at each further one, which it says first. Then ends the
 * process with 0, or with 3 where work was given back; unless others listen for the signal too, such as a second worker: the
 * last one ends it.
 */
export function stopOnSignals(worker: Pick<Worker, "stop" | "stopped" | "hurry">, parts: { host: SignalHost; log: Logger }): void {
  const { host, log } = parts;
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) {
      worker.hurry();
      return;
    }
    isStopping = true;
    log.info(`${signal} received`, { stage: "drain", meaning: stageText("drain"), again: "moves on to the next stage" });
    void worker.stop();
  };
  for (const name of SIGNALS) host.on(name, onSignal);
  void worker.stopped.then(({ released }) => {
    for (const name of SIGNALS) host.off(name, onSignal);
    // Whoever stops the worker by itself also decides when the process ends.
    if (!isStopping) return;
    if (released > 0) host.exitCode = RELEASED_EXIT_CODE;
    if (SIGNALS.every((name) => host.listenerCount(name) === 0)) host.exit(Number(host.exitCode ?? 0));
  });
}
