import { workerData, type MessagePort } from "node:worker_threads";
import { systemClock } from "../../kernel/clock.ts";
import { sentError } from "../../kernel/sent-error.ts";
import { EnginePorts } from "./engine-ports.ts";
import type { StoreModule } from "./module.ts";
import type { FromThread, ToThread } from "./port-messages.ts";
import { realSurroundings, startEngine, type Surroundings } from "./start.ts";

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
  /** A test's own. */
  readonly around?: Surroundings;
}

/**
 * The body of a storage thread: opens the directory, starts the engine and serves it.
 * @param configure from the data given at the start: the directory and the services' stores.
 */
export function runStorageThread(configure: (data: unknown) => ThreadEngine): void {
  const { port, data } = workerData as ThreadData;
  const tell = (message: FromThread) => port.postMessage(message);
  try {
    // What is told before anybody is served is told to each who comes.
    let report = (_name: string, _value: number) => {};
    const onFatal = (reason: unknown) => tell({ fatal: sentError(reason) });
    const onFigure = (name: string, value: number) => report(name, value);
    const { around = realSurroundings(systemClock), ...options } = configure(data);
    const { engine, opened } = startEngine({ ...options, onFatal, onFigure }, around);
    const ports = new EnginePorts(engine);
    report = (name, value) => ports.report(name, value);
    ports.serve(port);
    port.on("message", (message: ToThread | string) => {
      if (typeof message === "string") return;
      if ("serve" in message) ports.serve(message.serve);
      else void ports.stop();
    });
    tell({ ready: { highWaterMs: opened.highWaterMs } });
  } catch (error) {
    tell({ failed: sentError(error) });
    port.close();
  }
}
