import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { SECOND_MS } from "../../../../kernel/units.ts";
import { effectivePolicy, type DeliveryPolicy } from "../../rules/delivery-policy.ts";
import type { Outgoing } from "../../rules/outgoing.ts";
import type { StoredAttributes } from "../../rules/topic-attributes.ts";
import type { Outbound, TakeArgs, Taken } from "../store.ts";

/** Subscriptions whose turn it is that are looked at in one piece. */
const TURNS_PER_PIECE = 20;
/** Messages of one subscription that are taken at its turn: then it is the others'. */
const MESSAGES_PER_TURN = 10;
/** Messages without a subscription that are dropped in one piece. */
const DROPPED_PER_TURN = 100;

/**
 * What waits to be sent to HTTP endpoints. Each endpoint has a turn: the time from which it wants something sent. Those whose
 * turn has come are served in its order, a few messages each, so that none waits for another one's backlog or slowness, and
 * nothing is looked through to find what is due.
 */
export class Outbox {
  readonly #engine: EnginePort;
  readonly #sql;

  constructor(database: Database, engine: EnginePort) {
    this.#engine = engine;
    this.#sql = statements(database);
  }

  /** @param subscription its UUID. */
  put(subscription: string, message: Outgoing): void {
    const nowMs = this.#engine.nowMs();
    this.#sql.add.run(subscription, nowMs, JSON.stringify(message));
    this.#sql.turn.run(subscription, nowMs, nowMs);
  }

  take({ limit, busy }: TakeArgs): Taken {
    const nowMs = this.#engine.nowMs();
    const skipped = new Set(busy);
    const turns = this.#sql.turns.all(nowMs, TURNS_PER_PIECE + skipped.size).filter(([subscription]) => !skipped.has(subscription));
    const messages: Outbound[] = [];
    for (const [subscription] of turns) {
      if (messages.length >= limit) break;
      messages.push(...this.#takeOf(subscription, Math.min(limit - messages.length, MESSAGES_PER_TURN)));
    }
    const next = this.#sql.nextTurn.get(nowMs)?.[0] ?? null;
    return { messages, again: turns.length > 0, nextMs: next === null ? null : next - nowMs };
  }

  #takeOf(subscription: string, limit: number): Outbound[] {
    const nowMs = this.#engine.nowMs();
    const policy = this.#policyOf(subscription);
    const rate = policy?.maxReceivesPerSecond;
    const rows = this.#sql.due.all(subscription, nowMs, Math.min(limit, rate ?? limit));
    const taken = rows.flatMap(([id, tries, text]): Outbound[] => {
      const message = JSON.parse(text) as Outgoing;
      if (message.type === "Notification" && policy === undefined) return []; // Nobody is subscribed any more.
      return [{ id, subscription, tries, message, policy: policy ?? effectivePolicy(undefined, undefined) }];
    });
    for (const { id } of taken) this.#sql.markTaken.run(id);
    if (taken.length < rows.length) this.#dropNotifications(subscription);
    const fromMs = rate === undefined ? nowMs : nowMs + Math.ceil((taken.length * SECOND_MS) / rate);
    this.#nextTurn(subscription, fromMs);
    return taken;
  }

  /** @param fromMs not before then. */
  #nextTurn(subscription: string, fromMs: number): void {
    const due = this.#sql.firstDue.get(subscription)?.[0];
    if (due !== undefined) this.#sql.setTurn.run(Math.max(due, fromMs), fromMs, subscription);
    // One that may not send yet comes again then, and is forgotten if there is nothing.
    else if (fromMs > this.#engine.nowMs()) this.#sql.setTurn.run(fromMs, fromMs, subscription);
    else this.#sql.dropTurn.run(subscription);
  }

  #dropNotifications(subscription: string): void {
    for (const [id, , text] of this.#sql.due.all(subscription, this.#engine.nowMs(), DROPPED_PER_TURN))
      if ((JSON.parse(text) as Outgoing).type === "Notification") this.#sql.remove.run(id);
  }

  /** Undefined: there is no such subscription. */
  #policyOf(subscription: string): DeliveryPolicy | undefined {
    const [own, topic] = this.#sql.attributes.get(subscription) ?? [];
    if (own === undefined || topic === undefined) return undefined;
    const policyIn = (text: string) => (JSON.parse(text) as StoredAttributes)["DeliveryPolicy"];
    return effectivePolicy(policyIn(own), policyIn(topic));
  }

  /** Sends it again after a while. */
  later(id: number, delayMs: number): void {
    const dueMs = this.#engine.nowMs() + delayMs;
    const subscription = this.#sql.untake.writeReturning(dueMs, id)[0]?.[0];
    if (subscription !== undefined) this.#sql.turn.run(subscription, dueMs, dueMs);
  }

  /** @returns undefined: it is not there any more. */
  remove(id: number): { subscription: string; message: Outgoing } | undefined {
    const [subscription, text] = this.#sql.remove.writeReturning(id)[0] ?? [];
    return subscription === undefined || text === undefined ? undefined : { subscription, message: JSON.parse(text) as Outgoing };
  }

  /** What an earlier start had taken waits again: nobody knows whether it was sent. */
  release(): void {
    const nowMs = this.#engine.nowMs();
    for (const [subscription] of this.#sql.release.writeReturning()) this.#sql.turn.run(subscription, nowMs, nowMs);
  }
}

function statements(database: Database) {
  return {
    add: database.prepare("INSERT INTO outbox (subscription, due_ms, taken, tries, message) VALUES (?, ?, 0, 0, ?)"),
    turn: database.prepare(
      `INSERT INTO outbox_turn VALUES (?, ?, 0)
       ON CONFLICT DO UPDATE SET turn_ms = max(from_ms, min(turn_ms, ?))`,
    ),
    turns: database.prepareTuples<[string]>("SELECT subscription FROM outbox_turn WHERE turn_ms <= ? ORDER BY turn_ms LIMIT ?"),
    nextTurn: database.prepareTuples<[number]>("SELECT turn_ms FROM outbox_turn WHERE turn_ms > ? ORDER BY turn_ms LIMIT 1"),
    setTurn: database.prepare("UPDATE outbox_turn SET turn_ms = ?, from_ms = ? WHERE subscription = ?"),
    dropTurn: database.prepare("DELETE FROM outbox_turn WHERE subscription = ?"),
    due: database.prepareTuples<[id: number, tries: number, message: string]>(
      "SELECT id, tries, message FROM outbox WHERE subscription = ? AND taken = 0 AND due_ms <= ? ORDER BY due_ms, id LIMIT ?",
    ),
    firstDue: database.prepareTuples<[number]>("SELECT due_ms FROM outbox WHERE subscription = ? AND taken = 0 ORDER BY due_ms LIMIT 1"),
    markTaken: database.prepare("UPDATE outbox SET taken = 1 WHERE id = ?"),
    untake: database.prepareTuples<[subscription: string]>(
      "UPDATE outbox SET taken = 0, tries = tries + 1, due_ms = ? WHERE id = ? RETURNING subscription",
    ),
    remove: database.prepareTuples<[subscription: string, message: string]>(
      "DELETE FROM outbox WHERE id = ? RETURNING subscription, message",
    ),
    release: database.prepareTuples<[subscription: string]>("UPDATE outbox SET taken = 0 WHERE taken = 1 RETURNING subscription"),
    attributes: database.prepareTuples<[subscription: string, topic: string]>(
      "SELECT s.attributes, t.attributes FROM subscription s JOIN topic t ON t.id = s.topic WHERE s.uuid = ? AND t.deleted = 0",
    ),
  };
}
