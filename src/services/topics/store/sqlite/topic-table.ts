import type { Asker } from "../../../../access/asker.ts";
import { isAuthorised } from "../../../../access/authorisation.ts";
import type { Policy } from "../../../../access/document.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { invalidParameter, tooManyTopics, topicNotFound } from "../../rules/errors.ts";
import { FIFO_TOPICS_MAX, STANDARD_TOPICS_MAX } from "../../rules/limits.ts";
import { isSubset } from "../../rules/tags.ts";
import { effective, hasAll, mergeAttributes, type EffectiveAttributes } from "../../rules/topic-attributes.ts";
import { topicArn } from "../../rules/topic-arn.ts";
import { isFifoTopicName } from "../../rules/topic-name.ts";
import { refusalOf, TOPIC_POLICIES, topicPolicy } from "../../rules/topic-policy.ts";
import type { StoredAttributes, SubscriptionCounts, Tags, TopicRef } from "../store.ts";

/** A topic as the operations of a group see it. */
export interface Topic {
  readonly id: number;
  readonly ref: TopicRef;
  readonly fifo: boolean;
  readonly attributes: StoredAttributes;
  readonly settings: EffectiveAttributes;
  /** Undefined: the default one. */
  readonly policy: Policy | undefined;
  /** Written with the group. */
  sequence: number;
}

type TopicRow = [id: number, fifo: number, attributes: string, sequence: number];

/** Beyond so many, the topics in memory are dropped and read again: memory must not grow with what is stored. */
const TOPICS_KEPT_MAX = 10_000;

/** The topics themselves: attributes, tags, and how many subscriptions they have. */
export class TopicTable {
  readonly #kept = new Map<string, Topic>();
  /** Whose sequence this group has moved on. */
  readonly #moved = new Set<Topic>();
  readonly #engine: EnginePort;
  readonly #sql;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = statements(database);
  }

  /**
   * The topic for whoever asks for it. To another account one that does not exist is like one that it may not use.
   * @throws {ServiceError} NotFound, AuthorizationError
   */
  find(ref: TopicRef): Topic {
    const { asker } = ref;
    const topic = this.seek(ref);
    if (topic === undefined) throw asker === undefined || isOwn(ref) ? topicNotFound() : refused(ref, asker);
    if (asker !== undefined && !this.admits(topic, ref)) throw refused(ref, asker);
    return topic;
  }

  /** Whether the topic's policy and owner let the asker do what it asks for. */
  admits({ policy }: Topic, ref: TopicRef): boolean {
    const { asker } = ref;
    if (asker === undefined) return true;
    if (policy === undefined) return isOwn(ref);
    return isAuthorised(policy, { asker, resource: ref, nowMs: this.#engine.nowMs() }, TOPIC_POLICIES);
  }

  /** The topic whoever asks for it; undefined where there is none. */
  seek(ref: TopicRef): Topic | undefined {
    const key = keyOf(ref);
    return this.#kept.get(key) ?? this.#load(ref, key);
  }

  /** Undefined also where it is deleted. */
  byId(id: number): Topic | undefined {
    const [account, region, name] = this.#sql.nameOf.get(id) ?? [];
    return account === undefined || region === undefined || name === undefined ? undefined : this.seek({ account, region, name });
  }

  create({ topic: ref, attributes, tags }: { topic: TopicRef; attributes: StoredAttributes; tags: Tags }): { created: boolean } {
    const existing = this.seek(ref);
    if (existing !== undefined) {
      this.find(ref);
      if (!hasAll(existing.attributes, attributes, ref))
        throw invalidParameter("Attributes Reason: Topic already exists with different attributes");
      if (!isSubset(tags, this.tags(ref))) throw invalidParameter("Tags Reason: Topic already exists with different tags");
      return { created: false };
    }
    const { account, region, name } = ref;
    const fifo = isFifoTopicName(name) ? 1 : 0;
    const max = fifo === 1 ? FIFO_TOPICS_MAX : STANDARD_TOPICS_MAX;
    if ((this.#sql.count.get(account, region, fifo)?.[0] ?? 0) >= max) throw tooManyTopics(max);
    this.#sql.insert.run(account, region, name, fifo, JSON.stringify(mergeAttributes({}, attributes)), JSON.stringify(tags));
    this.#sql.addToCount.run(account, region, fifo, 1, 1);
    return { created: true };
  }

  delete(ref: TopicRef): void {
    if (this.seek(ref) === undefined && isOwn(ref)) return;
    const topic = this.find(ref);
    this.#sql.markDeleted.run(topic.id);
    this.#sql.addToCount.run(ref.account, ref.region, topic.fifo ? 1 : 0, -1, -1);
    this.#drop(topic);
  }

  setAttributes(ref: TopicRef, changes: StoredAttributes): void {
    const topic = this.find(ref);
    this.#sql.setAttributes.run(JSON.stringify(mergeAttributes(topic.attributes, changes)), topic.id);
    this.#drop(topic);
  }

  tags(ref: TopicRef): Tags {
    return JSON.parse(this.#sql.tags.get(this.find(ref).id)?.[0] ?? "{}") as Tags;
  }

  setTags(ref: TopicRef, tags: Tags): void {
    this.#sql.setTags.run(JSON.stringify(tags), this.find(ref).id);
  }

  list({ account, region, after, limit }: { account: string; region: string; after: string; limit: number }) {
    const rows = this.#sql.list.all(account, region, after, limit + 1);
    return { names: rows.slice(0, limit).map(([name]) => name), more: rows.length > limit };
  }

  counts({ id }: Topic): SubscriptionCounts {
    const [confirmed = 0, pending = 0, deleted = 0] = this.#sql.counts.get(id) ?? [];
    return { confirmed, pending, deleted };
  }

  count({ id }: Topic, { confirmed = 0, pending = 0, deleted = 0 }: Partial<SubscriptionCounts>): void {
    this.#sql.addCounts.run(confirmed, pending, deleted, id);
  }

  /** The next place in the order of a FIFO topic. */
  nextSequence(topic: Topic): number {
    topic.sequence += 1;
    this.#moved.add(topic);
    return topic.sequence;
  }

  /** Writes what has changed in this group. */
  flush(): void {
    for (const topic of this.#moved) this.#sql.setSequence.run(topic.sequence, topic.id);
    this.#moved.clear();
    if (this.#kept.size > TOPICS_KEPT_MAX) this.#kept.clear();
  }

  forget(): void {
    this.#moved.clear();
    this.#kept.clear();
  }

  #drop(topic: Topic): void {
    if (this.#moved.delete(topic)) this.#sql.setSequence.run(topic.sequence, topic.id);
    this.#kept.delete(keyOf(topic.ref));
  }

  #load(ref: TopicRef, key: string): Topic | undefined {
    const row = this.#sql.find.get(ref.account, ref.region, ref.name);
    if (row === undefined) return undefined;
    const [id, fifo, attributesText, sequence] = row;
    const attributes = JSON.parse(attributesText) as StoredAttributes;
    const topic: Topic = {
      id,
      ref: { account: ref.account, region: ref.region, name: ref.name },
      fifo: fifo === 1,
      attributes,
      settings: effective(attributes),
      policy: topicPolicy(attributes["Policy"], ref),
      sequence,
    };
    this.#kept.set(key, topic);
    return topic;
  }
}

/** Whether nobody asks, or somebody of the topic's own account. */
function isOwn({ account, asker }: TopicRef): boolean {
  return asker === undefined || asker.accountId === account;
}

function refused(ref: TopicRef, asker: Asker): Error {
  return refusalOf(asker, { account: ref.account, arn: topicArn(ref) });
}

/** Account and region hold no slash. */
function keyOf({ account, region, name }: TopicRef): string {
  return `${account}/${region}/${name}`;
}

function statements(database: Database) {
  return {
    find: database.prepareTuples<TopicRow>(
      "SELECT id, fifo, attributes, sequence FROM topic WHERE account = ? AND region = ? AND name = ? AND deleted = 0",
    ),
    nameOf: database.prepareTuples<[account: string, region: string, name: string]>(
      "SELECT account, region, name FROM topic WHERE id = ? AND deleted = 0",
    ),
    count: database.prepareTuples<[number]>("SELECT topics FROM topic_count WHERE account = ? AND region = ? AND fifo = ?"),
    addToCount: database.prepare("INSERT INTO topic_count VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET topics = topics + ?"),
    insert: database.prepare("INSERT INTO topic VALUES (NULL, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)"),
    markDeleted: database.prepare("UPDATE topic SET deleted = 1 WHERE id = ?"),
    setAttributes: database.prepare("UPDATE topic SET attributes = ? WHERE id = ?"),
    setSequence: database.prepare("UPDATE topic SET sequence = ? WHERE id = ?"),
    tags: database.prepareTuples<[string]>("SELECT tags FROM topic WHERE id = ?"),
    setTags: database.prepare("UPDATE topic SET tags = ? WHERE id = ?"),
    counts: database.prepareTuples<[number, number, number]>("SELECT confirmed, pending, ended FROM topic WHERE id = ?"),
    addCounts: database.prepare("UPDATE topic SET confirmed = confirmed + ?, pending = pending + ?, ended = ended + ? WHERE id = ?"),
    list: database.prepareTuples<[string]>(
      "SELECT name FROM topic WHERE account = ? AND region = ? AND deleted = 0 AND name > ? ORDER BY name LIMIT ?",
    ),
  };
}
