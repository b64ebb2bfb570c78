import type { ListDeadLetterSourceQueuesCommandInput } from "@aws-sdk/client-sqs";
import { Difference, mustAccept, mustBe, mustRefuse, type Answer, type Refusal } from "./answer.ts";
import { arnOf, expire, type Message, type Queue } from "./queue.ts";
import { invalidAttributeBecause, invalidValue, NO_QUEUE } from "./refusals.ts";
import type { Sqs } from "./sqs.ts";

/** When a queue gives a message up, and to which queue. */
export interface RedrivePolicy {
  /** The queue's name. */
  readonly target: string;
  readonly receivesMax: number;
}

const POLICY = "RedrivePolicy";
const ALLOW_POLICY = "RedriveAllowPolicy";

/** §7.1: what is wrong with a RedrivePolicy in itself. */
export function whatIsWrongWithPolicy(text: string): Refusal[] {
  if (text === "") return [];
  const policy = mapOf(text);
  if (policy === undefined) return [invalidAttributeBecause(POLICY, "Redrive policy is not a valid JSON map.")];
  const { deadLetterTargetArn: arn, maxReceiveCount: count, ...others } = policy;
  const reasons: string[] = [];
  if (arn === undefined) reasons.push("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  if (count === undefined) reasons.push("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  else if (!/^\d+$/.test(textOf(count)) || Number(count) < 1 || Number(count) > 1000)
    reasons.push(`Invalid value for maxReceiveCount: ${textOf(count)}, valid values are from 1 to 1000 both inclusive.`);
  if (Object.keys(others).length > 0) reasons.push("Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].");
  if (arn !== undefined && !/^arn:aws:sqs:[^:]+:\d{12}:[^:]+$/.test(textOf(arn))) {
    reasons.push("Dead-letter target ARN should be fully qualified ARN.");
    if (!textOf(arn).startsWith("arn:aws:sqs:")) reasons.push("Only SQS queues are valid resources for deadLetterTargetArn.");
  }
  return reasons.map((reason) => invalidValue(text, POLICY, reason));
}

/** §7.3: the same of a RedriveAllowPolicy. */
export function whatIsWrongWithAllowPolicy(text: string): Refusal[] {
  if (text === "") return [];
  const { redrivePermission: permission, sourceQueueArns: arns = [], ...others } = mapOf(text) ?? {};
  const known = permission === "allowAll" || permission === "denyAll" || permission === "byQueue";
  if (!known || !Array.isArray(arns) || Object.keys(others).length > 0) {
    const reason = "Amazon SQS can't create the redrive allow policy, as it's in an unsupported format.";
    return [invalidAttributeBecause(ALLOW_POLICY, reason)];
  }
  if (arns.length <= 10 && arns.length > 0 === (permission === "byQueue")) return [];
  // The contract has no text for it.
  return [{ code: "InvalidParameterValue", message: new RegExp(`^Value .* for parameter ${ALLOW_POLICY} is invalid\\. Reason: .`, "s") }];
}

/** §7.1, §7.3: whether this queue may have the dead-letter queue that the policy names. */
export function whatIsWrongWithTarget(sqs: Sqs, source: string, text: string | undefined): Refusal[] {
  const target = text === undefined ? undefined : nameIn(text);
  if (text === undefined || target === undefined) return [];
  const queue = sqs.queues.get(target);
  const reasons: string[] = [];
  if (source.endsWith(".fifo") !== target.endsWith(".fifo")) reasons.push("Dead-letter queue must be same type of queue as the source..");
  if (queue === undefined) reasons.push("Dead letter target does not exist.");
  else if (!allows(queue, arnOf({ name: source }))) reasons.push("The dead-letter queue does not allow this queue as a source.");
  return reasons.map((reason) => invalidValue(text, POLICY, reason));
}

function allows(target: Queue, source: string): boolean {
  const { redrivePermission = "allowAll", sourceQueueArns = [] } = mapOf(target.attributes.get(ALLOW_POLICY) ?? "{}") ?? {};
  return redrivePermission === "allowAll" || (redrivePermission === "byQueue" && (sourceQueueArns as string[]).includes(source));
}

/** As GetQueueAttributes shows it: the count is a number, however it was given. */
export function canonical(attribute: string, value: string): string {
  if (attribute !== POLICY || value === "") return value;
  const { deadLetterTargetArn, maxReceiveCount } = mapOf(value) ?? {};
  return JSON.stringify({ deadLetterTargetArn, maxReceiveCount: Number(maxReceiveCount) });
}

/** What a policy means that is in order. */
export function redriveOf(text: string | undefined): RedrivePolicy | undefined {
  const target = text === undefined ? undefined : nameIn(text);
  if (text === undefined || target === undefined) return undefined;
  return { target, receivesMax: Number(mapOf(text)?.["maxReceiveCount"]) };
}

/** The queue that a policy names. */
export function nameIn(policy: string): string | undefined {
  return textOf(mapOf(policy)?.["deadLetterTargetArn"]).split(":").at(5);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function mapOf(text: string): Record<string, unknown> | undefined {
  try {
    const map: unknown = JSON.parse(text);
    return typeof map === "object" && map !== null && !Array.isArray(map) ? (map as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** §7.2: whether a message was received so often that it goes on instead of to the next caller; not while there is no queue to take it. */
export function isGivenUp(sqs: Sqs, { redrive }: Queue, message: Message): boolean {
  return redrive !== undefined && message.receiveCount >= redrive.receivesMax && sqs.queues.has(redrive.target);
}

/**
 * §7.2: the message goes to the dead-letter queue. It stays the same, received as often, but is known to a FIFO queue by
 * its own id, and kept there from now on.
 * @returns what it is there.
 */
export function giveUp(sqs: Sqs, source: Queue, message: Message): Message {
  const target = sqs.queues.get(source.redrive?.target ?? "");
  if (target === undefined) throw new TypeError("there is no queue to give the message up to");
  source.messages = source.messages.filter((other) => other !== message);
  source.open.delete(message);
  if (target === source) source.turns.delete(message.groupId ?? "");
  const moved: Message = {
    ...message,
    sentMs: target.fifo ? sqs.nowMs : message.sentMs,
    dedupId: target.fifo ? message.id : undefined,
    sequenceNumber: undefined,
    hiddenUntilMs: sqs.nowMs,
    handle: undefined,
    source: source.name,
    tie: undefined,
  };
  target.messages.push(moved);
  expire(target, sqs.nowMs);
  return moved;
}

/** Of the messages of which it was open whether they have gone on: what the product says where they are. */
export function settleOpen(
  sqs: Sqs,
  queue: Queue,
  { here, there }: { here: readonly (string | undefined)[]; there: readonly (string | undefined)[] },
): void {
  const gone = [...queue.open].filter(({ id }) => !here.includes(id)).sort((a, b) => there.indexOf(a.id ?? "") - there.indexOf(b.id ?? ""));
  queue.open.clear();
  for (const message of gone) giveUp(sqs, queue, message);
}

/** §3.5: whose policy names the queue. The pages were read one after the other. */
export function listDeadLetterSourceQueues(
  sqs: Sqs,
  { QueueUrl, MaxResults: max }: ListDeadLetterSourceQueuesCommandInput,
  pages: readonly Answer<"ListDeadLetterSourceQueues">[],
): void {
  const queue = sqs.find(QueueUrl);
  const [first] = pages;
  if (first === undefined) throw new TypeError("at least one page was asked for");
  if (queue === undefined) return mustRefuse(first, NO_QUEUE);
  if (max !== undefined && (max < 1 || max > 1000))
    return mustRefuse(first, invalidValue(max, "MaxResults", "Must be between 1 and 1000, if provided."));
  const names = pages.map((page) => (mustAccept(page).queueUrls ?? []).map((url) => url.split("/").at(-1) ?? ""));
  const expected = [...sqs.queues.values()].filter(({ redrive }) => redrive?.target === queue.name).map(({ name }) => name);
  mustBe("sources", names.flat().sort(), expected.sort());
  if (names.slice(0, -1).some(({ length }) => length !== max)) throw new Difference("a page that another follows is not full");
}
