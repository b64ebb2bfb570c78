import { workerData, type MessagePort } from "node:worker_threads";
import { systemClock } from "../../kernel/clock.ts";
import { Checkpointer } from "./checkpointer.ts";
import { Engine } from "./engine.ts";
import type { StoreModule } from "./module.ts";
import { openDirectory } from "./open.ts";
import { sentError, serveEngine } from "./thread.ts";

/** What a storage thread is started with. */
interface ThreadData {
  readonly port: MessagePort;
  readonly data: unknown;
}

/**
 * The body of a storage thread: opens the directory, starts the engine and serves it.
 * @param configure from the data given at the start: the directory and the services' stores.
 */
export function runStorageThread(configure: (data: unknown) => { directory: string; modules: readonly StoreModule[] }): void {
  const { port, data } = workerData as ThreadData;
  try {
    const { directory, modules } = configure(data);
    const opened = openDirectory(directory, modules);
    const clock = systemClock(opened.highWaterMs);
    const onFatal = (reason: unknown) => port.postMessage({ fatal: sentError(reason) });
    const onReport = (name: string, value: number) => port.postMessage({ report: [name, value] });
    const checkpointer =
      opened.file === undefined ? undefined : new Checkpointer(opened.file, { database: opened.database, clock, onFailure: onFatal });
    const engine = new Engine({ opened, modules, clock, checkpointer, soon: setImmediate, onFatal, onReport });
    serveEngine(port, engine);
    port.postMessage({ ready: { highWaterMs: opened.highWaterMs } });
  } catch (error) {
    port.postMessage({ failed: sentError(error) });
    port.close();
  }
}
