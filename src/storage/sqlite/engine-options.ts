import type { Clock } from "../../kernel/clock.ts";
import type { Admission } from "./admission.ts";
import type { Ageing } from "./ageing.ts";
import type { Checkpointer } from "./checkpointer.ts";
import type { Figures } from "./figures.ts";
import type { StoreModule } from "./module.ts";
import type { OpenedDirectory } from "./open.ts";
import type { Space } from "./space.ts";

/** What an engine works with; `start.ts` puts it together. */
export interface EngineOptions {
  readonly opened: OpenedDirectory;
  readonly modules: readonly StoreModule[];
  readonly clock: Clock;
  readonly checkpointer: Pick<Checkpointer, "committed" | "isBehind" | "stop"> | undefined;
  readonly admission?: Admission;
  /** Absent: a full disk is waited out without help. */
  readonly space?: Space | undefined;
  readonly ageing?: Ageing;
  readonly figures?: Figures;
  /** Runs a group soon, after whatever else has already arrived: `setImmediate`. */
  readonly soon: (run: () => void) => void;
  /** An I/O error: nothing is acknowledged from now on and the process is to end. */
  readonly onFatal: (reason: unknown) => void;
}
