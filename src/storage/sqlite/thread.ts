import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import { receivedError, type SentError } from "../../kernel/sent-error.ts";
import { StorageStopped, type Storage } from "../storage.ts";
import { CannotOpen } from "./open.ts";
import { PortClient } from "./port-client.ts";
import type { FromEngine, ThreadReady, ToThread } from "./port-messages.ts";

/** The engine on a thread of its own, so that an fsync never blocks the sockets. */
export interface ThreadStorage extends Storage {
  readonly ready: ThreadReady;
  /** A port for a further thread that asks: it makes a `PortClient` of it. */
  connect(): MessagePort;
}

export interface ThreadOptions {
  readonly data: unknown;
  readonly onFatal: (reason: Error) => void;
  readonly onFigure?: (name: string, value: number) => void;
}

/**
 * Starts the thread and waits until its database is open.
 * @param entry the module that calls `runStorageThread`; it alone knows the services' stores.
 * @param options `onFatal`: the engine stopped at an I/O error; `onFigure`: a figure of the report has changed.
 * @throws {CannotOpen}
 */
export async function startStorageThread(entry: URL, options: ThreadOptions): Promise<ThreadStorage> {
  const { port1: port, port2 } = new MessageChannel();
  const worker = new Worker(entry, { workerData: { port: port2, data: options.data }, transferList: [port2] });
  const client = new PortClient(port, options.onFigure);
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const tell = (message: ToThread, transfer: MessagePort[] = []) => port.postMessage(message, transfer);
  const connect = () => {
    const { port1, port2: theirs } = new MessageChannel();
    tell({ serve: theirs }, [theirs]);
    return port1;
  };
  const stop = async () => {
    if (client.stopped) await worker.terminate(); // It has failed; there is nothing to finish.
    else {
      client.hurry();
      tell({ stop: true });
      await client.stop();
    }
    await exited;
  };
  return new Promise((resolve, reject) => {
    worker.once("error", (error: Error) => {
      reject(error);
      client.fail();
      options.onFatal(error);
    });
    port.on("message", (message: FromEngine) => {
      if (typeof message === "string" || "report" in message) return;
      if ("ready" in message) {
        const { ready } = message;
        resolve({ report: client.report, ready, unit: (calls, signal) => client.unit(calls, signal), connect, stop });
      } else if ("failed" in message) reject(threadError(message.failed));
      else {
        client.fail();
        options.onFatal(threadError(message.fatal));
      }
    });
  });
}

function threadError(sent: SentError): Error {
  if (!("name" in sent)) return receivedError(sent);
  if (sent.name === "StorageStopped") return new StorageStopped(sent.message);
  return sent.name === "CannotOpen" ? new CannotOpen(sent.message) : receivedError(sent);
}
