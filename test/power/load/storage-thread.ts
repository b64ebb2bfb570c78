/** The thread of an engine on its own thread, as in `src/server/storage-thread.ts`, but with a clock that stands still. */
import { workerData, type MessagePort } from "node:worker_threads";
import { diskOf } from "../../../src/storage/sqlite/ballast.ts";
import { startEngine } from "../../../src/storage/sqlite/start.ts";
import { sentError, serveEngine } from "../../../src/storage/sqlite/thread.ts";
import { SteppedClock } from "../../model/product/clock.ts";
import { modules } from "./modules.ts";
import type { ThreadData } from "./threaded.ts";

const { port, data } = workerData as { port: MessagePort; data: ThreadData };
const clock = new SteppedClock(data.nowMs);
const continued = (highWaterMs: number) => {
  clock.jump(highWaterMs);
  return clock;
};
const around = { clock: continued, wallMs: () => clock.nowMs(), disk: diskOf, checkpointThread: true };
const onFatal = (reason: unknown) => port.postMessage({ fatal: sentError(reason) });
const { engine, opened } = startEngine({ directory: data.directory, modules: modules(), onFatal }, around);
serveEngine(port, engine);
port.postMessage({ ready: { highWaterMs: opened.highWaterMs } });
