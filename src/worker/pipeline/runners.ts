import { assert } from "../../kernel/assert.ts";
import { awsVariables } from "../exec/aws-variables.ts";
import { execHandler, type ExecOptions } from "../exec/handler.ts";
import type { Isolation } from "../isolation/isolate.ts";
import { IsolatedHandler, moduleOf } from "../isolation/isolated-handler.ts";
import { pushHandler, type PushOptions } from "../push/handler.ts";
import type { Schema } from "../standard-schema.ts";
import type { StageDefinition, StageHandler } from "./definition.ts";
import type { Schemas } from "./edge.ts";
import type { IdempotencyOptions, OutputOptions, QueueOptions, ScheduleOptions } from "./stage.ts";

/** A stage whose work is done by a command in any language. */
export interface ExecStageOptions<Input extends Schema, Outputs extends Schemas>
  extends
    QueueOptions<Input>,
    ScheduleOptions<Input>,
    OutputOptions<Outputs>,
    IdempotencyOptions<Input>,
    Pick<ExecOptions, "command" | "directory" | "later"> {}

/** A stage whose work is done by a web application. */
export interface HttpStageOptions<Input extends Schema>
  extends
    QueueOptions<Input>,
    ScheduleOptions<Input>,
    IdempotencyOptions<Input>,
    Pick<PushOptions, "url" | "mimeType" | "inactivityTimeout" | "errorVisibility"> {}

/** The command sees the same server as the worker, with the same credentials, and is told the pipeline's bucket. */
export function execStage(options: ExecOptions, bucket: string): StageDefinition["handler"] {
  return ({ clients, clock }) => {
    const environment = async () => ({ ...(await awsVariables(clients.sqs)), MILLRACE_BUCKET: bucket });
    return { run: execHandler({ ...options, clock, environment }) };
  };
}

export function httpStage(options: PushOptions): StageDefinition["handler"] {
  return ({ clock }) => ({ run: pushHandler({ ...options, clock }) });
}

/** A function on the worker's event loop, or that of a module on threads or in processes of the worker's own. */
export function functionStage(
  name: string,
  { run, isolation }: { run: StageHandler | URL; isolation?: Isolation | undefined },
): StageDefinition["handler"] {
  if (run instanceof URL) {
    return ({ clock }) => {
      const isolated = new IsolatedHandler({ ...moduleOf(run), isolation: isolation ?? "thread", clock });
      return { run: isolated.run, close: () => isolated.close() };
    };
  }
  assert(typeof run === "function", `run of stage ${name} must be a function or the URL of a module`);
  assert(isolation === undefined, `isolation of stage ${name} needs run to be the URL of a module, which other threads can load`);
  return () => ({ run });
}
