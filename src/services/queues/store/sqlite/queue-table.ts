import { isAuthorised } from "../../../../access/authorisation.ts";
import type { Policy } from "../../../../access/document.ts";
import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { nameRests, purgeRests } from "../../rules/cool-down.ts";
import { purgeQueueInProgress, queueDeletedRecently, queueDoesNotExist, queueNameExists } from "../../rules/errors.ts";
import { QUEUE_POLICIES, queuePolicy, refusalOf } from "../../rules/policy.ts";
import { processingBy, type Processing } from "../../rules/fairness.ts";
import { IN_FLIGHT_MAX } from "../../rules/limits.ts";
import {
  deduplicatesPerGroup,
  differingAttribute,
  effective,
  mergeAttributes,
  type EffectiveAttributes,
} from "../../rules/queue-attributes.ts";
import { checkDeadLetterQueue, readRedrivePolicy } from "../../rules/redrive-policy.ts";
import type { QueueRef, StoredAttributes, Tags } from "../store.ts";
import type { DeadLetters } from "./dead-letters.ts";

/** A queue as the operations of a group see it. Counts are kept here and written once a group. */
export interface Queue {
  readonly id: number;
  readonly ref: QueueRef;
  readonly attributes: StoredAttributes;
  readonly settings: EffectiveAttributes;
  /** Undefined: it has none. */
  readonly policy: Policy | undefined;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly purgedMs: number | null;
  /** Messages up to this sequence were purged, and what was remembered of them. */
  readonly voidThrough: number;
  /** Whether a FIFO queue tells duplicates within a message group only: as it was created, whatever is set later. */
  readonly deduplicatesPerGroup: boolean;
  /** Only of standard queues that have had a message with a group. */
  fair: Fair | undefined;
  visible: number;
  inFlight: number;
  delayed: number;
  /**
   * Before this no hidden message becomes visible, and no group of a FIFO queue is freed by the end of a retention. May be
   * too early, never too late.
   */
  dueMs: number;
  /** No hidden message was sent before; may be too early, never too late. */
  oldestHiddenMs: number;
  /** A look at all hidden messages that is under way. */
  look: Look | undefined;
  countsChanged: boolean;
}

/** A look at hidden messages for those whose retention has ended, in pieces. */
export interface Look {
  /** Where the last piece ended, in the order of `hidden`. */
  readonly visibleMs: number;
  readonly sequence: number;
  /** When the oldest was sent that stays, of those looked at and those hidden meanwhile. */
  oldestMs: number;
}

/** What a queue knows that serves its message groups fairly. */
export interface Fair {
  /** Messages from this sequence on have a group. */
  readonly since: number;
  /** Of all messages of the queue. */
  processing: Processing;
  /** When noisy tenants are to be looked at again at the latest. */
  reconsiderMs: number;
}

/** Beyond so many, the queues in memory are dropped and read again: memory must not grow with what is stored. */
const QUEUES_KEPT_MAX = 10_000;

/** Greater than any sequence. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

type QueueRow = [
  id: number,
  attributes: string,
  created: number,
  modified: number,
  purged: number | null,
  purgedThrough: number,
  perGroup: number,
  visible: number,
  inFlight: number,
  delayed: number,
  fairSince: number | null,
  processingMs: number | null,
  processingAtMs: number | null,
];

/** The queues themselves: settings, names, tags, counts. */
export class QueueTable {
  readonly #engine: EnginePort;
  readonly #kept = new Map<string, Queue>();
  readonly #changed = new Set<Queue>();
  readonly #sql;
  readonly #deadLetters: DeadLetters;
  readonly #coolDown: boolean;

  /** @param options `coolDown`: whether names rest after a deletion and purges are limited, each for a minute. */
  constructor(database: Database, options: { engine: EnginePort; deadLetters: DeadLetters; coolDown: boolean }) {
    this.#engine = options.engine;
    this.#deadLetters = options.deadLetters;
    this.#coolDown = options.coolDown;
    this.#sql = statements(database);
  }

  /**
   * The queue for whoever asks for it. To another account one that does not exist is like one that it may not use.
   * @throws {ServiceError} QueueDoesNotExist, AccessDenied
   */
  find(ref: QueueRef): Queue {
    const { asker } = ref;
    const queue = this.seek(ref);
    if (queue === undefined) throw asker === undefined || asker.accountId === ref.account ? queueDoesNotExist() : refusalOf(asker, ref);
    if (asker !== undefined && !this.admits(queue, ref)) throw refusalOf(asker, ref);
    return queue;
  }

  /** Whether the queue's policy and owner let the asker do what it asks for. */
  admits({ policy }: Queue, ref: QueueRef): boolean {
    const { asker } = ref;
    if (asker === undefined || (policy === undefined && asker.accountId === ref.account)) return true;
    return isAuthorised(policy, { asker, resource: ref, nowMs: this.#engine.nowMs() }, QUEUE_POLICIES);
  }

  /** The queue whoever asks for it; undefined where there is none. */
  seek(ref: QueueRef): Queue | undefined {
    const key = keyOf(ref);
    return this.#kept.get(key) ?? this.#load(ref, key);
  }

  create(args: { queue: QueueRef; attributes: StoredAttributes; tags: Tags; redrivePolicy?: string | undefined }): { created: boolean } {
    const existing = this.seek(args.queue);
    if (existing !== undefined) {
      this.find(args.queue);
      const different = differingAttribute(existing.attributes, args.attributes);
      if (different !== undefined) throw queueNameExists(different);
      return { created: false };
    }
    const { account, region, name } = args.queue;
    const nowMs = this.#engine.nowMs();
    const deletedMs = this.#sql.lastDeleted.get(account, region, name)?.[0] ?? null;
    if (this.#coolDown && deletedMs !== null && nameRests(deletedMs, nowMs)) throw queueDeletedRecently();
    this.#checkRedrive(args.queue, args.attributes, args.redrivePolicy);
    const attributes = mergeAttributes({}, args.attributes);
    const [row] = this.#sql.insert.writeReturning(
      account,
      region,
      name,
      JSON.stringify(attributes),
      JSON.stringify(args.tags),
      nowMs,
      nowMs,
      deduplicatesPerGroup(attributes) ? 1 : 0,
    );
    this.#sql.insertCount.run(row?.[0] ?? 0);
    this.#deadLetters.changePolicy(args.queue, undefined, readRedrivePolicy(attributes["RedrivePolicy"]));
    return { created: true };
  }

  delete(ref: QueueRef): void {
    const queue = this.find(ref);
    this.#sql.markDeleted.run(this.#engine.nowMs(), queue.id);
    this.#sql.void.run(queue.id, EVERYTHING);
    this.#deadLetters.changePolicy(ref, queue.settings.redrive, undefined);
    this.#drop(queue);
    this.#engine.wake(queue.id);
  }

  /** @param redrivePolicy as the caller wrote it: what a refusal quotes. */
  setAttributes(ref: QueueRef, changes: StoredAttributes, redrivePolicy?: string): void {
    const queue = this.find(ref);
    this.#checkRedrive(ref, changes, redrivePolicy);
    const attributes = mergeAttributes(queue.attributes, changes);
    this.#sql.setAttributes.run(JSON.stringify(attributes), this.#engine.nowMs(), queue.id);
    this.#deadLetters.changePolicy(ref, queue.settings.redrive, readRedrivePolicy(attributes["RedrivePolicy"]));
    this.#drop(queue);
    this.#engine.wake(queue.id);
  }

  /** Whether the dead-letter queue that a change names is there and allows it. */
  #checkRedrive(source: QueueRef, changes: StoredAttributes, given: string | undefined): void {
    const canonical = changes["RedrivePolicy"];
    const target = canonical === undefined || canonical === "" ? undefined : readRedrivePolicy(canonical)?.deadLetterQueue;
    if (canonical === undefined || target === undefined) return;
    const found = this.seek(target);
    const allowPolicy = found?.attributes["RedriveAllowPolicy"];
    checkDeadLetterQueue(given ?? canonical, { source, target, exists: found !== undefined, allowPolicy });
  }

  /** @param lastSequence what was sent up to now is purged. */
  purge(ref: QueueRef, lastSequence: number): void {
    const queue = this.find(ref);
    const nowMs = this.#engine.nowMs();
    if (this.#coolDown && queue.purgedMs !== null && purgeRests(queue.purgedMs, nowMs)) throw purgeQueueInProgress(ref.name);
    this.#sql.markPurged.run(nowMs, lastSequence, queue.id);
    this.#sql.void.run(queue.id, lastSequence);
    this.count(queue, { visible: -queue.visible, inFlight: -queue.inFlight, delayed: -queue.delayed });
    this.#drop(queue);
  }

  tags(ref: QueueRef): Tags {
    return JSON.parse(this.#sql.tags.get(this.find(ref).id)?.[0] ?? "{}") as Tags;
  }

  setTags(ref: QueueRef, tags: Tags): void {
    this.#sql.setTags.run(JSON.stringify(tags), this.find(ref).id);
  }

  /** One page of names, and whether another follows. */
  list(args: { account: string; region: string; prefix: string; after: string; limit: number }): { names: string[]; more: boolean } {
    const { account, region, prefix, after, limit } = args;
    // Every character of a queue name sorts after an exclamation mark and before a tilde. One lower bound, so that a page
    // begins where it begins and passes by no name before it.
    const from = after < prefix ? prefix : `${after}!`;
    const rows = this.#sql.list.all(account, region, from, `${prefix}~`, limit + 1);
    return { names: rows.slice(0, limit).map(([name]) => name), more: rows.length > limit };
  }

  /** From this sequence on the messages of the queue have groups. */
  makeFair(queue: Queue, since: number): void {
    const processing = { ms: 0, atMs: this.#engine.nowMs() };
    this.#sql.insertFair.run(queue.id, since, processing.ms, processing.atMs);
    queue.fair = { since, processing, reconsiderMs: Infinity };
  }

  /** @param sinceMs when that was so: a visibility timeout may have ended unnoticed. */
  count(queue: Queue, change: { visible?: number; inFlight?: number; delayed?: number }, sinceMs = this.#engine.nowMs()): void {
    const { fair } = queue;
    if (fair !== undefined) fair.processing = processingBy(sinceMs, fair.processing, queue.inFlight);
    // Who waits may have been kept off by the number in flight alone.
    if (queue.inFlight >= IN_FLIGHT_MAX && (change.inFlight ?? 0) < 0) this.#engine.wake(queue.id);
    queue.visible += change.visible ?? 0;
    queue.inFlight += change.inFlight ?? 0;
    queue.delayed += change.delayed ?? 0;
    queue.countsChanged = true;
    this.#changed.add(queue);
  }

  /** Writes the counts that changed in this group. */
  flush(): void {
    for (const queue of this.#changed) this.#saveCounts(queue);
    this.#changed.clear();
    if (this.#kept.size > QUEUES_KEPT_MAX) this.#kept.clear();
  }

  forget(): void {
    this.#changed.clear();
    this.#kept.clear();
  }

  #drop(queue: Queue): void {
    if (queue.countsChanged) this.#saveCounts(queue);
    this.#changed.delete(queue);
    this.#kept.delete(keyOf(queue.ref));
  }

  #saveCounts(queue: Queue): void {
    const { id, visible, inFlight, delayed, fair } = queue;
    this.#sql.setCount.run(visible, inFlight, delayed, id);
    if (fair !== undefined) this.#sql.setProcessing.run(fair.processing.ms, fair.processing.atMs, id);
    queue.countsChanged = false;
  }

  #load(ref: QueueRef, key: string): Queue | undefined {
    const row = this.#sql.find.get(ref.account, ref.region, ref.name);
    if (row === undefined) return undefined;
    const [id, attributesText, createdMs, modifiedMs, purgedMs, voidThrough, perGroup, visible, inFlight, delayed, ...fair] = row;
    const attributes = JSON.parse(attributesText) as StoredAttributes;
    const queue: Queue = {
      id,
      ref: { account: ref.account, region: ref.region, name: ref.name }, // Without who asks: the next one is another.
      attributes,
      createdMs,
      modifiedMs,
      purgedMs,
      visible,
      inFlight,
      delayed,
      settings: effective(attributes),
      policy: queuePolicy(attributes["Policy"], ref),
      voidThrough,
      deduplicatesPerGroup: perGroup === 1,
      fair: fairOf(fair),
      dueMs: 0,
      oldestHiddenMs: 0,
      look: undefined,
      countsChanged: false,
    };
    this.#kept.set(key, queue);
    return queue;
  }
}

function fairOf([since, ms, atMs]: [number | null, number | null, number | null]): Fair | undefined {
  return since === null ? undefined : { since, processing: { ms: ms ?? 0, atMs: atMs ?? 0 }, reconsiderMs: 0 };
}

/** Names cannot hold a slash. */
function keyOf({ account, region, name }: QueueRef): string {
  return `${account}/${region}/${name}`;
}

function statements(database: Database) {
  return {
    find: database.prepareTuples<QueueRow>(`
      SELECT id, attributes, created_ms, modified_ms, purged_ms, purged_through, deduplicates_per_group, visible, in_flight, delayed,
             since, processing_ms, processing_at_ms
      FROM queue JOIN message_count ON message_count.queue = id LEFT JOIN fair_queue ON fair_queue.queue = id
      WHERE account = ? AND region = ? AND name = ? AND deleted_ms IS NULL`),
    lastDeleted: database.prepareTuples<[number | null]>(
      "SELECT max(deleted_ms) FROM queue WHERE account = ? AND region = ? AND name = ? AND deleted_ms IS NOT NULL",
    ),
    insert: database.prepareTuples<[number]>(
      `INSERT INTO queue (account, region, name, attributes, tags, created_ms, modified_ms, deduplicates_per_group)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    ),
    insertCount: database.prepare("INSERT INTO message_count VALUES (?, 0, 0, 0)"),
    setCount: database.prepare("UPDATE message_count SET visible = ?, in_flight = ?, delayed = ? WHERE queue = ?"),
    insertFair: database.prepare("INSERT INTO fair_queue VALUES (?, ?, ?, ?)"),
    setProcessing: database.prepare("UPDATE fair_queue SET processing_ms = ?, processing_at_ms = ? WHERE queue = ?"),
    setAttributes: database.prepare("UPDATE queue SET attributes = ?, modified_ms = ? WHERE id = ?"),
    markDeleted: database.prepare("UPDATE queue SET deleted_ms = ? WHERE id = ?"),
    markPurged: database.prepare("UPDATE queue SET purged_ms = ?, purged_through = ? WHERE id = ?"),
    void: database.prepare("INSERT INTO voided VALUES (?, ?) ON CONFLICT DO UPDATE SET through = max(through, excluded.through)"),
    tags: database.prepareTuples<[string]>("SELECT tags FROM queue WHERE id = ?"),
    setTags: database.prepare("UPDATE queue SET tags = ? WHERE id = ?"),
    list: database.prepareTuples<[string]>(`
      SELECT name FROM queue
      WHERE account = ? AND region = ? AND deleted_ms IS NULL AND name >= ? AND name < ?
      ORDER BY name LIMIT ?`),
  };
}
