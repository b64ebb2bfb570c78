import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Wait } from "../../../../storage/storage.ts";
import { overLimit as inFlightOverLimit } from "../../rules/errors.ts";
import { IN_FLIGHT_MAX } from "../../rules/limits.ts";
import type { MessageContent, Receipt, ReceiveArgs, ReceivedMessage } from "../store.ts";
import type { Bodies } from "./bodies.ts";
import type { FairTurns } from "./fair-turns.ts";
import type { Given, ReceiveAttempts } from "./fifo-attempts.ts";
import type { Turns } from "./fifo-turns.ts";
import { receiveStatements, stateOf, type BodyRow, type State } from "./message-statements.ts";
import type { Messages } from "./messages.ts";
import type { Places } from "./places.ts";
import type { Queue, QueueTable } from "./queue-table.ts";

/** Expired messages let go of in one piece. */
const EXPIRED_PER_PIECE = 1000;

/** Handing messages out, and taking back what never arrived. */
export class Receives {
  readonly #engine: EnginePort;
  readonly #queues: QueueTable;
  readonly #bodies: Bodies;
  readonly #messages: Messages;
  readonly #places: Places;
  readonly #turns: Turns;
  readonly #attempts: ReceiveAttempts;
  readonly #fairTurns: FairTurns;
  readonly #sql;
  /** How long receives wait that left it to their queue: as it was when they began, whatever is set meanwhile. */
  readonly #begunWaits = new WeakMap<ReceiveArgs, number>();

  constructor(
    database: Database,
    options: {
      engine: EnginePort;
      queues: QueueTable;
      bodies: Bodies;
      messages: Messages;
      places: Places;
      turns: Turns;
      attempts: ReceiveAttempts;
      fairTurns: FairTurns;
    },
  ) {
    this.#engine = options.engine;
    this.#queues = options.queues;
    this.#bodies = options.bodies;
    this.#messages = options.messages;
    this.#places = options.places;
    this.#turns = options.turns;
    this.#attempts = options.attempts;
    this.#fairTurns = options.fairTurns;
    this.#sql = receiveStatements(database);
  }

  receive(queue: Queue, args: ReceiveArgs): ReceivedMessage[] | Wait<ReceivedMessage[]> {
    const nowMs = this.#engine.nowMs();
    const waitMs = args.waitMs ?? this.#begunWaits.get(args) ?? queue.settings.receiveWaitMs;
    const { attemptId, visibilityMs = queue.settings.visibilityTimeoutMs } = args;
    this.#messages.promote(queue);
    const again = attemptId === undefined ? [] : this.#giveAgain(queue, attemptId, visibilityMs);
    if (again.length > 0) return again;
    const room = Math.min(args.messagesMax, IN_FLIGHT_MAX - queue.inFlight);
    // A FIFO queue then has no more messages, without a word.
    if (room <= 0 && waitMs === 0 && !queue.settings.fifo) throw inFlightOverLimit();
    const states = room > 0 ? this.#take(queue, room) : [];
    if (states.length > 0) {
      const messages = this.#handOut(queue, states, visibilityMs);
      if (attemptId !== undefined) this.#attempts.remember(queue, attemptId, givenBy(messages, nowMs + visibilityMs));
      return messages;
    }
    if (waitMs === 0) return [];
    if (args.waitMs === undefined) this.#begunWaits.set(args, waitMs);
    this.#engine.wakeAt(queue.id, queue.nextVisibleMs);
    return new Wait<ReceivedMessage[]>(queue.id, nowMs + waitMs, []);
  }

  /** Takes the next messages; they stand nowhere until they are handed out. Those whose retention has ended are let go first. */
  #take(queue: Queue, messagesMax: number): State[] {
    if (queue.settings.fifo) return this.#takeInTurn(queue, messagesMax);
    if (queue.fair !== undefined) return this.#takeFairly(queue, messagesMax);
    const states = this.#sql.visible.all(queue.id, queue.voidThrough, messagesMax).map(stateOf);
    const oldest = states[0];
    if (oldest !== undefined && this.#messages.hasExpired(queue, oldest)) {
      while (this.#messages.expireVisible(queue, EXPIRED_PER_PIECE));
      return this.#take(queue, messagesMax);
    }
    // What was selected is all that is visible between the first and the last of it.
    const first = states[0]?.sequence;
    if (first !== undefined) this.#sql.deleteReadyRange.run(queue.id, first, states.at(-1)?.sequence ?? first);
    return states;
  }

  #takeInTurn(queue: Queue, messagesMax: number): State[] {
    while (this.#messages.expireVisible(queue, EXPIRED_PER_PIECE));
    this.#turns.settle();
    return this.#turns.take(queue, messagesMax).map(stateOf);
  }

  #takeFairly(queue: Queue, messagesMax: number): State[] {
    while (this.#messages.expireVisible(queue, EXPIRED_PER_PIECE));
    return this.#fairTurns.take(queue, messagesMax);
  }

  #handOut(queue: Queue, states: readonly State[], visibilityMs: number): ReceivedMessage[] {
    const nowMs = this.#engine.nowMs();
    const hiddenUntilMs = nowMs + visibilityMs;
    const messages = states.flatMap((before) => {
      const receiveCount = before.receiveCount + 1;
      const firstReceivedMs = before.firstReceivedMs ?? nowMs;
      const state = { ...before, receiveCount, firstReceivedMs };
      if (visibilityMs === 0) this.#places.show(queue, state);
      else if (before.receiveCount === 0) this.#places.hide(queue, state, hiddenUntilMs);
      else this.#places.hideAgain(queue, state, hiddenUntilMs);
      const { sequence, sentMs } = state;
      const receipt = { queueId: queue.id, sequence, hiddenUntilMs, receivedMs: nowMs, receiveCount };
      const content = this.content(sequence);
      return content === undefined ? [] : [{ ...content, sentMs, firstReceivedMs, receiveCount, receipt }];
    });
    if (visibilityMs === 0) this.#engine.wake(queue.id);
    else this.#queues.count(queue, { visible: -states.length, inFlight: states.length });
    return messages;
  }

  /**
   * What the receive of that attempt was given, with the same receipts and hidden anew. Nothing where one of the messages
   * is no longer as it was given: deleted, expired, shown or hidden by a change, or received by another.
   */
  #giveAgain(queue: Queue, attemptId: string, visibilityMs: number): ReceivedMessage[] {
    const nowMs = this.#engine.nowMs();
    const given = this.#attempts.find(queue, attemptId);
    if (given === undefined || given.hiddenUntilMs <= nowMs) return [];
    const held = given.receipts.flatMap((receipt) => {
      const place = this.#places.locate(queue, receipt);
      const same = place?.visibleMs === given.hiddenUntilMs && place.receiveCount === receipt.receiveCount;
      return place !== undefined && same && !this.#messages.hasExpired(queue, place) ? [{ place, receipt }] : [];
    });
    if (held.length < given.receipts.length) return [];
    for (const { place } of held) {
      this.#places.remove(queue, place);
      if (visibilityMs === 0) this.#places.show(queue, place);
      else this.#places.hideAgain(queue, place, nowMs + visibilityMs);
    }
    if (visibilityMs === 0) this.#queues.count(queue, { visible: held.length, inFlight: -held.length });
    this.#attempts.again(queue, attemptId, { ...given, hiddenUntilMs: nowMs + visibilityMs });
    return held.flatMap(({ place: { sequence, sentMs, receiveCount, firstReceivedMs }, receipt }) => {
      const content = this.content(sequence);
      return content === undefined ? [] : [{ ...content, sentMs, firstReceivedMs: firstReceivedMs ?? nowMs, receiveCount, receipt }];
    });
  }

  /** What a message consists of. Undefined where its body cannot be decrypted: it then counts as received, but nobody gets it. */
  content(sequence: number): MessageContent | undefined {
    const [id, senderId, bodyMd5, attributes, traceHeader, groupId, deduplicationId, body] = this.#sql.body.get(sequence) as BodyRow;
    const read = this.#bodies.read({ id, bodyMd5, body });
    return read && { id, senderId, attributes, traceHeader, groupId, deduplicationId, ...read };
  }

  undo(queue: Queue, receipts: readonly Receipt[]): void {
    for (const receipt of receipts) {
      const place = receipt.queueId === queue.id ? this.#places.locate(queue, receipt) : undefined;
      if (place === undefined || place.receiveCount !== receipt.receiveCount) continue; // Received again since: not ours to take back.
      const receiveCount = place.receiveCount - 1;
      this.#places.remove(queue, place);
      this.#places.show(queue, { ...place, receiveCount, firstReceivedMs: receiveCount === 0 ? null : place.firstReceivedMs });
      if (place.visibleMs !== null) this.#queues.count(queue, { visible: 1, inFlight: -1 });
      this.#engine.wake(queue.id);
    }
  }
}

function givenBy(messages: readonly ReceivedMessage[], hiddenUntilMs: number): Given {
  return { receipts: messages.map(({ receipt }) => receipt), hiddenUntilMs };
}
