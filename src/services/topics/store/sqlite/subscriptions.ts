import type { Database } from "../../../../storage/sqlite/database.ts";
import { subscriptionNotFound, tooManyFilterPolicies, tooManySubscriptions } from "../../rules/errors.ts";
import { FIFO_SUBSCRIPTIONS_MAX, FILTER_POLICIES_MAX, STANDARD_SUBSCRIPTIONS_MAX } from "../../rules/limits.ts";
import {
  canonicalAttribute,
  canonicalAttributes,
  checkFilter,
  effective,
  hasAll,
  toldBySet,
  toldBySubscribe,
  type EffectiveAttributes,
} from "../../rules/subscription-attributes.ts";
import { mergeAttributes } from "../../rules/topic-attributes.ts";
import { subscriptionArn } from "../../rules/topic-arn.ts";
import type {
  NewSubscription,
  Protocol,
  StoredAttributes,
  Subscribed,
  SubscriptionDescription,
  SubscriptionPage,
  SubscriptionRef,
  TopicRef,
} from "../store.ts";
import type { Topic, TopicTable } from "./topic-table.ts";

/** A confirmed subscription as a publish sees it. */
export interface Subscription {
  /** The last part of its ARN. */
  readonly id: string;
  readonly arn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly settings: EffectiveAttributes;
  readonly baseUrl: string;
}

/** Beyond so many of all topics together, the subscriptions in memory are dropped and read again. */
const SUBSCRIPTIONS_KEPT_MAX = 50_000;

/** The subscriptions of all topics. */
export class Subscriptions {
  readonly #topics: TopicTable;
  /** Those that messages go to, by topic. */
  readonly #kept = new Map<number, readonly Subscription[]>();
  #keptCount = 0;
  readonly #sql;

  constructor(database: Database, topics: TopicTable) {
    this.#topics = topics;
    this.#sql = statements(database);
  }

  add(given: NewSubscription): Subscribed {
    const topic = this.#topics.find(given.topic);
    const { protocol, endpoint } = given;
    const kind = { fifo: topic.fifo, protocol, endpoint };
    const attributes = canonicalAttributes(given.attributes, { kind, told: toldBySubscribe });
    checkFilter(attributes, toldBySubscribe);
    const existing = this.#sql.byEndpoint.get(topic.id, protocol, endpoint);
    if (existing !== undefined) {
      const [id, text, confirmed] = existing;
      if (!hasAll(JSON.parse(text) as StoredAttributes, attributes)) {
        throw toldBySubscribe("Subscription already exists with different attributes");
      }
      return { id, confirmed: confirmed === 1 };
    }
    this.#checkLimits(topic, attributes);
    const { account, region } = topic.ref;
    const stored = mergeAttributes({}, attributes);
    this.#sql.insert.run(
      topic.id,
      given.id,
      account,
      region,
      given.owner,
      given.principal,
      protocol,
      endpoint,
      JSON.stringify(stored),
      isFiltered(stored),
      given.baseUrl,
      1,
      1,
    );
    this.#topics.count(topic, { confirmed: 1 });
    this.#drop(topic.id);
    return { id: given.id, confirmed: true };
  }

  #checkLimits(topic: Topic, attributes: StoredAttributes): void {
    const { confirmed, pending } = this.#topics.counts(topic);
    const max = topic.fifo ? FIFO_SUBSCRIPTIONS_MAX : STANDARD_SUBSCRIPTIONS_MAX;
    if (confirmed + pending >= max) throw tooManySubscriptions(topic.fifo);
    this.#checkFilters(topic, attributes);
  }

  #checkFilters(topic: Topic, attributes: StoredAttributes): void {
    if (isFiltered(attributes) === 0) return;
    if ((this.#sql.filteredOf.get(topic.id)?.[0] ?? 0) >= FILTER_POLICIES_MAX) throw tooManyFilterPolicies();
  }

  end(ref: SubscriptionRef): void {
    const found = this.#seek(ref);
    if (found === undefined) return;
    const { topic, row } = found;
    this.#sql.delete.run(row.id);
    this.#topics.count(topic, { ...(row.confirmed === 1 ? { confirmed: -1 } : { pending: -1 }), deleted: 1 });
    this.#drop(topic.id);
  }

  describe(ref: SubscriptionRef): SubscriptionDescription {
    const { topic, row } = this.#find(ref);
    return {
      subscription: { topic: topic.ref, id: ref.id },
      owner: row.owner,
      principal: row.principal,
      protocol: row.protocol,
      endpoint: row.endpoint,
      confirmed: row.confirmed === 1,
      authenticated: row.authenticated === 1,
      attributes: JSON.parse(row.attributes) as StoredAttributes,
    };
  }

  setAttribute(ref: SubscriptionRef, name: string, value: string): void {
    const { topic, row } = this.#find(ref);
    const kind = { fifo: topic.fifo, protocol: row.protocol, endpoint: row.endpoint };
    const change = { [name]: canonicalAttribute(name, value, { kind, told: toldBySet }) };
    if (row.filtered === 0) this.#checkFilters(topic, change);
    const attributes = mergeAttributes(JSON.parse(row.attributes) as StoredAttributes, change);
    if (name.startsWith("FilterPolicy")) checkFilter(attributes, toldBySet);
    this.#sql.setAttributes.run(JSON.stringify(attributes), isFiltered(attributes), row.id);
    this.#drop(topic.id);
  }

  ofAccount({ account, region, after, limit }: { account: string; region: string; after: number; limit: number }): SubscriptionPage {
    return pageOf(this.#sql.listAccount.all(account, region, after, limit + 1), { account, region, limit });
  }

  ofTopic(ref: TopicRef, { after, limit }: { after: number; limit: number }): SubscriptionPage {
    const topic = this.#topics.find(ref);
    return pageOf(this.#sql.listTopic.all(topic.id, after, limit + 1), { ...topic.ref, limit });
  }

  /** Those that messages of a topic go to, in the order of their making. */
  confirmed(topic: Topic): readonly Subscription[] {
    const kept = this.#kept.get(topic.id);
    if (kept !== undefined) return kept;
    const read = this.#sql.confirmed.all(topic.id).map(([id, protocol, endpoint, attributes, baseUrl]) => ({
      id,
      arn: subscriptionArn({ topic: topic.ref, id }),
      protocol,
      endpoint,
      settings: effective(JSON.parse(attributes) as StoredAttributes),
      baseUrl,
    }));
    this.#kept.set(topic.id, read);
    this.#keptCount += read.length;
    return read;
  }

  flush(): void {
    if (this.#keptCount > SUBSCRIPTIONS_KEPT_MAX) this.forget();
  }

  forget(): void {
    this.#kept.clear();
    this.#keptCount = 0;
  }

  #drop(topic: number): void {
    this.#keptCount -= this.#kept.get(topic)?.length ?? 0;
    this.#kept.delete(topic);
  }

  /** @throws {ServiceError} NotFound */
  #find(ref: SubscriptionRef) {
    const found = this.#seek(ref);
    if (found === undefined) throw subscriptionNotFound();
    return found;
  }

  #seek({ topic: ref, id }: SubscriptionRef) {
    const topic = this.#topics.seek(ref);
    const row = this.#sql.find.get(id);
    return topic === undefined || row === undefined || row.topic !== topic.id ? undefined : { topic, row };
  }
}

function isFiltered(attributes: StoredAttributes): number {
  return (attributes["FilterPolicy"] ?? "") === "" ? 0 : 1;
}

type ListedRow = [id: number, uuid: string, topicName: string, owner: string, protocol: Protocol, endpoint: string, confirmed: number];

function pageOf(
  rows: readonly ListedRow[],
  { account, region, limit }: { account: string; region: string; limit: number },
): SubscriptionPage {
  const subscriptions = rows.slice(0, limit).map(([sequence, id, name, owner, protocol, endpoint, confirmed]) => ({
    sequence,
    subscription: { topic: { account, region, name }, id },
    owner,
    protocol,
    endpoint,
    confirmed: confirmed === 1,
  }));
  return { subscriptions, more: rows.length > limit };
}

interface SubscriptionRow {
  readonly id: number;
  readonly topic: number;
  readonly owner: string;
  readonly principal: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: string;
  readonly filtered: number;
  readonly confirmed: number;
  readonly authenticated: number;
}

function statements(database: Database) {
  const listed =
    "SELECT s.id, s.uuid, t.name, s.owner, s.protocol, s.endpoint, s.confirmed FROM subscription s JOIN topic t ON t.id = s.topic";
  return {
    find: database.prepare<SubscriptionRow>(
      "SELECT id, topic, owner, principal, protocol, endpoint, attributes, filtered, confirmed, authenticated FROM subscription WHERE uuid = ?",
    ),
    byEndpoint: database.prepareTuples<[uuid: string, attributes: string, confirmed: number]>(
      "SELECT uuid, attributes, confirmed FROM subscription WHERE topic = ? AND protocol = ? AND endpoint = ?",
    ),
    insert: database.prepare("INSERT INTO subscription VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    delete: database.prepare("DELETE FROM subscription WHERE id = ?"),
    setAttributes: database.prepare("UPDATE subscription SET attributes = ?, filtered = ? WHERE id = ?"),
    filteredOf: database.prepareTuples<[number]>("SELECT count(*) FROM subscription WHERE topic = ? AND filtered = 1"),
    confirmed: database.prepareTuples<[uuid: string, protocol: Protocol, endpoint: string, attributes: string, baseUrl: string]>(
      "SELECT uuid, protocol, endpoint, attributes, base_url FROM subscription WHERE topic = ? AND confirmed = 1 ORDER BY id",
    ),
    listTopic: database.prepareTuples<ListedRow>(`${listed} WHERE s.topic = ? AND s.id > ? ORDER BY s.id LIMIT ?`),
    listAccount: database.prepareTuples<ListedRow>(
      `${listed} WHERE s.account = ? AND s.region = ? AND s.id > ? AND t.deleted = 0 ORDER BY s.id LIMIT ?`,
    ),
  };
}
