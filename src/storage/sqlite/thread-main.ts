import { workerData, type MessagePort } from "node:worker_threads";
import { systemClock } from "../../kernel/clock.ts";
import type { StoreModule } from "./module.ts";
import { realSurroundings, startEngine } from "./start.ts";
import { sentError, serveEngine } from "./thread.ts";

/** What a storage thread is started with. */
interface ThreadData {
  readonly port: MessagePort;
  readonly data: unknown;
}

/** What a storage thread is told of its engine. */
interface ThreadEngine {
  readonly directory: string;
  readonly modules: readonly StoreModule[];
  readonly ballastBytes?: number;
}

/**
 * The body of a storage thread: opens the directory, starts the engine and serves it.
 * @param configure from the data given at the start: the directory and the services' stores.
 */
export function runStorageThread(configure: (data: unknown) => ThreadEngine): void {
  const { port, data } = workerData as ThreadData;
  try {
    const onFatal = (reason: unknown) => port.postMessage({ fatal: sentError(reason) });
    const onFigure = (name: string, value: number) => port.postMessage({ report: [name, value] });
    const { engine, opened } = startEngine({ ...configure(data), onFatal, onFigure }, realSurroundings(systemClock));
    serveEngine(port, engine);
    port.postMessage({ ready: { highWaterMs: opened.highWaterMs } });
  } catch (error) {
    port.postMessage({ failed: sentError(error) });
    port.close();
  }
}
