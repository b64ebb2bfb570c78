import { startStorageThread } from "../../../src/storage/sqlite/index.ts";
import type { Storage, StoreCall } from "../../../src/storage/storage.ts";

/** An engine, here or on another thread. */
export interface Submitting extends Storage {
  /** As `unit`; `answer` is called before anything that waits for it goes on. */
  submit(calls: readonly StoreCall[], answer: (results: unknown[]) => void, reject: (reason: unknown) => void): unknown;
}

export interface ThreadData {
  readonly directory: string;
  /** Engine time, if the stored one is not later. */
  readonly nowMs: number;
}

/** Starts the engine on a thread of its own. */
export async function startThreaded(
  data: ThreadData,
  onFatal: (reason: unknown) => void,
): Promise<{ engine: Submitting; highWaterMs: number }> {
  const storage = await startStorageThread(new URL("./storage-thread.ts", import.meta.url), { data, onFatal });
  const engine: Submitting = {
    report: storage.report,
    unit: (calls, signal) => storage.unit(calls, signal),
    submit: (calls, answer, reject) => storage.unit(calls).then(answer, reject),
    stop: () => storage.stop(),
  };
  return { engine, highWaterMs: storage.ready.highWaterMs };
}
