import type { Database, Value } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import type { Receipt } from "../store.ts";
import type { Turns } from "./fifo-turns.ts";
import { placeStatements, type HiddenRow, type Place, type PlacedRow, type State } from "./message-statements.ts";
import type { Queue } from "./queue-table.ts";
import type { Tenants } from "./tenants.ts";

/**
 * Where each message stands: visible in `ready` or until a time in `hidden`. Whoever moves a message goes through here,
 * so that the message's group hears of it; counts are the caller's.
 */
export class Places {
  readonly #engine: EnginePort;
  readonly #turns: Turns;
  readonly #tenants: Tenants;
  readonly #sql;

  constructor(database: Database, options: { engine: EnginePort; turns: Turns; tenants: Tenants }) {
    this.#engine = options.engine;
    this.#turns = options.turns;
    this.#tenants = options.tenants;
    this.#sql = placeStatements(database);
  }

  /** Makes messages visible that stand nowhere. */
  show(queue: Queue, states: readonly State[]): void {
    const values: Value[] = [];
    for (const { sequence, sentMs, receiveCount, firstReceivedMs, group } of states)
      values.push(queue.id, sequence, sentMs, receiveCount, firstReceivedMs, group);
    this.#sql.insertReady.run(values);
    for (const state of states) {
      if (state.group === null) continue;
      if (queue.settings.fifo) this.#turns.shown(queue, state.group);
      else this.#tenants.shown(queue, state, state.group);
    }
  }

  /** Makes visible all that is hidden up to there, in the order of `hidden`, in a queue whose messages have no groups. */
  showThrough(queue: Queue, [visibleMs, sequence]: HiddenRow): void {
    this.#sql.insertReadyThrough.run(queue.id, visibleMs, sequence);
    this.#sql.deleteHiddenThrough.run(queue.id, visibleMs, sequence);
  }

  /** Hides messages that stand nowhere. */
  hide(queue: Queue, states: readonly State[], untilMs: number): void {
    if (states.length === 0) return;
    const values: Value[] = [];
    for (const { sequence, sentMs, receiveCount, firstReceivedMs, group } of states)
      values.push(queue.id, untilMs, sequence, sentMs, receiveCount, firstReceivedMs, group);
    this.#sql.insertHidden.run(values);
    for (const state of states) {
      const { sentMs, group } = state;
      if (group !== null && queue.settings.fifo) this.#turns.changed(queue, group);
      else if (group !== null) this.#tenants.hidden(queue, state, group);
      if (sentMs < queue.oldestHiddenMs) queue.oldestHiddenMs = sentMs;
      if (queue.look !== undefined && sentMs < queue.look.oldestMs) queue.look.oldestMs = sentMs;
    }
    if (untilMs < queue.dueMs) queue.dueMs = untilMs;
    this.#engine.wakeAt(queue.id, untilMs);
  }

  /** The same for one whose receipt says another time. */
  hideAgain(queue: Queue, state: State, untilMs: number): void {
    this.hide(queue, [state], untilMs);
    this.#sql.relocate.run(state.sequence, untilMs);
  }

  /** Takes a message from where it stands. */
  remove(queue: Queue, place: Place): void {
    if (place.visibleMs === null) this.#sql.deleteReady.run(queue.id, place.sequence);
    else this.#sql.deleteHidden.run(queue.id, place.visibleMs, place.sequence);
    if (place.group === null) return;
    if (queue.settings.fifo) this.#turns.changed(queue, place.group);
    else this.#tenants.removed(queue, place, place.group);
  }

  /** Notes that nobody wants the bodies of messages any more that stand nowhere. */
  bury(sequences: readonly number[]): void {
    this.#sql.insertDead.run(sequences);
  }

  /** Looks again at a message group that was left alone: what was purged leaves its rows without a word. */
  reconsider(queue: Queue, group: number): void {
    this.#turns.changed(queue, group);
    this.settle();
  }

  /** Message groups get or lose their turns by where their messages stand now. */
  settle(): void {
    this.#turns.settle();
  }

  /** Where the message of a receipt is now. Undefined: it is gone. */
  locate(queue: Queue, receipt: Receipt): Place | undefined {
    const { sequence } = receipt;
    if (sequence <= queue.voidThrough) return undefined;
    const asReceived = this.#sql.hiddenAt.get(queue.id, receipt.hiddenUntilMs, sequence);
    if (asReceived !== undefined) return placeOf(sequence, receipt.hiddenUntilMs, asReceived);
    const visibleMs = this.#sql.relocatedTo.get(sequence)?.[0];
    const relocated = visibleMs === undefined ? undefined : this.#sql.hiddenAt.get(queue.id, visibleMs, sequence);
    if (visibleMs !== undefined && relocated !== undefined) return placeOf(sequence, visibleMs, relocated);
    const ready = this.#sql.readyAt.get(queue.id, sequence);
    return ready === undefined ? undefined : placeOf(sequence, null, ready);
  }
}

function placeOf(sequence: number, visibleMs: number | null, [sentMs, receiveCount, firstReceivedMs, group]: PlacedRow): Place {
  return { sequence, visibleMs, sentMs, receiveCount, firstReceivedMs, group };
}
