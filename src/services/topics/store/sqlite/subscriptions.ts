import type { Asker } from "../../../../access/asker.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { idBytes, type IdBytes } from "../../rules/delivery-id.ts";
import { endNotAuthorised, subscriptionNotFound, tooManyFilterPolicies, tooManySubscriptions } from "../../rules/errors.ts";
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
import { refusalOf } from "../../rules/topic-policy.ts";
import type {
  Confirmation,
  Ending,
  NewSubscription,
  Protocol,
  StoredAttributes,
  Subscribed,
  SubscriptionDescription,
  SubscriptionPage,
  SubscriptionRef,
  TopicRef,
} from "../store.ts";
import { subscriptionStatements, type ListedRow, type SubscriptionRow } from "./subscription-statements.ts";
import type { Tokens } from "./tokens.ts";
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
  /** Of its id, for those of the messages that it gets. */
  readonly idBytes: IdBytes;
}

/** Beyond so many of all topics together, the subscriptions in memory are dropped and read again. */
const SUBSCRIPTIONS_KEPT_MAX = 50_000;

/** A subscription in full, as its endpoint is asked about it. */
export interface Asked {
  readonly subscription: SubscriptionRef;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly baseUrl: string;
  /** By which the endpoint answers. */
  readonly token: string;
}

/** Who sends an endpoint the question whether it wants a subscription, or wants one back. */
export interface Handshake {
  confirm(asked: Asked): void;
  ended(asked: Asked): void;
}

interface Parts {
  readonly engine: EnginePort;
  readonly topics: TopicTable;
  readonly tokens: Tokens;
  readonly handshake: Handshake;
}

/** The subscriptions of all topics. */
export class Subscriptions {
  readonly #engine: EnginePort;
  readonly #topics: TopicTable;
  readonly #tokens: Tokens;
  readonly #handshake: Handshake;
  /** Those that messages go to, by topic. */
  readonly #kept = new Map<number, readonly Subscription[]>();
  #keptCount = 0;
  readonly #sql;

  constructor(database: Database, { engine, topics, tokens, handshake }: Parts) {
    this.#engine = engine;
    this.#topics = topics;
    this.#tokens = tokens;
    this.#handshake = handshake;
    this.#sql = subscriptionStatements(database);
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
      if (confirmed === 0) this.#ask({ ...given, id });
      return { id, confirmed: confirmed === 1 };
    }
    this.#checkLimits(topic, attributes);
    const confirmed = protocol === "sqs";
    this.#insert(topic, { ...given, attributes: mergeAttributes({}, attributes) }, { confirmed, authenticated: confirmed });
    if (!confirmed) this.#ask(given);
    return { id: given.id, confirmed };
  }

  #insert(topic: Topic, given: NewSubscription, { confirmed, authenticated }: { confirmed: boolean; authenticated: boolean }): void {
    const { account, region } = topic.ref;
    this.#sql.insert.run(
      topic.id,
      given.id,
      account,
      region,
      given.owner,
      given.principal,
      given.protocol,
      given.endpoint,
      JSON.stringify(given.attributes),
      isFiltered(given.attributes),
      given.baseUrl,
      confirmed ? 1 : 0,
      authenticated ? 1 : 0,
      this.#engine.nowMs(),
    );
    this.#topics.count(topic, confirmed ? { confirmed: 1 } : { pending: 1 });
    this.#drop(topic.id);
  }

  #ask({ topic, id, protocol, endpoint, baseUrl, token }: NewSubscription): void {
    this.#tokens.add(token, id);
    this.#handshake.confirm({ subscription: { topic, id }, protocol, endpoint, baseUrl, token });
  }

  /** @returns undefined where the token is nobody's. */
  confirm({ token, authenticated, signedEnd }: Confirmation): SubscriptionRef | undefined {
    const id = this.#tokens.subscriptionOf(token);
    if (id === undefined) return undefined;
    return this.#confirmPending(id, { authenticated, signedEnd }) ?? this.#restore(id);
  }

  #confirmPending(id: string, { authenticated, signedEnd }: Omit<Confirmation, "token">): SubscriptionRef | undefined {
    const row = this.#sql.find.get(id);
    const topic = row === undefined ? undefined : this.#topics.byId(row.topic);
    if (row === undefined || topic === undefined) return undefined;
    if (row.confirmed === 0) {
      this.#sql.confirm.run(authenticated ? 1 : 0, signedEnd ? 1 : 0, row.id);
      this.#topics.count(topic, { confirmed: 1, pending: -1 });
      this.#drop(topic.id);
    }
    return { topic: topic.ref, id };
  }

  /** A subscription that was ended is made again as it was, unless the topic has another one for its endpoint by now. */
  #restore(id: string): SubscriptionRef | undefined {
    const [topicId = 0, text = ""] = this.#sql.findEnded.get(id) ?? [];
    const topic = this.#topics.byId(topicId);
    if (topic === undefined) return undefined;
    const ended = JSON.parse(text) as NewSubscription;
    if (this.#sql.byEndpoint.get(topic.id, ended.protocol, ended.endpoint) !== undefined) return undefined;
    this.#sql.dropEnded.run(id);
    this.#insert(topic, ended, { confirmed: true, authenticated: false });
    this.#topics.count(topic, { deleted: -1 });
    return { topic: topic.ref, id };
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

  end({ subscription, authenticated, token }: Ending): void {
    const found = this.#seek(subscription);
    if (found === undefined) return;
    this.#admit(subscription, found);
    const { topic, row } = found;
    if (row.signed_end === 1 && !authenticated) throw endNotAuthorised();
    this.#sql.delete.run(row.id);
    this.#topics.count(topic, { ...(row.confirmed === 1 ? { confirmed: -1 } : { pending: -1 }), deleted: 1 });
    this.#drop(topic.id);
    if (row.protocol !== "sqs" && row.confirmed === 1 && !authenticated) this.#askBack(topic, row, { subscription, token });
  }

  #askBack(topic: Topic, row: SubscriptionRow, { subscription, token }: { subscription: SubscriptionRef; token: string }): void {
    const { protocol, endpoint, owner, principal } = row;
    const attributes = JSON.parse(row.attributes) as StoredAttributes;
    const given = { topic: topic.ref, id: subscription.id, protocol, endpoint, attributes, owner, principal };
    const ended: NewSubscription = { ...given, baseUrl: row.base_url, token };
    this.#sql.keepEnded.run(ended.id, topic.id, JSON.stringify(ended), this.#engine.nowMs());
    this.#tokens.add(token, ended.id);
    this.#handshake.ended({ subscription, protocol, endpoint, baseUrl: row.base_url, token });
  }

  /** Drops a bounded number of those that nobody has confirmed in time, and of those that nobody has asked back. @returns whether there may be more. */
  sweep(limit: number): boolean {
    const throughMs = this.#tokens.expiredThroughMs();
    const pending = this.#sql.oldPending.all(throughMs, limit);
    for (const [id, topicId] of pending) {
      this.#sql.delete.run(id);
      const topic = this.#topics.byId(topicId);
      if (topic !== undefined) this.#topics.count(topic, { pending: -1 });
    }
    const ended = this.#sql.oldEnded.all(throughMs, limit);
    for (const [id] of ended) this.#sql.dropEnded.run(id);
    return pending.length === limit || ended.length === limit;
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
      topicDeliveryPolicy: topic.attributes["DeliveryPolicy"] ?? null,
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
    return pageOf(this.#sql.listAccount.all(account, region, after, limit + 1), { region, limit });
  }

  ofTopic(ref: TopicRef, { after, limit }: { after: number; limit: number }): SubscriptionPage {
    const topic = this.#topics.find(ref);
    return pageOf(this.#sql.listTopic.all(topic.id, after, limit + 1), { region: topic.ref.region, limit });
  }

  /** ARN of the queue for what cannot be delivered; undefined where there is none, or no such subscription. */
  deadLetterQueueOf(id: string): string | undefined {
    const row = this.#sql.find.get(id);
    return row === undefined ? undefined : effective(JSON.parse(row.attributes) as StoredAttributes).deadLetterQueue;
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
      idBytes: idBytes(id),
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
    const { asker, account } = ref.topic;
    if (found !== undefined) this.#admit(ref, found);
    else throw asker === undefined || asker.accountId === account ? subscriptionNotFound() : refusedOf(ref, asker, account);
    return found;
  }

  /** @throws {ServiceError} AuthorizationError unless the asker is of the topic's account, or of the subscription's, and not denied. */
  #admit(ref: SubscriptionRef, { topic, row: { owner } }: Found): void {
    const { asker, account } = ref.topic;
    if (asker === undefined || this.#topics.admits(topic, ref.topic)) return;
    if (!this.#topics.admits(topic, { ...ref.topic, account: owner }))
      throw refusedOf(ref, asker, asker.accountId === owner ? owner : account);
  }

  #seek({ topic: ref, id }: SubscriptionRef): Found | undefined {
    const topic = this.#topics.seek(ref);
    const row = this.#sql.find.get(id);
    return topic === undefined || row === undefined || row.topic !== topic.id ? undefined : { topic, row };
  }
}

/** @param account whose the subscription is to the asker. */
function refusedOf(ref: SubscriptionRef, asker: Asker, account: string): Error {
  return refusalOf(asker, { account, arn: subscriptionArn(ref) });
}

function isFiltered(attributes: StoredAttributes): number {
  return (attributes["FilterPolicy"] ?? "") === "" ? 0 : 1;
}

function pageOf(rows: readonly ListedRow[], { region, limit }: { region: string; limit: number }): SubscriptionPage {
  const subscriptions = rows.slice(0, limit).map(([sequence, id, account, name, owner, protocol, endpoint, confirmed]) => ({
    sequence,
    subscription: { topic: { account, region, name }, id },
    owner,
    protocol,
    endpoint,
    confirmed: confirmed === 1,
  }));
  return { subscriptions, more: rows.length > limit };
}

interface Found {
  readonly topic: Topic;
  readonly row: SubscriptionRow;
}
