import type { Lease } from "./lease.ts";
import type { Outputs } from "./outputs.ts";
import type { Run } from "./run.ts";
import type { ReceivedMessage } from "./sqs.ts";

/** A received message on its way through the worker. */
export interface Job {
  readonly message: ReceivedMessage;
  /** What identifies the message across redrives and repeated publishes; see `lineageOf`. */
  readonly lineage: string;
  readonly lease: Lease;
  readonly outputs: Outputs;
  /** `waiting` for an earlier message of its group; `running`; `settling` after its outputs are published. */
  state: "waiting" | "running" | "settling";
  /** Monotonic milliseconds when its handler began. */
  startedMs: number;
  run: Run | undefined;
  /** What its handler threw. */
  error: Error | undefined;
  progress: { readonly fraction: number; readonly text: string | undefined } | undefined;
}

/** A running handler, as `worker.stats()` shows it. */
export interface RunningMessage {
  readonly id: string;
  readonly receiveCount: number;
  readonly runningMs: number;
  /** From 0 to 1; `undefined` until the handler says. */
  readonly progress: number | undefined;
  readonly progressText: string | undefined;
}
