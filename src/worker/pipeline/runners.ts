import { awsVariables } from "../exec/aws-variables.ts";
import { execHandler, type ExecOptions } from "../exec/handler.ts";
import { pushHandler, type PushOptions } from "../push/handler.ts";
import type { Schema } from "../standard-schema.ts";
import type { StageDefinition } from "./definition.ts";
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
    return execHandler({ ...options, clock, environment });
  };
}

export function httpStage(options: PushOptions): StageDefinition["handler"] {
  return ({ clock }) => pushHandler({ ...options, clock });
}
