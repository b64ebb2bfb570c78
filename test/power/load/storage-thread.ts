/** The thread of an engine on its own thread, as in `src/server/storage-thread.ts`, but with a clock that stands still. */
import { diskOf } from "../../../src/storage/sqlite/ballast.ts";
import { runStorageThread } from "../../../src/storage/sqlite/index.ts";
import { SteppedClock } from "../../model/product/clock.ts";
import { modules } from "./modules.ts";
import type { ThreadData } from "./threaded.ts";

runStorageThread((data) => {
  const { directory, nowMs } = data as ThreadData;
  const clock = new SteppedClock(nowMs);
  const continued = (highWaterMs: number) => {
    clock.jump(highWaterMs);
    return clock;
  };
  const around = { clock: continued, wallMs: () => clock.nowMs(), disk: diskOf, checkpointThread: true };
  return { directory, modules: modules(), around };
});
