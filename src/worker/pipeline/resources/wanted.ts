import { DAY_MS, SECOND_MS } from "../../../kernel/units.ts";
import { attributePolicy, lanePolicy, type FilterPolicy } from "../../rules/filter-policy.ts";
import { isFifo } from "../../rules/outgoing.ts";
import { outputsOf, type PipelineDefinition, type StageDefinition } from "../definition.ts";
import { lanesOf, queuesOf } from "../stage-queues.ts";

/** Dead letters stay as long as SQS keeps anything. */
const DEAD_LETTER_SECONDS = (14 * DAY_MS) / SECOND_MS;

/**
 * Workers move what is dead themselves, with the reason. The queue's own redrive policy is for what no worker got that far
 * with, and so waits a few receives longer.
 */
const RECEIVES_BEYOND = 5;
const RECEIVES_DEFAULT = 5;

/** The highest that a redrive policy takes. */
const RECEIVES_MAX = 1000;

/** What a pipeline needs of SQS, SNS and S3, by names alone: nobody is asked to tell it. */
export interface WantedResources {
  readonly pipeline: string;
  readonly bucket: string;
  /** Each dead-letter queue before the queue that names it. */
  readonly queues: readonly WantedQueue[];
  readonly topics: readonly WantedTopic[];
  readonly subscriptions: readonly WantedSubscription[];
}

export interface WantedQueue {
  readonly name: string;
  readonly isFifo: boolean;
  /** `undefined`: as long as SQS keeps messages of itself. */
  readonly retentionSeconds: number | undefined;
  readonly redrive: { readonly deadLetterQueue: string; readonly receivesMax: number } | undefined;
  /** The topics that are to be let in, by name. */
  readonly senders: readonly string[];
}

export interface WantedTopic {
  readonly name: string;
  readonly isFifo: boolean;
}

/** A queue that gets, raw, what its filter lets through of a topic. */
export interface WantedSubscription {
  readonly topic: string;
  readonly queue: string;
  /** As SNS takes it. */
  readonly filter: FilterPolicy | undefined;
}

export function wantedOf(definition: PipelineDefinition): WantedResources {
  const stages = [...definition.stages.values()];
  const topics = new Map<string, WantedTopic>();
  const subscriptions = new Map<string, WantedSubscription>();
  for (const { target, arrows } of stages.flatMap((stage) => outputsOf(definition, stage))) {
    if (typeof target === "string") continue;
    const { topic } = target;
    topics.set(topic, { name: topic, isFifo: isFifo(topic) });
    for (const { to, filter } of arrows)
      for (const wanted of subscriptionsOf(topic, to, filter)) subscriptions.set(subscriptionName(wanted), wanted);
  }
  return {
    pipeline: definition.name,
    bucket: definition.bucket,
    queues: stages.flatMap((stage) => wantedQueues(stage, [...subscriptions.values()])),
    topics: [...topics.values()],
    subscriptions: [...subscriptions.values()],
  };
}

/** SNS has one subscription for a topic and a queue. */
export function subscriptionName({ topic, queue }: Pick<WantedSubscription, "topic" | "queue">): string {
  return `${topic} → ${queue}`;
}

/** One for each queue of the stage. */
function subscriptionsOf(topic: string, to: StageDefinition, filter: FilterPolicy | undefined): WantedSubscription[] {
  const own = filter === undefined ? undefined : attributePolicy(filter);
  const lanes = lanesOf(to);
  if (lanes.length === 0) return [{ topic, queue: to.names.queue, filter: own }];
  const names = lanes.map(({ name }) => name);
  return [{ name: undefined, queue: to.names.queue }, ...lanes].map(({ name, queue }) => ({
    topic,
    queue,
    filter: { ...own, ...lanePolicy(names, name) },
  }));
}

function wantedQueues(stage: StageDefinition, subscriptions: readonly WantedSubscription[]): WantedQueue[] {
  const { names, isFifo, work } = stage;
  const { deadLetterQueue } = names;
  const receivesMax = Math.min(RECEIVES_MAX, (work.maxReceives ?? RECEIVES_DEFAULT) + RECEIVES_BEYOND);
  const redrive = { deadLetterQueue, receivesMax };
  const sendersTo = (queue: string) => [...new Set(subscriptions.filter((each) => each.queue === queue).map(({ topic }) => topic))];
  return [
    { name: deadLetterQueue, isFifo, retentionSeconds: DEAD_LETTER_SECONDS, redrive: undefined, senders: [] },
    ...queuesOf(stage).map((name) => ({ name, isFifo, retentionSeconds: undefined, redrive, senders: sendersTo(name) })),
  ];
}
