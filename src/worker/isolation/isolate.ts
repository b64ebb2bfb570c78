import { fork } from "node:child_process";
import { Worker as Thread } from "node:worker_threads";
import type { FromHandler, ToHandler } from "./protocol.ts";

/** Where handlers run: on a thread of this process, or in a process of their own. */
export type Isolation = "thread" | "process";

/** A thread or process that runs one handler at a time. */
export interface Isolate {
  post(message: ToHandler): void;
  /** What the running handler tells. */
  onMessage: (message: FromHandler) => void;
  /** It has ended, by itself or not; nothing more is told. */
  onEnd: (reason: Error) => void;
  /** Ends it in the midst of whatever it does. */
  end(): void;
}

/** Neither kind keeps the process alive: their worker does. */
export function startIsolate(isolation: Isolation): Isolate {
  return isolation === "thread" ? startThread() : startProcess();
}

function startThread(): Isolate {
  const thread = new Thread(new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url));
  thread.unref();
  const isolate: Isolate = {
    post: (message) => thread.postMessage(message),
    onMessage: () => {},
    onEnd: () => {},
    end: () => void thread.terminate(),
  };
  thread.on("message", (message: FromHandler) => isolate.onMessage(message));
  let failure: Error | undefined;
  thread.on("error", (error) => (failure = error instanceof Error ? error : new Error(String(error))));
  thread.once("exit", (code) => isolate.onEnd(failure ?? new Error(`the handler's thread ended with exit code ${code}`)));
  return isolate;
}

function startProcess(): Isolate {
  const entry = new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url);
  const child = fork(entry, [], { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.unref();
  child.channel?.unref();
  const isolate: Isolate = {
    post: (message) => void child.send(message),
    onMessage: () => {},
    onEnd: () => {},
    end: () => void child.kill("SIGKILL"),
  };
  child.on("message", (message) => isolate.onMessage(message as FromHandler));
  // Not only the first: each message to one that has just ended fails by itself, and nobody else would hear of it.
  child.on("error", (error) => isolate.onEnd(error));
  child.once("exit", (code, signal) =>
    isolate.onEnd(new Error(`the handler's process ended ${code === null ? `by ${signal}` : `with exit code ${code}`}`)),
  );
  return isolate;
}
