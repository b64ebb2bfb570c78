import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { checkDeduplication } from "../../rules/fifo.ts";
import { overLimit as visibilityOverLimit } from "../../rules/visibility.ts";
import type {
  AcceptedMessage,
  DeleteResult,
  MessageContent,
  NewMessage,
  Receipt,
  SendResult,
  VisibilityChange,
  VisibilityResult,
} from "../store.ts";
import type { Bodies } from "./bodies.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { DeduplicationMemory } from "./fifo-deduplication.ts";
import type { MessageGroups } from "./message-groups.ts";
import { messageStatements, stateOf, type BodyColumns, type HiddenRow, type Place, type State } from "./message-statements.ts";
import type { Places } from "./places.ts";
import type { Queue, QueueTable } from "./queue-table.ts";
import type { Sequences } from "./sequences.ts";

/** Hidden messages made visible in one go: about 3 ms of work; the rest follows with the next operation. */
const PROMOTED_MAX = 1000;

/** So many are moved faster by one statement than one by one. */
const TOGETHER_MIN = 100;

/** Before every message was sent. */
const NEVER = -1;

/** The group of messages without one in fair queues: no MessageGroupId is empty. */
const NO_GROUP = "";

/** A message on its way into a queue. */
interface Sent {
  readonly sequence: number;
  readonly content: MessageContent;
  readonly delayMs: number;
}

/** The messages of all queues: sending, hiding, deleting, expiring. Receiving is in `receives.ts`. */
export class Messages {
  readonly #engine: EnginePort;
  readonly #queues: QueueTable;
  readonly #bodies: Bodies;
  readonly #sequences: Sequences;
  readonly #groups: MessageGroups;
  readonly #deduplication: DeduplicationMemory;
  readonly #places: Places;
  readonly #deadLetters: DeadLetters;
  readonly #sql;

  constructor(
    database: Database,
    options: {
      engine: EnginePort;
      queues: QueueTable;
      bodies: Bodies;
      sequences: Sequences;
      groups: MessageGroups;
      deduplication: DeduplicationMemory;
      places: Places;
      deadLetters: DeadLetters;
    },
  ) {
    this.#engine = options.engine;
    this.#queues = options.queues;
    this.#bodies = options.bodies;
    this.#sequences = options.sequences;
    this.#groups = options.groups;
    this.#deduplication = options.deduplication;
    this.#places = options.places;
    this.#deadLetters = options.deadLetters;
    this.#sql = messageStatements(database);
  }

  send(queue: Queue, messages: readonly NewMessage[]): SendResult[] {
    const { settings } = queue;
    if (settings.fifo) checkDeduplication(messages, settings.contentBasedDeduplication);
    this.#promoteGroups(queue);
    const results: SendResult[] = [];
    const sent: Sent[] = [];
    /** By their deduplication keys; a standard queue has none. */
    const accepted = settings.fifo ? new Map<string, AcceptedMessage>() : undefined;
    for (const message of messages) {
      if (message.sizeBytes > settings.maximumMessageBytes) {
        results.push({ sent: false, tooLongBytes: settings.maximumMessageBytes });
        continue;
      }
      const key = accepted === undefined ? undefined : this.#deduplication.keyOf(queue, message);
      const duplicateOf = key === undefined ? undefined : (accepted?.get(key) ?? this.#deduplication.duplicateOf(queue, key));
      if (duplicateOf !== undefined) {
        results.push({ sent: true, accepted: duplicateOf });
        continue;
      }
      const sequence = this.#sequences.next();
      if (key === undefined) results.push({ sent: true });
      else {
        const first = { id: message.id, sequence };
        results.push({ sent: true, accepted: first });
        accepted?.set(key, first);
      }
      const content = { ...message, deduplicationId: message.deduplication?.id ?? null };
      sent.push({ sequence, content, delayMs: message.delayMs ?? settings.delayMs });
    }
    if (accepted !== undefined) this.#deduplication.remember(queue, accepted);
    if (sent.length > 0) this.#insert(queue, sent);
    return results;
  }

  /** Puts a message in as if it were sent now, visible, whatever deduplication, its size and the queue's delay say. */
  sendAgain(queue: Queue, content: MessageContent): void {
    this.#promoteGroups(queue);
    this.#insert(queue, [{ sequence: this.#sequences.next(), content, delayMs: 0 }]);
  }

  #insert(queue: Queue, sent: readonly Sent[]): void {
    const sentMs = this.#engine.nowMs();
    this.#bodies.insert({ queueId: queue.id, sentMs, encrypted: queue.settings.encrypted }, sent);
    const shown: State[] = [];
    for (const { content, sequence, delayMs } of sent) {
      const group = this.#groupFor(queue, content.groupId, sequence);
      const state = { sequence, sentMs, receiveCount: 0, firstReceivedMs: null, group };
      if (delayMs > 0) this.#places.hide(queue, [state], sentMs + delayMs);
      else shown.push(state);
    }
    this.#places.show(queue, shown);
    this.#queues.count(queue, { visible: shown.length, delayed: sent.length - shown.length });
    if (shown.length > 0) this.#engine.wake(queue.id);
  }

  /** What a message's group is called in its rows. With its first group a standard queue becomes a fair one. */
  #groupFor(queue: Queue, groupId: string | null, sequence: number): number | null {
    if (groupId === null && queue.fair === undefined) return null;
    if (!queue.settings.fifo && queue.fair === undefined) this.#queues.makeFair(queue, sequence);
    return this.#groups.intern(queue, groupId ?? NO_GROUP).id;
  }

  delete(queue: Queue, receipts: readonly Receipt[]): DeleteResult[] {
    this.#promoteGroups(queue);
    const takenOut: number[] = [];
    const results = receipts.map((receipt): DeleteResult => {
      if (receipt.queueId !== queue.id) return "foreign";
      const found = queue.settings.fifo ? this.#takeOutHeld(queue, receipt) : this.#takeOutAnywhere(queue, receipt);
      if (found === "expired") return "expired";
      if (found === "taken out") takenOut.push(receipt.sequence);
      return "deleted";
    });
    this.#places.bury(takenOut);
    return results;
  }

  /** From a standard queue: wherever the message is, by whatever receive of it. */
  #takeOutAnywhere(queue: Queue, receipt: Receipt): "taken out" | "was gone" {
    // Most are still where the receive has put them: one statement then, where no group is to hear of it.
    const alone = queue.fair === undefined && receipt.sequence > queue.voidThrough;
    if (alone && this.#sql.deleteHidden.run(queue.id, receipt.hiddenUntilMs, receipt.sequence) === 1) {
      this.#queues.count(queue, { inFlight: -1 });
      return "taken out";
    }
    const place = this.#places.locate(queue, receipt);
    if (place === undefined) return "was gone";
    this.takeOut(queue, place);
    return "taken out";
  }

  /** From a FIFO queue: only by the receive that holds the message. */
  #takeOutHeld(queue: Queue, receipt: Receipt): "taken out" | "was gone" | "expired" {
    const place = this.#places.locate(queue, receipt);
    if (place === undefined || this.hasExpired(queue, place)) return "was gone";
    if (!this.#holds(receipt, place)) return "expired";
    this.takeOut(queue, place);
    return "taken out";
  }

  /** Whether it is this receive that hides the message now. */
  #holds(receipt: Receipt, place: Place): boolean {
    return place.visibleMs !== null && place.visibleMs > this.#engine.nowMs() && place.receiveCount === receipt.receiveCount;
  }

  changeVisibility(queue: Queue, { receipt, visibilityMs }: VisibilityChange): VisibilityResult {
    if (receipt.queueId !== queue.id) return "foreign";
    this.#promoteGroups(queue);
    const nowMs = this.#engine.nowMs();
    const place = this.#places.locate(queue, receipt);
    if (place === undefined || this.hasExpired(queue, place)) return "gone";
    if (queue.settings.fifo && !this.#holds(receipt, place)) return "expired";
    if (visibilityOverLimit(receipt.receivedMs, nowMs, visibilityMs)) return "over-limit";
    const wasInFlight = place.visibleMs !== null;
    // An older receipt can show the message, as with AWS, but a worker that lost it must not move its new holder's deadline.
    const held = place.visibleMs !== null && place.visibleMs > nowMs;
    if (visibilityMs > 0 && held && place.receiveCount !== receipt.receiveCount) return "changed";
    this.#places.remove(queue, place);
    if (visibilityMs === 0) {
      this.#places.show(queue, [place]);
      this.#engine.wake(queue.id);
      if (wasInFlight) this.#queues.count(queue, { visible: 1, inFlight: -1 });
      return "changed";
    }
    this.#places.hideAgain(queue, place, nowMs + visibilityMs);
    if (!wasInFlight) this.#queues.count(queue, { visible: -1, inFlight: 1 });
    return "changed";
  }

  /** A group that time has freed comes before one that is freed now, though nobody has noticed it yet. */
  #promoteGroups(queue: Queue): void {
    if (queue.settings.fifo) this.promote(queue);
  }

  /**
   * Does what time has done: makes visible what has been hidden long enough, and in FIFO queues lets go of messages that
   * have locked their groups up to the end of their retention, in the order in which both have come; a bounded number.
   * @returns whether there is more of it.
   */
  promote(queue: Queue): boolean {
    const nowMs = this.#engine.nowMs();
    let room = PROMOTED_MAX;
    while (nowMs >= queue.dueMs && room > 0) {
      const held = queue.settings.fifo ? this.#groups.longestHeld(queue) : undefined;
      const freedMs = held === undefined ? Infinity : held.headSentMs + queue.settings.retentionMs;
      const throughMs = Math.min(freedMs, nowMs);
      room -= this.#showDue(queue, throughMs, room) + 1;
      const visibleMs = this.#sql.nextVisible.get(queue.id)?.[0] ?? Infinity;
      if (visibleMs <= throughMs) return true;
      if (held !== undefined && freedMs <= nowMs) this.#letGoOfHead(queue, held.id);
      else queue.dueMs = Math.min(visibleMs, freedMs);
    }
    return nowMs >= queue.dueMs;
  }

  /** @returns how many have become visible. */
  #showDue(queue: Queue, throughMs: number, rowsMax: number): number {
    const rows = this.#sql.due.all(queue.id, throughMs, rowsMax);
    const last = rows.at(-1);
    if (last !== undefined && rows.length >= TOGETHER_MIN && standAlone(queue, rows)) {
      this.#places.showThrough(queue, last);
      const delayed = rows.filter(([, , , receiveCount]) => receiveCount === 0).length;
      this.#queues.count(queue, { visible: rows.length, delayed: -delayed, inFlight: delayed - rows.length });
      return rows.length;
    }
    for (const [visibleMs, ...row] of rows) {
      const state = stateOf(row);
      this.#places.remove(queue, { ...state, visibleMs });
      if (state.sequence <= queue.voidThrough) {
        this.#places.bury([state.sequence]);
        continue;
      }
      this.#places.show(queue, [state]);
      // One after the other, so that groups get their turns in the order in which time has freed them.
      if (queue.settings.fifo) this.#places.settle();
      this.#queues.count(queue, state.receiveCount === 0 ? { visible: 1, delayed: -1 } : { visible: 1, inFlight: -1 }, visibleMs);
    }
    return rows.length;
  }

  /** Of a group that is locked by its oldest message, if its retention has ended; the next one may be served, or lock it again. */
  #letGoOfHead(queue: Queue, group: number): void {
    const [visibleMs, ...row] = this.#sql.oldestHiddenOf.get(group, queue.voidThrough) ?? [];
    const head = row.length === 0 || visibleMs === undefined ? undefined : { ...stateOf(row), visibleMs };
    if (head !== undefined && this.hasExpired(queue, head)) this.#expire(queue, head);
    this.#places.reconsider(queue, group);
  }

  /**
   * A bounded piece of all that time has done up to a moment: `promote` and `expire`.
   * @returns whether there is more of it; else the counts are exact.
   */
  catchUp(queue: Queue, asOfMs: number): boolean {
    return (this.promote(queue) && queue.dueMs <= asOfMs) || this.expire(queue, { rowsMax: PROMOTED_MAX, asOfMs });
  }

  /**
   * Lets go of messages whose retention has ended, in flight and delayed ones too.
   * @param options `asOfMs`: until when it must have ended, by default now.
   * @returns whether there may be more of them.
   */
  expire(queue: Queue, { rowsMax, asOfMs = this.#engine.nowMs() }: { rowsMax: number; asOfMs?: number }): boolean {
    if (this.#engine.ageingHeld()) return false;
    const hidden = this.#expireHidden(queue, { rowsMax, throughMs: asOfMs - queue.settings.retentionMs });
    return this.expireVisible(queue, rowsMax) || hidden;
  }

  /**
   * Hidden messages stand in no order of their age. So all of them are looked at, in pieces, and once that is done only
   * when the oldest of them may have come to its end.
   */
  #expireHidden(queue: Queue, { rowsMax, throughMs }: { rowsMax: number; throughMs: number }): boolean {
    if (queue.oldestHiddenMs > throughMs) return false;
    const { visibleMs, sequence, oldestMs } = queue.look ?? { visibleMs: 0, sequence: 0, oldestMs: Infinity };
    const rows = this.#sql.hiddenAfter.all(queue.id, visibleMs, sequence, rowsMax);
    let staysMs = oldestMs;
    for (const [visibleMs, ...row] of rows) {
      const place = { ...stateOf(row), visibleMs };
      if (place.sequence <= queue.voidThrough) continue;
      if (this.hasExpired(queue, place)) this.#expire(queue, place);
      else staysMs = Math.min(staysMs, place.sentMs);
    }
    const last = rows.at(-1);
    const more = last !== undefined && rows.length === rowsMax;
    queue.look = more ? { visibleMs: last[0], sequence: last[1], oldestMs: staysMs } : undefined;
    if (!more) queue.oldestHiddenMs = staysMs;
    return more || queue.oldestHiddenMs <= throughMs;
  }

  /** The same for visible messages alone, which costs next to nothing where none has expired. */
  expireVisible(queue: Queue, rowsMax: number): boolean {
    // What came to a standard dead-letter queue stands in the order of its moves, not of its age.
    const moved = queue.settings.fifo ? [] : this.#deadLetters.visibleSentBefore(queue.id, this.#expiredThroughMs(queue), rowsMax);
    for (const sequence of moved) this.#expireAt(queue, sequence);
    return this.#expireOldest(queue, rowsMax) || moved.length === rowsMax;
  }

  #expireAt(queue: Queue, sequence: number): void {
    const row = sequence > queue.voidThrough ? this.#sql.readyAt.get(queue.id, sequence) : undefined;
    if (row !== undefined) this.#expire(queue, { ...stateOf([sequence, ...row]), visibleMs: null });
  }

  #expireOldest(queue: Queue, rowsMax: number): boolean {
    const [oldest] = this.#sql.oldestVisible.all(queue.id, queue.voidThrough, 1);
    if (oldest === undefined || !this.hasExpired(queue, stateOf(oldest))) return false;
    const expired = this.#sql.oldestVisible
      .all(queue.id, queue.voidThrough, rowsMax)
      .map(stateOf)
      .filter((state) => this.hasExpired(queue, state));
    for (const state of expired) this.#expire(queue, { ...state, visibleMs: null });
    return expired.length === rowsMax;
  }

  /** Whether a message's retention has ended. */
  hasExpired(queue: Queue, { sentMs }: State): boolean {
    return sentMs <= this.#expiredThroughMs(queue);
  }

  #expiredThroughMs(queue: Queue): number {
    return this.#engine.ageingHeld() ? NEVER : this.#engine.nowMs() - queue.settings.retentionMs;
  }

  #expire(queue: Queue, place: Place): void {
    this.takeOut(queue, place);
    this.#places.bury([place.sequence]);
  }

  /** Takes a message out of its queue, wherever it stands; its body is left for whoever puts it elsewhere or buries it. */
  takeOut(queue: Queue, place: Place): void {
    this.#places.remove(queue, place);
    if (place.visibleMs === null) this.#queues.count(queue, { visible: -1 });
    else this.#queues.count(queue, place.receiveCount === 0 ? { delayed: -1 } : { inFlight: -1 });
  }

  /**
   * Puts a message that was taken out of another queue into this one, visible, last in its order. It gets a new sequence
   * number, since a purge of this queue has meant all up to then; its receipts have died with the old one. Deduplication
   * is not asked, and no delay holds. Who waits is woken by the caller.
   * @param columns what its body was, and what it is to be here.
   * @returns what the message is now.
   */
  putIn(queue: Queue, state: State, columns: BodyColumns): State {
    this.#promoteGroups(queue);
    const sequence = this.#sequences.next();
    this.#bodies.move(state.sequence, { queueId: queue.id, sequence, sentMs: state.sentMs }, columns);
    this.#sql.dropRelocated.run(state.sequence);
    const group = this.#groupFor(queue, columns.groupId, sequence);
    const moved = { ...state, sequence, group };
    this.#places.show(queue, [moved]);
    this.#queues.count(queue, { visible: 1 });
    return moved;
  }
}

/** Whether nobody has to hear of each of them: they have no groups, and none was purged. */
function standAlone({ settings, fair, voidThrough }: Queue, rows: readonly HiddenRow[]): boolean {
  return !settings.fifo && fair === undefined && rows.every(([, sequence]) => sequence > voidThrough);
}
