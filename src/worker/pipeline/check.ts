import { assert } from "../../kernel/assert.ts";
import { outputsOf, type OutputDefinition, type PipelineDefinition } from "./definition.ts";
import { queuesOf } from "./stage-queues.ts";

/** What the compiler cannot see of a pipeline's wiring. @throws {AssertionFailed} with what is to be changed. */
export function checkRoutes(pipeline: PipelineDefinition): void {
  const queues = new Map<string, string>();
  for (const stage of pipeline.stages.values()) {
    for (const queue of [...queuesOf(stage), stage.names.deadLetterQueue]) {
      const other = queues.get(queue);
      assert(other !== stage.name, `a lane of stage ${stage.name} would be its queue ${queue}; give the lane another name`);
      assert(other === undefined, `stages ${other} and ${stage.name} would share the queue ${queue}; give one of them another with queue`);
      queues.set(queue, stage.name);
    }
    for (const output of outputsOf(pipeline, stage)) checkOutput(output);
  }
}

function checkOutput({ stage, name, arrows, target, group, fields }: OutputDefinition): void {
  const label = `output ${JSON.stringify(name)} of stage ${stage.name}`;
  const isNamed = stage.topics.has(name);
  assert(
    arrows.length > 0 || isNamed,
    `${label} leads nowhere: wire it with ${stage.name}.on.${name}.to(…), or name its topic under topics`,
  );
  const seen = new Set<string>();
  for (const { to } of arrows) {
    assert(!seen.has(to.name), `${label} goes to ${to.name} twice: SNS has one subscription for it, so give it one filter with all values`);
    seen.add(to.name);
    // One message has one group, whoever receives it.
    const isOrdered = to.isFifo && typeof target !== "string";
    assert(!isOrdered || to.group === group, `${label} goes to stages that keep order by different groups; give them the same function`);
  }
  const lanes = arrows.flatMap(({ to }) => to.lanes ?? []);
  assert(
    lanes.every(({ of, weights }) => of === lanes[0]?.of && sameNames(weights, lanes[0].weights)),
    `${label} goes to stages with different lanes; give them the same names and the same function`,
  );
  // The identity, the trace context in up to three, and the lane.
  const used = lanes.length === 0 ? 4 : 5;
  assert(
    fields.length <= 10 - used,
    `${label} is filtered by ${fields.length} fields; a message has ten attributes, of which ${used} are in use`,
  );
}

function sameNames(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return one.size === other.size && [...one.keys()].every((name) => other.has(name));
}
