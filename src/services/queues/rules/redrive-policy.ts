import { invalidAttributeValueBecause, invalidValue } from "./errors.ts";
import { REDRIVE_RECEIVES_MAX } from "./limits.ts";
import { isFifoQueueName } from "./queue-name.ts";
import { parseQueueArn, type QueueRef } from "./queue-url.ts";
import { allowsSource } from "./redrive-allow-policy.ts";

/** When a message is given up, and where it goes then. */
export interface RedrivePolicy {
  readonly deadLetterQueue: QueueRef;
  /** A message that was received so often is not delivered again. */
  readonly receivesMax: number;
}

const TARGET = "deadLetterTargetArn";
const COUNT = "maxReceiveCount";

/**
 * A RedrivePolicy in canonical form: `{"deadLetterTargetArn":"arn:…","maxReceiveCount":5}`. AWS takes the count as a
 * number or as a string and shows a number.
 * @param given JSON text. @throws {ServiceError} InvalidAttributeValue, InvalidParameterValue
 */
export function canonicalRedrivePolicy(given: string): string {
  const policy = readMap(given);
  for (const name of [TARGET, COUNT]) {
    if (!Object.hasOwn(policy, name)) throw refused(given, `Redrive policy does not contain mandatory attribute: ${name}.`);
  }
  if (Object.keys(policy).length > 2) throw refused(given, `Only following attributes are supported: [${COUNT}, ${TARGET}].`);
  const maxReceiveCount = readCount(given, policy[COUNT]);
  const arn = policy[TARGET];
  const [prefix, , service, , , name] = typeof arn === "string" ? arn.split(":") : [];
  if (typeof arn !== "string" || prefix !== "arn" || !name) throw refused(given, "Dead-letter target ARN should be fully qualified ARN.");
  if (service !== "sqs") throw refused(given, "Only SQS queues are valid resources for deadLetterTargetArn.");
  if (parseQueueArn(arn) === undefined) throw refused(given, "Dead-letter target ARN should be fully qualified ARN.");
  return JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount });
}

/** @param canonical what `canonicalRedrivePolicy` made; undefined where none was set. */
export function readRedrivePolicy(canonical: string | undefined): RedrivePolicy | undefined {
  if (canonical === undefined) return undefined;
  const policy = JSON.parse(canonical) as { deadLetterTargetArn: string; maxReceiveCount: number };
  const deadLetterQueue = parseQueueArn(policy.deadLetterTargetArn);
  return deadLetterQueue === undefined ? undefined : { deadLetterQueue, receivesMax: policy.maxReceiveCount };
}

/** Whether a message that was received so often before is moved to the dead-letter queue instead of being delivered again. */
export function isGivenUp(receiveCount: number, policy: RedrivePolicy | undefined): boolean {
  return policy !== undefined && receiveCount >= policy.receivesMax;
}

/**
 * From when the retention of a message counts in the dead-letter queue: a standard queue goes on counting from the send,
 * a FIFO queue begins anew. It is also what SentTimestamp shows there.
 */
export function sentMsInDeadLetterQueue(queue: QueueRef, sentMs: number, nowMs: number): number {
  return isFifoQueueName(queue.name) ? nowMs : sentMs;
}

/**
 * Whether a queue may have the dead-letter queue that its new policy names.
 * @param given the policy as its caller wrote it, which a refusal quotes.
 * @param queues `source` gets the policy; `target` is the queue that it names, undefined where there is none, and
 * `allowPolicy` that one's RedriveAllowPolicy.
 * @throws {ServiceError} InvalidParameterValue
 */
export function checkDeadLetterQueue(
  given: string,
  queues: { source: QueueRef; target: QueueRef; exists: boolean; allowPolicy: string | undefined },
): void {
  const { source, target, exists, allowPolicy } = queues;
  if (target.account !== source.account) throw refused(given, "Dead-letter target owner should be same as the source.");
  // AWS ends this sentence with two full stops.
  if (isFifoQueueName(target.name) !== isFifoQueueName(source.name))
    throw refused(given, "Dead-letter queue must be same type of queue as the source..");
  if (!exists || target.region !== source.region) throw refused(given, "Dead letter target does not exist.");
  if (!allowsSource(allowPolicy, source)) throw refused(given, "The dead-letter queue does not allow this queue as a source.");
}

function readMap(given: string): Readonly<Record<string, unknown>> {
  try {
    const policy: unknown = JSON.parse(given);
    if (typeof policy === "object" && policy !== null && !Array.isArray(policy)) return policy as Record<string, unknown>;
  } catch {
    // Not JSON is refused like JSON that is no map.
  }
  throw invalidAttributeValueBecause("RedrivePolicy", "Redrive policy is not a valid JSON map.");
}

function readCount(given: string, value: unknown): number {
  const count = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= REDRIVE_RECEIVES_MAX) return count;
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  throw refused(given, `Invalid value for ${COUNT}: ${shown}, valid values are from 1 to ${REDRIVE_RECEIVES_MAX} both inclusive.`);
}

function refused(given: string, reason: string): Error {
  return invalidValue(given, "RedrivePolicy", reason);
}
