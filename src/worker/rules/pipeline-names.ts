import { assert } from "../../kernel/assert.ts";

/** SQS takes 80 characters, `.fifo` among them. */
const QUEUE_NAME_MAX = 80;

/** Of pipelines, stages and outputs: what queues, topics and buckets may all be named. */
export function checkName(what: string, name: string): void {
  assert(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i.test(name), `${what} must be letters, digits and inner hyphens, not ${JSON.stringify(name)}`);
}

export interface QueueNames {
  readonly queue: string;
  readonly deadLetterQueue: string;
}

/** `photos-resize` and `photos-resize-dlq`, or what the stage says instead of the first; a FIFO queue has a FIFO dead-letter queue. */
export function queueNames(pipeline: string, stage: { name: string; queue?: string | undefined; isFifo: boolean }): QueueNames {
  const base = (stage.queue ?? `${pipeline}-${stage.name}`).replace(/\.fifo$/, "");
  const suffix = stage.isFifo ? ".fifo" : "";
  const names = { queue: `${base}${suffix}`, deadLetterQueue: `${base}-dlq${suffix}` };
  assert(
    names.deadLetterQueue.length <= QUEUE_NAME_MAX,
    `${names.deadLetterQueue} is longer than the ${QUEUE_NAME_MAX} characters of a queue's name`,
  );
  return names;
}

/** `photos-resize-urgent`; lanes share their stage's dead-letter queue. */
export function laneQueueName(queue: string, lane: string): string {
  const name = `${queue}-${lane}`;
  assert(name.length <= QUEUE_NAME_MAX, `${name} is longer than the ${QUEUE_NAME_MAX} characters of a queue's name`);
  return name;
}

/** `photos-resize-variant`, or the name that the stage gives. */
export function topicName(pipeline: string, output: { stage: string; name: string; topic?: string | undefined; isFifo: boolean }): string {
  const base = (output.topic ?? `${pipeline}-${output.stage}-${output.name}`).replace(/\.fifo$/, "");
  return output.isFifo ? `${base}.fifo` : base;
}

/** The bucket of a pipeline's state and large bodies: `photos-objects`. Buckets have no capitals. */
export function bucketName(pipeline: string): string {
  return `${pipeline.toLowerCase()}-objects`;
}
