import { withoutTopics } from "../../rules/queue-policy.ts";
import { OBJECTS_AT_ONCE } from "./bucket.ts";
import { subscriptionFor, type FoundQueue, type FoundResources, type FoundSubscription, type FoundTopic } from "./found.ts";
import { messagesIn } from "./queues.ts";
import type { ResourceKind } from "./steps.ts";
import { subscriptionName, type WantedResources } from "./wanted.ts";

/** What `remove` does about one thing that the pipeline uses. */
export interface RemovalStep {
  readonly action: "remove" | "leave";
  readonly kind: ResourceKind;
  readonly name: string;
  /** Of a queue that is removed: what is in it, whatever its state. */
  readonly messages?: number;
  /** Of a bucket that the pipeline has made: what is in it; 1,000 stands for as many or more. */
  readonly objects?: number;
  /** Why it is left. */
  readonly because?: string;
}

/** Whose the things are that were found: those that the pipeline has made, by name. */
export interface Owned {
  readonly bucket: boolean;
  readonly queues: ReadonlySet<string>;
  readonly topics: ReadonlySet<string>;
  /** In the bucket. */
  readonly objects: number;
}

/** A step with what it is about. */
export type Removal = { readonly step: RemovalStep } & (
  | { readonly kind: "subscription"; readonly found: FoundSubscription }
  | { readonly kind: "queue policy"; readonly found: FoundQueue; readonly policy: string }
  | { readonly kind: "topic"; readonly found: FoundTopic }
  | { readonly kind: "queue"; readonly found: FoundQueue }
  | { readonly kind: "bucket" }
);

const NOT_OURS = "the pipeline has not made it";

/** What there is of the pipeline's, and what becomes of it: senders before receivers, queues before their dead-letter queues. */
export function removalsOf(wanted: WantedResources, found: FoundResources, about: { owned: Owned; withObjects: boolean }): Removal[] {
  const { owned, withObjects } = about;
  const topics = topicRemovals(wanted, found, owned);
  const going = new Set(topics.flatMap(({ step }) => (step.action === "remove" ? [step.name] : [])));
  const queues = wanted.queues.toReversed().flatMap(({ name }): Removal[] => {
    const queue = found.queues.get(name);
    if (queue === undefined) return [];
    const step: RemovalStep = owned.queues.has(name)
      ? { action: "remove", kind: "queue", name, messages: messagesIn(queue) }
      : { action: "leave", kind: "queue", name, because: NOT_OURS };
    return [{ kind: "queue", found: queue, step }];
  });
  return [
    ...subscriptionRemovals(wanted, found, { owned, going }),
    ...policyRemovals(wanted, found, owned),
    ...topics,
    ...queues,
    ...(found.hasBucket ? [bucketRemoval(wanted.bucket, owned, withObjects)] : []),
  ];
}

function topicRemovals(wanted: WantedResources, found: FoundResources, owned: Owned): Removal[] {
  return wanted.topics.flatMap(({ name }): Removal[] => {
    const topic = found.topics.get(name);
    if (topic === undefined) return [];
    const own = new Set(wanted.queues.map((queue) => subscriptionFor(topic, queue.name)));
    const others = topic.subscriptions.filter((subscription) => !own.has(subscription)).length;
    const because = owned.topics.has(name)
      ? others === 0
        ? undefined
        : `${others} ${others === 1 ? "subscription is" : "subscriptions are"} not the pipeline's`
      : NOT_OURS;
    const step: RemovalStep =
      because === undefined ? { action: "remove", kind: "topic", name } : { action: "leave", kind: "topic", name, because };
    return [{ kind: "topic", found: topic, step }];
  });
}

/** With a topic go its subscriptions; of those of a topic that stays, the ones to queues that go. */
function subscriptionRemovals(
  wanted: WantedResources,
  { topics }: FoundResources,
  { owned, going }: { owned: Owned; going: ReadonlySet<string> },
): Removal[] {
  return wanted.subscriptions.flatMap((subscription): Removal[] => {
    const { topic, queue } = subscription;
    if (going.has(topic)) return [];
    const from = topics.get(topic);
    const found = from === undefined ? undefined : subscriptionFor(from, queue);
    if (found === undefined) return [];
    const name = subscriptionName(subscription);
    const step: RemovalStep =
      owned.queues.has(queue) || owned.topics.has(topic)
        ? { action: "remove", kind: "subscription", name }
        : { action: "leave", kind: "subscription", name, because: "the pipeline has made neither its topic nor its queue" };
    return [{ kind: "subscription", found, step }];
  });
}

/** What the pipeline has added to the policies of queues that stay. */
function policyRemovals({ pipeline, queues }: WantedResources, found: FoundResources, owned: Owned): Removal[] {
  return queues.flatMap(({ name, senders }): Removal[] => {
    const queue = found.queues.get(name);
    if (queue === undefined || owned.queues.has(name)) return [];
    const topicArns = senders.flatMap((sender) => found.topics.get(sender)?.arn ?? []);
    const policy = withoutTopics(queue.attributes["Policy"], { pipeline, topicArns });
    if (policy === undefined) return [];
    return [{ kind: "queue policy", found: queue, policy, step: { action: "remove", kind: "queue policy", name } }];
  });
}

function bucketRemoval(name: string, { bucket, objects }: Owned, withObjects: boolean): Removal {
  const holds = `it holds ${objects >= OBJECTS_AT_ONCE ? `${OBJECTS_AT_ONCE} objects or more` : `${objects} object${objects === 1 ? "" : "s"}`}`;
  const because = bucket ? (objects === 0 || withObjects ? undefined : holds) : NOT_OURS;
  const held = bucket ? { objects } : {};
  const what = { kind: "bucket" as const, name, ...held };
  return { kind: "bucket", step: because === undefined ? { action: "remove", ...what } : { action: "leave", ...what, because } };
}
