import type { Database } from "../../../../storage/sqlite/database.ts";
import { stateOf, type State, type StateRow } from "./message-statements.ts";
import type { Queue } from "./queue-table.ts";
import type { Tenant, Tenants } from "./tenants.ts";

/** A tenant while messages are taken from it. */
interface Offer {
  readonly tenant: Tenant;
  /** Its oldest visible messages, as many as may be taken and one more. */
  readonly rows: readonly StateRow[];
  taken: number;
}

/**
 * Which messages of a fair queue are received next: those of quiet tenants, oldest first; when there are no more, those
 * of noisy ones, one by one from whoever has the least in flight. A tenant that becomes noisy on the way goes behind the
 * others at once. What is read are a few tenants and their oldest messages, by index: backlogs do not matter.
 */
export class FairTurns {
  readonly #tenants: Tenants;
  readonly #sql;

  constructor(database: Database, tenants: Tenants) {
    this.#tenants = tenants;
    this.#sql = statements(database);
  }

  /** Takes messages; they are neither visible nor hidden until their taker says so. */
  take(queue: Queue, messagesMax: number): State[] {
    this.#tenants.settle();
    this.#tenants.reconsider(queue);
    const rows = this.#earlier(queue, messagesMax);
    if (rows.length < messagesMax) this.#chooseAmongTenants(queue, rows, messagesMax);
    this.#remove(queue, rows);
    // Nobody is blocked, not even if the books of the tenants were wrong.
    const unlisted = Math.min(messagesMax, queue.visible) - rows.length;
    const others = unlisted > 0 ? this.#sql.oldest.all(queue.id, queue.voidThrough, unlisted) : [];
    this.#remove(queue, others);
    return [...rows, ...others].map(stateOf);
  }

  /** Messages from before the queue became a fair one: they are the oldest, and each is a tenant by itself. */
  #earlier(queue: Queue, messagesMax: number): StateRow[] {
    return this.#sql.earlier.all(queue.id, queue.voidThrough, queue.fair?.since ?? 0, messagesMax);
  }

  #chooseAmongTenants(queue: Queue, rows: StateRow[], messagesMax: number): void {
    const offer = (tenant: Tenant): Offer => ({
      tenant,
      rows: this.#sql.oldestOfTenant.all(tenant.id, queue.voidThrough, messagesMax - rows.length + 1),
      taken: 0,
    });
    const quiet = this.#tenants.quiet(queue, messagesMax - rows.length).map(offer);
    const noisy: Offer[] = [];
    for (let next = oldest(quiet); next !== undefined && rows.length < messagesMax; next = oldest(quiet)) {
      rows.push(...taking(next));
      if (!this.#tenants.isNoisy(queue, next.tenant, { taken: next.taken, takenInAll: rows.length })) continue;
      quiet.splice(quiet.indexOf(next), 1);
      noisy.push(next);
    }
    if (rows.length === messagesMax) return;
    noisy.push(...this.#tenants.noisy(queue, messagesMax - rows.length).map(offer));
    for (let next = leastInFlight(noisy); next !== undefined && rows.length < messagesMax; next = leastInFlight(noisy))
      rows.push(...taking(next));
  }

  #remove(queue: Queue, rows: readonly StateRow[]): void {
    for (const row of rows) {
      const state = stateOf(row);
      this.#sql.deleteReady.run(queue.id, state.sequence);
      if (state.group !== null) this.#tenants.removed(queue, { ...state, visibleMs: null }, state.group);
    }
  }
}

function taking(offer: Offer): readonly StateRow[] {
  offer.taken += 1;
  return offer.rows.slice(offer.taken - 1, offer.taken);
}

/** The offer whose next message was sent first. */
function oldest(offers: readonly Offer[]): Offer | undefined {
  return least(offers, headOf);
}

function leastInFlight(offers: readonly Offer[]): Offer | undefined {
  return least(offers, ({ tenant, taken }) => tenant.inFlight + taken);
}

/** Of equals the one with the oldest message; none that has nothing left. */
function least(offers: readonly Offer[], measure: (offer: Offer) => number): Offer | undefined {
  let found: Offer | undefined;
  for (const offer of offers) {
    if (headOf(offer) === Infinity) continue;
    const before = found === undefined ? 1 : measure(found) - measure(offer) || headOf(found) - headOf(offer);
    if (before > 0) found = offer;
  }
  return found;
}

function headOf({ rows, taken }: Offer): number {
  return rows[taken]?.[0] ?? Infinity;
}

function statements(database: Database) {
  const columns = "sequence, sent_ms, receive_count, first_received_ms, message_group";
  return {
    earlier: database.prepareTuples<StateRow>(
      `SELECT ${columns} FROM ready WHERE queue = ? AND sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?`,
    ),
    oldest: database.prepareTuples<StateRow>(`SELECT ${columns} FROM ready WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?`),
    oldestOfTenant: database.prepareTuples<StateRow>(
      `SELECT ${columns} FROM ready WHERE message_group = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    ),
    deleteReady: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence = ?"),
  };
}
