import type { CreateQueueCommandInput, SetQueueAttributesCommandInput } from "@aws-sdk/client-sqs";
import { mustAccept, mustBe, mustRefuse, type Answer, type Refusal } from "./answer.ts";
import { expire, isAllowed, shown, valueOf, type Queue } from "./queue.ts";
import { delayAgain } from "./fifo.ts";
import { canonical, redriveOf, whatIsWrongWithAllowPolicy, whatIsWrongWithPolicy, whatIsWrongWithTarget } from "./redrive.ts";
import { DELETED_RECENTLY, invalidAttribute, nameExists, NO_QUEUE, purgeInProgress, unknownAttribute } from "./refusals.ts";
import { COOL_DOWN_MS, type Sqs } from "./sqs.ts";

/** §3.1: a request that is in order finds the queue that exists and does not differ, or makes one where the name has rested. */
export function createQueue(
  sqs: Sqs,
  { QueueName: name = "", Attributes = {} }: CreateQueueCommandInput,
  answer: Answer<"CreateQueue">,
): void {
  const invalid = invalidAttributes(Attributes);
  if (invalid.length > 0) return mustRefuse(answer, ...invalid);
  const existing = sqs.queues.get(name);
  if (existing !== undefined) {
    const isDifferent = ([name, value]: [string, string]) => canonical(name, value) !== (valueOf(existing, name) ?? "");
    const different = Object.entries(Attributes).filter(isDifferent);
    if (different.length > 0) return mustRefuse(answer, ...different.map(([name]) => nameExists(name)));
  } else {
    const wrong = whatIsWrongWithTarget(sqs, name, Attributes["RedrivePolicy"]);
    if (sqs.nowMs - (sqs.deletedMs.get(name) ?? -Infinity) < COOL_DOWN_MS) wrong.push(DELETED_RECENTLY);
    if (wrong.length > 0) return mustRefuse(answer, ...wrong);
    sqs.queues.set(name, emptyQueue(sqs, name, Attributes));
  }
  mustBe("QueueUrl", mustAccept(answer).QueueUrl?.split("/").slice(-2), ["000000000000", name]);
}

function emptyQueue({ nowMs }: Sqs, name: string, attributes: Readonly<Record<string, string>>): Queue {
  const queue: Queue = {
    name,
    fifo: name.endsWith(".fifo"),
    attributes: new Map(),
    redrive: undefined,
    createdMs: nowMs,
    modifiedMs: nowMs,
    purgedMs: undefined,
    deleted: false,
    messages: [],
    remembered: [],
    dedupPerGroup: attributes["DeduplicationScope"] === "messageGroup",
    attempts: new Map(),
    turns: new Map(),
    turnsNotedMs: nowMs,
    unclear: new Set(),
    open: new Set(),
  };
  setAll(queue, attributes);
  return queue;
}

/** An empty policy is none. */
function setAll(queue: Queue, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes))
    if (value === "") queue.attributes.delete(name);
    else queue.attributes.set(name, canonical(name, value));
  queue.redrive = redriveOf(queue.attributes.get("RedrivePolicy"));
}

/** §3.7: all or nothing; in force at once, also for messages that are in the queue already. */
export function setQueueAttributes(
  sqs: Sqs,
  { QueueUrl, Attributes = {} }: SetQueueAttributesCommandInput,
  answer: Answer<"SetQueueAttributes">,
): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const wrong = [...invalidAttributes(Attributes), ...whatIsWrongWithTarget(sqs, queue.name, Attributes.RedrivePolicy)];
  if (wrong.length > 0) return mustRefuse(answer, ...wrong);
  mustAccept(answer);
  setAll(queue, Attributes);
  queue.modifiedMs = sqs.nowMs;
  if (queue.fifo && Attributes.DelaySeconds !== undefined) delayAgain(queue, sqs.nowMs);
  expire(queue, sqs.nowMs);
}

function invalidAttributes(attributes: Readonly<Record<string, string>>): Refusal[] {
  return Object.entries(attributes).flatMap(([name, value]) => {
    if (name === "RedrivePolicy") return whatIsWrongWithPolicy(value);
    if (name === "RedriveAllowPolicy") return whatIsWrongWithAllowPolicy(value);
    const allowed = isAllowed(name, value);
    if (allowed === undefined) return [unknownAttribute(name)];
    return allowed ? [] : [invalidAttribute(name)];
  });
}

/** §3.6, §5.5: every setting, time and count. */
export function getQueueAttributes(sqs: Sqs, { QueueUrl }: { QueueUrl: string | undefined }, answer: Answer<"GetQueueAttributes">): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  const attributes = mustAccept(answer).Attributes ?? {};
  const expected = shown(queue, sqs.nowMs);
  for (const name of new Set([...Object.keys(attributes), ...Object.keys(expected)]))
    mustBe(`${name} of ${queue.name}`, (attributes as Record<string, string>)[name], expected[name]);
}

/** §3.2: with everything in it, at once; its name rests for a minute. */
export function deleteQueue(sqs: Sqs, { QueueUrl }: { QueueUrl: string | undefined }, answer: Answer<"DeleteQueue">): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  mustAccept(answer);
  queue.deleted = true;
  queue.messages = [];
  queue.open.clear();
  sqs.queues.delete(queue.name);
  sqs.deletedMs.set(queue.name, sqs.nowMs);
}

/** §3.8: everything that was sent before, wherever it is; at most once a minute. */
export function purgeQueue(sqs: Sqs, { QueueUrl }: { QueueUrl: string | undefined }, answer: Answer<"PurgeQueue">): void {
  const queue = sqs.find(QueueUrl);
  if (queue === undefined) return mustRefuse(answer, NO_QUEUE);
  if (sqs.nowMs - (queue.purgedMs ?? -Infinity) < COOL_DOWN_MS) return mustRefuse(answer, purgeInProgress(queue.name));
  mustAccept(answer);
  queue.purgedMs = sqs.nowMs;
  queue.messages = [];
  queue.open.clear();
  queue.remembered = [];
}
