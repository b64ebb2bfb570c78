import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { MINUTE_MS } from "../../../../kernel/units.ts";
import { processingBy, quietAgainMs, takesTooMuch, type Load, type Processing } from "../../rules/fairness.ts";
import type { Place, State } from "./message-statements.ts";
import type { Queue } from "./queue-table.ts";

/** The message group of a fair queue, or all its messages that have none. */
export interface Tenant {
  /** That of the message group. */
  readonly id: number;
  /** Whether it stands for the messages without a group: each is a tenant by itself, so that it can never be noisy. */
  readonly manyTenants: boolean;
  /** How far the queue was purged when this was last looked at. */
  purgedThrough: number;
  visible: number;
  inFlight: number;
  delayed: number;
  /** Sequence of its oldest visible message; null: none is visible. Undefined: to be found. */
  head: number | null | undefined;
  noisy: boolean;
  processing: Processing;
  lastSentMs: number;
  /** Whether there is a row of it. */
  stored: boolean;
}

/** Beyond so many, the tenants in memory are dropped and read again: memory must not grow with what is stored. */
const TENANTS_KEPT_MAX = 20_000;

/** Noisy tenants of one queue that are looked at in one go, whether they are so still. */
const NOISY_PER_PIECE = 100;

/** A silent tenant that takes too much all the same is looked at again after this. */
const LOOK_AGAIN_MS = MINUTE_MS;

/** Ranks: quiet tenants share the first, noisy ones follow by what they have in flight. */
const QUIET = 0;

type TenantRow = [
  manyTenants: number,
  purgedThrough: number | null,
  visible: number,
  inFlight: number,
  delayed: number,
  head: number | null,
  rank: number,
  processingMs: number,
  processingAtMs: number,
  lastSentMs: number,
];

/**
 * What is known of each tenant of a fair queue: how many messages it has where, since when the oldest waits, and whether
 * it is noisy. Whatever shows, hides or removes a message says so, and each operation ends with `settle`, which writes
 * the order in which tenants are served: quiet ones by their oldest message, behind them noisy ones by what they have in
 * flight.
 */
export class Tenants {
  readonly #engine: EnginePort;
  readonly #sql;
  readonly #kept = new Map<number, Tenant>();
  readonly #changed = new Map<Tenant, Queue>();

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = statements(database);
  }

  /** A message has become visible. */
  shown(queue: Queue, { sequence, sentMs }: State, group: number): void {
    const tenant = this.#change(queue, group);
    tenant.visible += 1;
    if (tenant.head === null || (tenant.head !== undefined && sequence < tenant.head)) tenant.head = sequence;
    tenant.lastSentMs = Math.max(tenant.lastSentMs, sentMs);
  }

  /** A message was hidden: it is delayed, or in flight. */
  hidden(queue: Queue, { receiveCount, sentMs }: State, group: number): void {
    const tenant = this.#change(queue, group);
    if (receiveCount === 0) tenant.delayed += 1;
    else this.#addInFlight(tenant, 1, this.#engine.nowMs());
    tenant.lastSentMs = Math.max(tenant.lastSentMs, sentMs);
  }

  /** A message was taken from where it stood. One that was purged has been left out of all counts. */
  removed(queue: Queue, { sequence, visibleMs, receiveCount }: Place, group: number): void {
    if (sequence <= queue.voidThrough) return;
    const tenant = this.#change(queue, group);
    if (visibleMs !== null) {
      if (receiveCount === 0) tenant.delayed -= 1;
      else this.#addInFlight(tenant, -1, Math.min(visibleMs, this.#engine.nowMs()));
      return;
    }
    tenant.visible -= 1;
    if (tenant.head === sequence) tenant.head = undefined;
  }

  /** Brings the order in which tenants are served up to date. */
  settle(): void {
    if (this.#changed.size === 0) return;
    for (const [tenant, queue] of this.#changed) {
      tenant.head ??= tenant.visible > 0 ? (this.#sql.head.get(tenant.id, queue.voidThrough)?.[0] ?? null) : null;
      tenant.noisy = this.isNoisy(queue, tenant, { taken: 0, takenInAll: 0 });
      if (tenant.noisy) this.#lookAgain(queue, tenant);
      this.#save(queue, tenant);
    }
    this.#changed.clear();
  }

  /**
   * Whether a tenant that has visible messages is noisy: because it takes too much, or since it did and still sends.
   * @param more messages that are about to be in flight: of the tenant, and of the queue in all.
   */
  isNoisy(queue: Queue, tenant: Tenant, more: { taken: number; takenInAll: number }): boolean {
    if (tenant.head === null || tenant.manyTenants || queue.fair === undefined) return false;
    const nowMs = this.#engine.nowMs();
    if (tenant.noisy && nowMs < quietAgainMs(tenant.lastSentMs)) return true;
    const own: Load = { inFlight: tenant.inFlight + more.taken, processingMs: processingBy(nowMs, tenant.processing, tenant.inFlight).ms };
    const all: Load = {
      inFlight: queue.inFlight + more.takenInAll,
      processingMs: processingBy(nowMs, queue.fair.processing, queue.inFlight).ms,
    };
    return takesTooMuch(own, all);
  }

  /** Looks at noisy tenants that may have become quiet by time alone, a bounded number at a time. */
  reconsider(queue: Queue): void {
    const { fair } = queue;
    if (fair === undefined || this.#engine.nowMs() < fair.reconsiderMs) return;
    fair.reconsiderMs = Infinity;
    for (const [id] of this.#sql.noisy.all(queue.id, this.#engine.nowMs(), NOISY_PER_PIECE)) this.#change(queue, id);
    this.settle();
  }

  /** Quiet tenants with visible messages, the one with the oldest first. */
  quiet(queue: Queue, limit: number): Tenant[] {
    const tenants = this.#sql.quiet.all(queue.id, queue.voidThrough, limit).map(([id]) => this.#get(queue, id));
    // Others may have let go of so much meanwhile that what one of these has is too much now.
    const noisy = tenants.filter((tenant) => this.isNoisy(queue, tenant, { taken: 0, takenInAll: 0 }));
    if (noisy.length === 0) return tenants;
    for (const tenant of noisy) this.#changed.set(tenant, queue);
    this.settle();
    return this.quiet(queue, limit);
  }

  /** Noisy ones, that with the least in flight first. */
  noisy(queue: Queue, limit: number): Tenant[] {
    return this.#sql.noisyInTurn.all(queue.id, queue.voidThrough, limit).map(([id]) => this.#get(queue, id));
  }

  /** The message group is gone. */
  drop(id: number): void {
    this.#sql.delete.run(id);
    this.#kept.delete(id);
  }

  flush(): void {
    if (this.#kept.size > TENANTS_KEPT_MAX) this.#kept.clear();
  }

  forget(): void {
    this.#kept.clear();
    this.#changed.clear();
  }

  #get(queue: Queue, id: number): Tenant {
    const tenant = this.#kept.get(id) ?? this.#load(id);
    if (tenant.purgedThrough !== queue.voidThrough) {
      const nothing = { visible: 0, inFlight: 0, delayed: 0, head: null, noisy: false, processing: { ms: 0, atMs: this.#engine.nowMs() } };
      Object.assign(tenant, nothing, { purgedThrough: queue.voidThrough });
    }
    return tenant;
  }

  #change(queue: Queue, id: number): Tenant {
    const tenant = this.#get(queue, id);
    this.#changed.set(tenant, queue);
    return tenant;
  }

  /** @param sinceMs when that was so: a visibility timeout may have ended unnoticed. */
  #addInFlight(tenant: Tenant, messages: number, sinceMs: number): void {
    tenant.processing = processingBy(sinceMs, tenant.processing, tenant.inFlight);
    tenant.inFlight += messages;
  }

  #lookAgain({ fair }: Queue, { lastSentMs }: Tenant): void {
    if (fair === undefined) return;
    const nowMs = this.#engine.nowMs();
    const quietMs = quietAgainMs(lastSentMs);
    fair.reconsiderMs = Math.min(fair.reconsiderMs, quietMs > nowMs ? quietMs : nowMs + LOOK_AGAIN_MS);
  }

  #load(id: number): Tenant {
    const row = this.#sql.load.get(id);
    if (row === undefined) throw new Error(`message group ${id} was dropped while it had messages`);
    const [manyTenants, purgedThrough, visible, inFlight, delayed, head, rank, processingMs, processingAtMs, lastSentMs] = row;
    const tenant = {
      id,
      manyTenants: manyTenants === 1,
      purgedThrough: purgedThrough ?? -1,
      visible,
      inFlight,
      delayed,
      head,
      noisy: rank > QUIET,
      processing: { ms: processingMs, atMs: processingAtMs },
      lastSentMs,
      stored: purgedThrough !== null,
    };
    this.#kept.set(id, tenant);
    return tenant;
  }

  #save(queue: Queue, tenant: Tenant): void {
    const { id, visible, inFlight, delayed, noisy, processing } = tenant;
    if (visible + inFlight + delayed === 0) {
      if (tenant.stored) this.#sql.delete.run(id);
      tenant.stored = false;
      tenant.processing = { ms: 0, atMs: processing.atMs }; // What a tenant without messages has used is forgotten with its row.
      return;
    }
    const rank = noisy ? QUIET + 1 + inFlight : QUIET;
    const values = [rank, tenant.head ?? null, visible, inFlight, delayed, processing.ms, processing.atMs, tenant.lastSentMs] as const;
    if (tenant.stored) this.#sql.update.run(...values, queue.voidThrough, id);
    else this.#sql.insert.run(id, queue.id, ...values, queue.voidThrough);
    tenant.stored = true;
  }
}

function statements(database: Database) {
  return {
    load: database.prepareTuples<TenantRow>(`
      SELECT message_group.group_id = '', purged_through, coalesce(visible, 0), coalesce(in_flight, 0), coalesce(delayed, 0), head,
             coalesce(rank, ${QUIET}), coalesce(processing_ms, 0), coalesce(processing_at_ms, 0), coalesce(last_sent_ms, 0)
      FROM message_group LEFT JOIN tenant ON tenant.message_group = message_group.id WHERE message_group.id = ?`),
    insert: database.prepare("INSERT INTO tenant VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
    update: database.prepare(`
      UPDATE tenant SET rank = ?, head = ?, visible = ?, in_flight = ?, delayed = ?, processing_ms = ?, processing_at_ms = ?,
        last_sent_ms = ?, purged_through = ? WHERE message_group = ?`),
    delete: database.prepare("DELETE FROM tenant WHERE message_group = ?"),
    head: database.prepareTuples<[number | null]>("SELECT min(sequence) FROM ready WHERE message_group = ? AND sequence > ?"),
    quiet: database.prepareTuples<[number]>(
      `SELECT message_group FROM tenant WHERE queue = ? AND rank = ${QUIET} AND head > ? ORDER BY head LIMIT ?`,
    ),
    noisyInTurn: database.prepareTuples<[number]>(
      `SELECT message_group FROM tenant WHERE queue = ? AND rank > ${QUIET} AND head > ? ORDER BY rank, head LIMIT ?`,
    ),
    // Those that have been silent for longest: of them time may have made some quiet.
    noisy: database.prepareTuples<[number]>(
      `SELECT message_group FROM tenant WHERE queue = ? AND rank > ${QUIET} AND head IS NOT NULL AND last_sent_ms <= ? ORDER BY last_sent_ms LIMIT ?`,
    ),
  };
}
