import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Wait } from "../../../../storage/storage.ts";
import { overLimit as inFlightOverLimit } from "../../rules/errors.ts";
import { IN_FLIGHT_MAX } from "../../rules/limits.ts";
import { overLimit as visibilityOverLimit } from "../../rules/visibility.ts";
import type { NewMessage, Receipt, ReceiveArgs, ReceivedMessage, SendResult, VisibilityChange, VisibilityResult } from "../store.ts";
import { messageStatements, type BodyRow, type Place, type StateRow } from "./message-statements.ts";
import type { Bodies } from "./bodies.ts";
import type { Queue, QueueTable } from "./queue-table.ts";

/** Hidden messages made visible in one go: about 3 ms of work; the rest follows with the next operation. */
const PROMOTED_MAX = 1000;

type Content = Pick<ReceivedMessage, "id" | "senderId" | "bodyMd5" | "attributes" | "traceHeader" | "groupId" | "body">;

/** The messages of all queues: sending, receiving, hiding, deleting. */
export class Messages {
  readonly #engine: EnginePort;
  readonly #queues: QueueTable;
  readonly #bodies: Bodies;
  readonly #sql;
  #lastSequence: number;
  #savedSequence: number;

  constructor(database: Database, options: { engine: EnginePort; queues: QueueTable; bodies: Bodies }) {
    this.#engine = options.engine;
    this.#queues = options.queues;
    this.#bodies = options.bodies;
    this.#sql = messageStatements(database);
    this.#lastSequence = this.#sql.lastSequence.get()?.[0] ?? 0;
    this.#savedSequence = this.#lastSequence;
  }

  get lastSequence(): number {
    return this.#lastSequence;
  }

  send(queue: Queue, messages: readonly NewMessage[]): SendResult[] {
    const { settings } = queue;
    const results: SendResult[] = [];
    let visible = 0;
    let delayed = 0;
    for (const message of messages) {
      if (message.sizeBytes > settings.maximumMessageBytes) {
        results.push({ sent: false, tooLongBytes: settings.maximumMessageBytes });
        continue;
      }
      const delayMs = message.delayMs ?? settings.delayMs;
      this.#insert(queue, message, delayMs);
      if (delayMs > 0) delayed += 1;
      else visible += 1;
      results.push({ sent: true });
    }
    if (visible + delayed > 0) this.#queues.count(queue, { visible, delayed });
    if (visible > 0) this.#engine.wake(queue.id);
    return results;
  }

  #insert(queue: Queue, message: NewMessage, delayMs: number): void {
    const nowMs = this.#engine.nowMs();
    this.#lastSequence += 1;
    const sequence = this.#lastSequence;
    const { id, senderId, attributes, traceHeader, groupId } = message;
    const { body, bodyMd5 } = this.#bodies.stored(message, queue.settings.encrypted);
    this.#sql.insertBody.run(sequence, id, senderId, bodyMd5, attributes, traceHeader, groupId, body);
    const state = { sequence, sentMs: nowMs, receiveCount: 0, firstReceivedMs: null };
    if (delayMs > 0) this.#hide(queue, state, nowMs + delayMs);
    else this.#show(queue, state);
  }

  receive(queue: Queue, args: ReceiveArgs): ReceivedMessage[] | Wait<ReceivedMessage[]> {
    const nowMs = this.#engine.nowMs();
    const waitMs = args.waitMs ?? queue.settings.receiveWaitMs;
    this.promote(queue);
    const room = Math.min(args.messagesMax, IN_FLIGHT_MAX - queue.inFlight);
    if (room <= 0 && waitMs === 0) throw inFlightOverLimit();
    const states = room > 0 ? this.#takeVisible(queue, room) : [];
    if (states.length > 0) return this.#handOut(queue, states, args.visibilityMs ?? queue.settings.visibilityTimeoutMs);
    if (waitMs === 0) return [];
    this.#engine.wakeAt(queue.id, queue.nextVisibleMs);
    return new Wait<ReceivedMessage[]>(queue.id, nowMs + waitMs, []);
  }

  /** The oldest visible messages; those whose retention has ended are let go on the way. */
  #takeVisible(queue: Queue, messagesMax: number): StateRow[] {
    const rows = this.#sql.visible.all(queue.id, queue.voidThrough, messagesMax);
    const expiredBeforeMs = this.#engine.nowMs() - queue.settings.retentionMs;
    const oldest = rows[0];
    if (oldest === undefined || oldest[1] > expiredBeforeMs) return rows;
    this.expireVisible(
      queue,
      rows.filter(([, sentMs]) => sentMs <= expiredBeforeMs),
    );
    return this.#takeVisible(queue, messagesMax);
  }

  #handOut(queue: Queue, rows: readonly StateRow[], visibilityMs: number): ReceivedMessage[] {
    const nowMs = this.#engine.nowMs();
    const hiddenUntilMs = nowMs + visibilityMs;
    const first = rows[0]?.[0] ?? 0;
    const last = rows.at(-1)?.[0] ?? 0;
    // What was selected is all that is visible between the first and the last of it.
    this.#sql.deleteReadyRange.run(queue.id, first, last);
    const messages = rows.flatMap(([sequence, sentMs, countBefore, firstReceivedBefore]) => {
      const receiveCount = countBefore + 1;
      const firstReceivedMs = firstReceivedBefore ?? nowMs;
      const state = { sequence, sentMs, receiveCount, firstReceivedMs };
      if (visibilityMs === 0) this.#show(queue, state);
      else this.#hide(queue, state, hiddenUntilMs);
      if (countBefore > 0 && visibilityMs > 0) this.#sql.relocate.run(sequence, hiddenUntilMs);
      const receipt = { queueId: queue.id, sequence, hiddenUntilMs, receivedMs: nowMs, receiveCount };
      const content = this.#content(sequence);
      return content === undefined ? [] : [{ ...content, sentMs, firstReceivedMs, receiveCount, receipt }];
    });
    if (visibilityMs === 0) this.#engine.wake(queue.id);
    else this.#queues.count(queue, { visible: -rows.length, inFlight: rows.length });
    return messages;
  }

  /** Undefined where the body cannot be decrypted: the message then counts as received, but nobody gets it. */
  #content(sequence: number): Content | undefined {
    const [id, senderId, bodyMd5, attributes, traceHeader, groupId, body] = this.#sql.body.get(sequence) as BodyRow;
    const read = this.#bodies.read({ id, bodyMd5, body });
    return read && { id, senderId, attributes, traceHeader, groupId, ...read };
  }

  undoReceive(queue: Queue, receipts: readonly Receipt[]): void {
    for (const receipt of receipts) {
      const place = receipt.queueId === queue.id ? this.#locate(queue, receipt) : undefined;
      if (place === undefined || place.receiveCount !== receipt.receiveCount) continue; // Received again since: not ours to take back.
      const receiveCount = place.receiveCount - 1;
      this.#remove(queue, place);
      this.#show(queue, { ...place, receiveCount, firstReceivedMs: receiveCount === 0 ? null : place.firstReceivedMs });
      if (place.visibleMs !== null) this.#queues.count(queue, { visible: 1, inFlight: -1 });
      this.#engine.wake(queue.id);
    }
  }

  delete(queue: Queue, receipts: readonly Receipt[]): boolean[] {
    return receipts.map((receipt) => {
      if (receipt.queueId !== queue.id) return false;
      // Most are still where the receive has put them: one statement then.
      if (receipt.sequence > queue.voidThrough && this.#sql.deleteHidden.run(queue.id, receipt.hiddenUntilMs, receipt.sequence) === 1) {
        this.#sql.insertDead.run(receipt.sequence);
        this.#queues.count(queue, { inFlight: -1 });
        return true;
      }
      const place = this.#locate(queue, receipt);
      if (place === undefined) return true;
      this.#remove(queue, place);
      this.#sql.insertDead.run(place.sequence);
      this.#queues.count(queue, place.visibleMs === null ? { visible: -1 } : { inFlight: -1 });
      return true;
    });
  }

  changeVisibility(queue: Queue, { receipt, visibilityMs }: VisibilityChange): VisibilityResult {
    if (receipt.queueId !== queue.id) return "foreign";
    const nowMs = this.#engine.nowMs();
    const place = this.#locate(queue, receipt);
    if (place === undefined || place.sentMs + queue.settings.retentionMs <= nowMs) return "gone";
    if (visibilityOverLimit(receipt.receivedMs, nowMs, visibilityMs)) return "over-limit";
    const wasInFlight = place.visibleMs !== null;
    // An older receipt can show the message, as with AWS, but a worker that lost it must not move its new holder's deadline.
    if (visibilityMs > 0 && wasInFlight && place.receiveCount !== receipt.receiveCount) return "changed";
    this.#remove(queue, place);
    if (visibilityMs === 0) {
      this.#show(queue, place);
      this.#engine.wake(queue.id);
      if (wasInFlight) this.#queues.count(queue, { visible: 1, inFlight: -1 });
      return "changed";
    }
    this.#hide(queue, place, nowMs + visibilityMs);
    this.#sql.relocate.run(place.sequence, nowMs + visibilityMs);
    if (!wasInFlight) this.#queues.count(queue, { visible: -1, inFlight: 1 });
    return "changed";
  }

  /**
   * Makes visible what has been hidden long enough, a bounded number at a time.
   * @returns whether there is more of it.
   */
  promote(queue: Queue): boolean {
    const nowMs = this.#engine.nowMs();
    if (nowMs < queue.nextVisibleMs) return false;
    const rows = this.#sql.due.all(queue.id, nowMs, PROMOTED_MAX);
    for (const [visibleMs, sequence, sentMs, receiveCount, firstReceivedMs] of rows) {
      this.#sql.deleteHidden.run(queue.id, visibleMs, sequence);
      if (sequence <= queue.voidThrough) {
        this.#sql.insertDead.run(sequence);
        continue;
      }
      this.#show(queue, { sequence, sentMs, receiveCount, firstReceivedMs });
      this.#queues.count(queue, receiveCount === 0 ? { visible: 1, delayed: -1 } : { visible: 1, inFlight: -1 });
    }
    queue.nextVisibleMs = this.#sql.nextVisible.get(queue.id)?.[0] ?? Infinity;
    return queue.nextVisibleMs <= nowMs;
  }

  /** Lets go of visible messages whose retention has ended: the bodies are swept later. */
  expireVisible(queue: Queue, rows: readonly StateRow[]): void {
    for (const [sequence] of rows) {
      this.#sql.deleteReadyRange.run(queue.id, sequence, sequence);
      this.#sql.insertDead.run(sequence);
    }
    this.#queues.count(queue, { visible: -rows.length });
  }

  /**
   * Lets go of messages whose retention has ended, in flight and delayed ones too.
   * @returns whether there may be more of them.
   */
  expire(queue: Queue, rowsMax: number): boolean {
    const expiredBeforeMs = this.#engine.nowMs() - queue.settings.retentionMs;
    const visible = this.#sql.visible.all(queue.id, queue.voidThrough, rowsMax).filter(([, sentMs]) => sentMs <= expiredBeforeMs);
    this.expireVisible(queue, visible);
    const hidden = this.#sql.hiddenSentBefore.all(queue.id, expiredBeforeMs, queue.voidThrough, rowsMax);
    for (const [visibleMs, sequence, , receiveCount] of hidden) {
      this.#sql.deleteHidden.run(queue.id, visibleMs, sequence);
      this.#sql.insertDead.run(sequence);
      this.#queues.count(queue, receiveCount === 0 ? { delayed: -1 } : { inFlight: -1 });
    }
    return visible.length === rowsMax || hidden.length === rowsMax;
  }

  flush(): void {
    if (this.#lastSequence === this.#savedSequence) return;
    this.#sql.saveSequence.run(this.#lastSequence);
    this.#savedSequence = this.#lastSequence;
  }

  forget(): void {
    this.#lastSequence = this.#sql.lastSequence.get()?.[0] ?? 0;
    this.#savedSequence = this.#lastSequence;
  }

  /** Where the message is now; `visibleMs` is null when it can be received. Undefined: it is gone. */
  #locate(queue: Queue, receipt: Receipt): Place | undefined {
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

  #remove(queue: Queue, place: Place): void {
    if (place.visibleMs === null) this.#sql.deleteReadyRange.run(queue.id, place.sequence, place.sequence);
    else this.#sql.deleteHidden.run(queue.id, place.visibleMs, place.sequence);
  }

  #show(queue: Queue, state: Omit<Place, "visibleMs">): void {
    this.#sql.insertReady.run(queue.id, state.sequence, state.sentMs, state.receiveCount, state.firstReceivedMs);
  }

  #hide(queue: Queue, state: Omit<Place, "visibleMs">, untilMs: number): void {
    this.#sql.insertHidden.run(queue.id, untilMs, state.sequence, state.sentMs, state.receiveCount, state.firstReceivedMs);
    if (untilMs < queue.nextVisibleMs) queue.nextVisibleMs = untilMs;
    this.#engine.wakeAt(queue.id, untilMs);
  }
}

function placeOf(
  sequence: number,
  visibleMs: number | null,
  [sentMs, receiveCount, firstReceivedMs]: [number, number, number | null],
): Place {
  return { sequence, visibleMs, sentMs, receiveCount, firstReceivedMs };
}
