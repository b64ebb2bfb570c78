import { isDeepStrictEqual } from "node:util";
import { withTopicsAllowed } from "../../rules/queue-policy.ts";
import { subscriptionFor, type FoundQueue, type FoundResources, type FoundSubscription } from "./found.ts";
import { subscriptionName, type WantedQueue, type WantedResources, type WantedSubscription, type WantedTopic } from "./wanted.ts";

/** What a pipeline consists of at AWS. A queue policy is what lets a topic send to a queue. */
export type ResourceKind = "bucket" | "queue" | "topic" | "queue policy" | "subscription";

/** What `ensure` does about one thing that the pipeline needs. */
export interface PlanStep {
  /** `keep`: it is there already. */
  readonly action: "create" | "change" | "keep";
  readonly kind: ResourceKind;
  /** Of a subscription: `topic → queue`; of a queue policy: the queue. */
  readonly name: string;
  /** What is given to it, in AWS's names. `from` is `null` where it has none now. */
  readonly sets: readonly { readonly attribute: string; readonly from: string | null; readonly to: string }[];
  /** What is otherwise than a new one would be, and stays: somebody may have tuned it. */
  readonly keeps: readonly { readonly attribute: string; readonly is: string; readonly wouldBe: string }[];
}

/** A step with what it is about. */
export type Step = { readonly plan: PlanStep } & (
  | { readonly kind: "bucket" }
  | { readonly kind: "queue"; readonly queue: WantedQueue }
  | { readonly kind: "topic"; readonly topic: WantedTopic }
  | { readonly kind: "queue policy"; readonly queue: WantedQueue }
  | { readonly kind: "subscription"; readonly subscription: WantedSubscription; readonly found: FoundSubscription | undefined }
);

/** What is to be done so that everything is there, in an order in which it can be done. */
export function stepsTo(wanted: WantedResources, found: FoundResources): Step[] {
  return [
    { kind: "bucket", plan: planOf("bucket", wanted.bucket, { isThere: found.hasBucket }) },
    ...wanted.queues.map((queue): Step => ({ kind: "queue", queue, plan: queuePlan(queue, found.queues.get(queue.name)) })),
    ...wanted.topics.map((topic): Step => {
      const sets = topic.isFifo ? [{ attribute: "FifoTopic", from: null, to: "true" }] : [];
      return { kind: "topic", topic, plan: planOf("topic", topic.name, { isThere: found.topics.has(topic.name), sets }) };
    }),
    ...wanted.queues
      .filter(({ senders }) => senders.length > 0)
      .map((queue): Step => ({ kind: "queue policy", queue, plan: policyPlan(queue, wanted.pipeline, found) })),
    ...wanted.subscriptions.map((subscription) => subscriptionStep(subscription, found)),
  ];
}

function planOf(
  kind: ResourceKind,
  name: string,
  about: { isThere: boolean; sets?: PlanStep["sets"]; keeps?: PlanStep["keeps"] },
): PlanStep {
  const { isThere, sets = [], keeps = [] } = about;
  return isThere ? { action: "keep", kind, name, sets: [], keeps } : { action: "create", kind, name, sets, keeps: [] };
}

function queuePlan(queue: WantedQueue, found: FoundQueue | undefined): PlanStep {
  const { name, isFifo, retentionSeconds, redrive } = queue;
  const shown = new Map<string, string>();
  if (isFifo) shown.set("FifoQueue", "true");
  if (retentionSeconds !== undefined) shown.set("MessageRetentionPeriod", String(retentionSeconds));
  if (redrive !== undefined) shown.set("RedrivePolicy", redriveText(redrive.deadLetterQueue, redrive.receivesMax));
  const sets = [...shown].map(([attribute, to]) => ({ attribute, from: null, to }));
  const keeps = [...shown].flatMap(([attribute, wouldBe]) => {
    const is = attribute === "RedrivePolicy" ? redriveOf(found?.attributes[attribute]) : (found?.attributes[attribute] ?? "none");
    return is === wouldBe ? [] : [{ attribute, is, wouldBe }];
  });
  return planOf("queue", name, { isThere: found !== undefined, sets, keeps });
}

function redriveText(deadLetterQueue: string, receivesMax: string | number): string {
  return `to ${deadLetterQueue} after ${receivesMax} receives`;
}

/** A redrive policy in the same words. Its queue's name is the last part of its ARN. */
function redriveOf(text: string | undefined): string {
  if (text === undefined || text === "") return "none";
  const { deadLetterTargetArn = "", maxReceiveCount = "?" } = JSON.parse(text) as {
    deadLetterTargetArn?: string;
    maxReceiveCount?: string | number;
  };
  return redriveText(deadLetterTargetArn.slice(deadLetterTargetArn.lastIndexOf(":") + 1), maxReceiveCount);
}

function policyPlan({ name, senders }: WantedQueue, pipeline: string, found: FoundResources): PlanStep {
  const queue = found.queues.get(name);
  const arns = senders.flatMap((sender) => found.topics.get(sender)?.arn ?? []);
  const policy = queue?.attributes["Policy"];
  const areThere = queue !== undefined && arns.length === senders.length;
  if (areThere && withTopicsAllowed(policy, { pipeline, queueArn: queue.arn, topicArns: arns }) === undefined)
    return planOf("queue policy", name, { isThere: true });
  const action = policy === undefined || policy === "" ? "create" : "change";
  const from = action === "create" ? null : (policy ?? null);
  const to = `lets ${senders.join(" and ")} send`;
  return { action, kind: "queue policy", name, sets: [{ attribute: "Policy", from, to }], keeps: [] };
}

function subscriptionStep(subscription: WantedSubscription, { topics }: FoundResources): Step {
  const name = subscriptionName(subscription);
  const { filter } = subscription;
  const topic = topics.get(subscription.topic);
  const found = topic === undefined ? undefined : subscriptionFor(topic, subscription.queue);
  const wanted = filter === undefined ? undefined : JSON.stringify(filter);
  const about = { kind: "subscription" as const, subscription, found };
  if (found === undefined) {
    const filters = wanted === undefined ? [] : [{ attribute: "FilterPolicy", from: null, to: wanted }];
    const sets = [{ attribute: "RawMessageDelivery", from: null, to: "true" }, ...filters];
    return { ...about, plan: planOf("subscription", name, { isThere: false, sets }) };
  }
  const raw = found.isRaw ? [] : [{ attribute: "RawMessageDelivery", from: "false", to: "true" }];
  const isSame = isDeepStrictEqual(found.filter === undefined ? undefined : JSON.parse(found.filter), filter);
  const filtered = isSame ? [] : [{ attribute: "FilterPolicy", from: found.filter ?? null, to: wanted ?? "none: everything" }];
  const sets = [...raw, ...filtered];
  return { ...about, plan: { action: sets.length === 0 ? "keep" : "change", kind: "subscription", name, sets, keeps: [] } };
}
