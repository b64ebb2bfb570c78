import { assert } from "../../../kernel/assert.ts";
import { withTopicsAllowed } from "../../rules/queue-policy.ts";
import type { PipelineParts } from "../clients.ts";
import type { PipelineDefinition } from "../definition.ts";
import { createBucket } from "./bucket.ts";
import { find } from "./find.ts";
import { OWNER_TAG, type FoundQueue } from "./found.ts";
import { createQueue, findQueue, setPolicy } from "./queues.ts";
import { stepsTo, type PlanStep, type Step } from "./steps.ts";
import { wantedOf, type WantedQueue, type WantedResources, type WantedSubscription } from "./wanted.ts";

export interface EnsureOptions {
  /** Told of each step once it is done; also of those for which there is nothing to do. */
  readonly onStep?: (step: PlanStep) => void;
  /** Ends it between steps, with the signal's reason. What is done stays; another call goes on from there. */
  readonly signal?: AbortSignal;
}

/** What `ensure` would do. */
export async function plan(definition: PipelineDefinition, parts: PipelineParts): Promise<PlanStep[]> {
  const wanted = wantedOf(definition);
  return stepsTo(wanted, await find(wanted, parts)).map((step) => step.plan);
}

/** Creates what is missing; see `Pipeline.ensure`. */
export async function ensure(definition: PipelineDefinition, parts: PipelineParts, options: EnsureOptions): Promise<void> {
  const { onStep, signal } = options;
  const wanted = wantedOf(definition);
  const found = await find(wanted, parts);
  const making = new Making(wanted, parts);
  for (const [name, queue] of found.queues) making.queues.set(name, queue);
  for (const [name, { arn }] of found.topics) making.topics.set(name, arn);
  for (const steps of rounds(stepsTo(wanted, found))) {
    signal?.throwIfAborted();
    const done = steps.map(async (step) => {
      if (step.plan.action !== "keep") await making.make(step);
      onStep?.(step.plan);
    });
    await allOf(done);
  }
  const { queues, topics, bucket } = wanted;
  parts.log.info("ensured", { pipeline: definition.name, queues: queues.length, topics: topics.length, bucket });
}

/** Steps that need nothing of each other are made together: dead-letter queues before their queues, policies before what may then be sent. */
function rounds(steps: readonly Step[]): Step[][] {
  const roundOf = (step: Step) => {
    if (step.kind === "queue") return step.queue.redrive === undefined ? 0 : 1;
    return { bucket: 0, topic: 2, "queue policy": 3, subscription: 4 }[step.kind];
  };
  return [0, 1, 2, 3, 4].map((round) => steps.filter((step) => roundOf(step) === round));
}

/** Waits for all, also where one fails, so that nothing goes on behind whoever is told of the failure. */
async function allOf(all: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(all)).find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason as Error;
}

/** Makes one thing after the other, and knows those that are there. */
class Making {
  readonly queues = new Map<string, FoundQueue>();
  readonly topics = new Map<string, string>();
  readonly #bucket: string;
  readonly #pipeline: string;
  readonly #tags: Readonly<Record<string, string>>;
  readonly #parts: PipelineParts;

  constructor({ bucket, pipeline }: WantedResources, parts: PipelineParts) {
    this.#bucket = bucket;
    this.#pipeline = pipeline;
    this.#tags = { [OWNER_TAG]: pipeline };
    this.#parts = parts;
  }

  async make(step: Step): Promise<void> {
    const { clients } = this.#parts;
    switch (step.kind) {
      case "bucket":
        return await createBucket(await clients.s3(), this.#bucket, this.#tags);
      case "queue":
        return await this.#makeQueue(step.queue);
      case "topic": {
        const [{ createTopic }, sns] = await Promise.all([import("./topics.ts"), clients.sns()]);
        return void this.topics.set(step.topic.name, await createTopic(sns, step.topic, this.#tags));
      }
      case "queue policy":
        return await this.#allowSenders(step.queue);
      case "subscription":
        return await this.#subscribe(step.subscription, step.found?.arn);
    }
  }

  async #makeQueue({ name, isFifo, retentionSeconds, redrive }: WantedQueue): Promise<void> {
    const attributes: Record<string, string> = isFifo ? { FifoQueue: "true" } : {};
    if (retentionSeconds !== undefined) attributes["MessageRetentionPeriod"] = String(retentionSeconds);
    if (redrive !== undefined) {
      const deadLetterTargetArn = this.#queue(redrive.deadLetterQueue).arn;
      attributes["RedrivePolicy"] = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: redrive.receivesMax });
    }
    this.queues.set(name, await createQueue(this.#parts.clients.sqs, { name, attributes, tags: this.#tags }));
  }

  /** On AWS, and on Millrace once credentials are configured, a topic may send to a queue whose policy says so. */
  async #allowSenders({ name, senders }: WantedQueue): Promise<void> {
    const { sqs } = this.#parts.clients;
    const { url, arn, attributes } = (await findQueue(sqs, name)) ?? this.#queue(name);
    const topicArns = senders.map((sender) => this.#topic(sender));
    const policy = withTopicsAllowed(attributes["Policy"], { pipeline: this.#pipeline, queueArn: arn, topicArns });
    if (policy !== undefined) await setPolicy(sqs, url, policy);
  }

  async #subscribe({ topic, queue, filter }: WantedSubscription, subscriptionArn: string | undefined): Promise<void> {
    const [{ changeSubscription, subscribe }, sns] = await Promise.all([import("./topics.ts"), this.#parts.clients.sns()]);
    if (subscriptionArn !== undefined) return await changeSubscription(sns, subscriptionArn, filter);
    await subscribe(sns, { topicArn: this.#topic(topic), queueArn: this.#queue(queue).arn, filter });
  }

  #queue(name: string): FoundQueue {
    const queue = this.queues.get(name);
    assert(queue !== undefined, `the queue ${name} is made before what needs it`);
    return queue;
  }

  #topic(name: string): string {
    const arn = this.topics.get(name);
    assert(arn !== undefined, `the topic ${name} is made before what needs it`);
    return arn;
  }
}
