import type { FilterPolicy } from "../rules/filter-policy.ts";
import { outputsOf, type PipelineDefinition, type StageKind } from "./definition.ts";
import { lanesOf } from "./stage-queues.ts";

/** A pipeline as plain data: what it consists of, under the names that a server knows. */
export interface PipelineGraph {
  readonly name: string;
  readonly bucket: string;
  readonly stages: readonly {
    readonly name: string;
    readonly kind: StageKind;
    readonly queue: string;
    readonly deadLetterQueue: string;
    /** Further queues, which share its handlers by weight. */
    readonly lanes: readonly { readonly name: string; readonly queue: string; readonly weight: number }[];
    readonly isFifo: boolean;
    /** What of the calendar starts it; `null` where messages alone do. */
    readonly schedule: { readonly cron: string; readonly timeZone: string } | null;
    readonly outputs: readonly string[];
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly output: string;
    /** `null` where the output goes to a topic that no stage subscribes to. */
    readonly to: string | null;
    /** `null` where the output goes straight to the queue. */
    readonly topic: string | null;
    readonly filter: FilterPolicy | null;
  }[];
}

/** JSON for the console, for documents and for tests: stages in the order of their declaration, edges by stage and output. */
export function graphOf(pipeline: PipelineDefinition): PipelineGraph {
  const stages = [...pipeline.stages.values()];
  return {
    name: pipeline.name,
    bucket: pipeline.bucket,
    stages: stages.map(({ name, kind, names, lanes, isFifo, schedule, outputs }) => ({
      name,
      kind,
      ...names,
      lanes: lanesOf({ names, lanes }),
      isFifo,
      schedule: schedule === undefined ? null : { cron: schedule.cron, timeZone: schedule.timeZone },
      outputs: [...outputs.keys()],
    })),
    edges: stages.flatMap((stage) =>
      outputsOf(pipeline, stage).flatMap(({ name: output, arrows, target }): PipelineGraph["edges"][number][] => {
        const edge = { from: stage.name, output, topic: typeof target === "string" ? null : target.topic };
        if (arrows.length === 0) return [{ ...edge, to: null, filter: null }];
        return arrows.map(({ to, filter }) => ({ ...edge, to: to.name, filter: filter ?? null }));
      }),
    ),
  };
}
