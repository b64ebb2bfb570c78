import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort, OpenedStore, StoreModule } from "../../../../storage/sqlite/module.ts";
import type { QueueTargets } from "../../needs.ts";
import { mergeTags } from "../../rules/tags.ts";
import { defaultPolicy, withoutPermission, withPermission } from "../../rules/topic-policy.ts";
import type { TopicOperations } from "../store.ts";
import { Asking } from "./asking.ts";
import { Check } from "./check.ts";
import { Outbox } from "./outbox.ts";
import { Publications } from "./publications.ts";
import { Publishing } from "./publishing.ts";
import { TOPIC_MIGRATIONS } from "./schema.ts";
import { Subscriptions } from "./subscriptions.ts";
import { Sweep } from "./sweep.ts";
import { Tokens } from "./tokens.ts";
import { TopicTable } from "./topic-table.ts";

/** The topic store on SQLite. @param queues where notifications go to. */
export function topicStore(queues: QueueTargets): StoreModule {
  return { service: "topics", migrations: TOPIC_MIGRATIONS, open: (database, engine) => open(database, engine, queues) };
}

function open(database: Database, engine: EnginePort, queues: QueueTargets): OpenedStore {
  const topics = new TopicTable(database, engine);
  const tokens = new Tokens(database, engine);
  const outbox = new Outbox(database, engine);
  const subscriptions = new Subscriptions(database, { engine, topics, tokens, handshake: new Asking({ engine, topics, outbox }) });
  const publications = new Publications(database, engine);
  const publishing = new Publishing({ engine, topics, subscriptions, publications, queues, outbox });
  const sweep = new Sweep(database, { publications, subscriptions, tokens });
  const check = new Check(database);
  const operations: TopicOperations = {
    ...topicOperations(topics),
    ...subscriptionOperations(subscriptions),
    publish: (args) => publishing.publish(args),
    deliver({ topic: ref, message }) {
      const topic = topics.seek(ref);
      if (topic === undefined) return { outcome: "gone" };
      return topics.admits(topic, ref) ? { outcome: "delivered", ...publishing.deliver(topic, message) } : { outcome: "denied" };
    },
    takeDeliveries: (args) => outbox.take(args),
    settleDelivery: (args) => publishing.settle(args),
    releaseDeliveries: () => outbox.release(),
    check: (args) => check.piece(args),
  };
  return {
    operations: { ...operations },
    growing: ["createTopic", "subscribe", "publish"] satisfies (keyof TopicOperations)[],
    flush() {
      topics.flush();
      subscriptions.flush();
    },
    forget() {
      topics.forget();
      subscriptions.forget();
    },
    upkeep: () => sweep.run(),
  };
}

type OfTopics =
  | "createTopic"
  | "deleteTopic"
  | "describeTopic"
  | "setTopicAttributes"
  | "addPermission"
  | "removePermission"
  | "listTopics"
  | "addTags"
  | "removeTags"
  | "listTags";

function topicOperations(topics: TopicTable): Pick<TopicOperations, OfTopics> {
  return {
    createTopic: (args) => topics.create(args),
    deleteTopic: ({ topic }) => topics.delete(topic),
    describeTopic({ topic: ref }) {
      const topic = topics.find(ref);
      return { attributes: topic.attributes, counts: topics.counts(topic) };
    },
    setTopicAttributes: ({ topic, attributes }) => topics.setAttributes(topic, attributes),
    addPermission({ topic, permission }) {
      const policy = topics.find(topic).attributes["Policy"] ?? defaultPolicy(topic);
      topics.setAttributes(topic, { Policy: withPermission(policy, permission, topic) });
    },
    removePermission({ topic, label }) {
      const policy = topics.find(topic).attributes["Policy"] ?? defaultPolicy(topic);
      topics.setAttributes(topic, { Policy: withoutPermission(policy, label) });
    },
    listTopics: (args) => topics.list(args),
    addTags: ({ topic, tags }) => topics.setTags(topic, mergeTags(topics.tags(topic), tags)),
    removeTags({ topic, keys }) {
      const left = Object.entries(topics.tags(topic)).filter(([key]) => !keys.includes(key));
      topics.setTags(topic, Object.fromEntries(left));
    },
    listTags: ({ topic }) => topics.tags(topic),
  };
}

type OfSubscriptions =
  | "subscribe"
  | "confirmSubscription"
  | "unsubscribe"
  | "describeSubscription"
  | "setSubscriptionAttribute"
  | "listSubscriptions"
  | "listSubscriptionsByTopic";

function subscriptionOperations(subscriptions: Subscriptions): Pick<TopicOperations, OfSubscriptions> {
  return {
    subscribe: (args) => subscriptions.add(args),
    confirmSubscription: (args) => subscriptions.confirm(args),
    unsubscribe: (args) => subscriptions.end(args),
    describeSubscription: ({ subscription }) => subscriptions.describe(subscription),
    setSubscriptionAttribute: ({ subscription, name, value }) => subscriptions.setAttribute(subscription, name, value),
    listSubscriptions: (args) => subscriptions.ofAccount(args),
    listSubscriptionsByTopic: ({ topic, ...page }) => subscriptions.ofTopic(topic, page),
  };
}
