import { laneQueueName } from "../rules/pipeline-names.ts";
import type { StageDefinition } from "./definition.ts";

/** The queue of a lane; of none, the stage's own. */
export function queueOf({ names }: Pick<StageDefinition, "names">, lane: string | undefined): string {
  return lane === undefined ? names.queue : laneQueueName(names.queue, lane);
}

/** The lanes of a stage with their queues; none where it has its own queue alone. */
export function lanesOf({ names, lanes }: Pick<StageDefinition, "names" | "lanes">): { name: string; queue: string; weight: number }[] {
  return [...(lanes?.weights ?? [])].map(([name, weight]) => ({ name, queue: queueOf({ names }, name), weight }));
}

/** All queues that a stage works on, its own first. */
export function queuesOf(stage: Pick<StageDefinition, "names" | "lanes">): string[] {
  return [stage.names.queue, ...lanesOf(stage).map(({ queue }) => queue)];
}
