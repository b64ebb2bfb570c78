import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { Unfinished, Wait } from "../../../../storage/storage.ts";
import { overLimit as inFlightOverLimit } from "../../rules/errors.ts";
import { IN_FLIGHT_MAX } from "../../rules/limits.ts";
import { queueArn } from "../../rules/queue-url.ts";
import { isGivenUp } from "../../rules/redrive-policy.ts";
import type { Receipt, ReceiveArgs, ReceivedMessage, ShownMessage } from "../store.ts";
import type { Bodies, Damage } from "./bodies.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { FairTurns } from "./fair-turns.ts";
import type { Given, ReceiveAttempts } from "./fifo-attempts.ts";
import type { Turns } from "./fifo-turns.ts";
import { receiveStatements, stateOf, type Place, type State } from "./message-statements.ts";
import type { Messages } from "./messages.ts";
import type { Moves } from "./moves.ts";
import type { Places } from "./places.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Queue, QueueTable } from "./queue-table.ts";
import type { Sequences } from "./sequences.ts";

/** Expired messages let go of in one piece. */
const EXPIRED_PER_PIECE = 1000;

/** Messages that one receive gives up, or finds expired, before others get their turn: about 5 ms of work. */
const CLEARED_PER_PIECE = 100;

/** What receives work with. */
interface Parts {
  readonly engine: EnginePort;
  readonly queues: QueueTable;
  readonly sequences: Sequences;
  readonly bodies: Bodies;
  readonly messages: Messages;
  readonly places: Places;
  readonly turns: Turns;
  readonly fairTurns: FairTurns;
  readonly attempts: ReceiveAttempts;
  readonly moves: Moves;
  readonly deadLetters: DeadLetters;
  readonly quarantine: Quarantine;
}

/** Handing messages out, and taking back what never arrived. */
export class Receives {
  readonly #parts: Parts;
  readonly #sql;
  /** How long receives wait that left it to their queue: as it was when they began, whatever is set meanwhile. */
  readonly #begunWaits = new WeakMap<ReceiveArgs, number>();

  constructor(database: Database, parts: Parts) {
    this.#parts = parts;
    this.#sql = receiveStatements(database);
  }

  receive(queue: Queue, args: ReceiveArgs): ReceivedMessage[] | Wait<ReceivedMessage[]> | Unfinished {
    const { engine, messages, attempts } = this.#parts;
    const nowMs = engine.nowMs();
    const waitMs = args.waitMs ?? this.#begunWaits.get(args) ?? queue.settings.receiveWaitMs;
    const { attemptId, visibilityMs = queue.settings.visibilityTimeoutMs } = args;
    messages.promote(queue);
    const again = attemptId === undefined ? [] : this.#giveAgain(queue, attemptId, visibilityMs);
    if (again.length > 0) return again;
    const room = Math.min(args.messagesMax, IN_FLIGHT_MAX - queue.inFlight);
    // A FIFO queue then has no more messages, without a word.
    if (room <= 0 && waitMs === 0 && !queue.settings.fifo) throw inFlightOverLimit();
    const states = room > 0 ? this.#take(queue, room) : [];
    if (states === "more") return new Unfinished(queue.id);
    if (states.length > 0) {
      const { handedOut, damaged } = this.#handOut(queue, states, visibilityMs);
      if (damaged && handedOut.length === 0) return new Unfinished(queue.id);
      if (attemptId !== undefined) attempts.remember(queue, attemptId, givenBy(handedOut, nowMs + visibilityMs));
      return handedOut;
    }
    if (nowMs >= queue.dueMs) return new Unfinished(queue.id); // More has come due than one piece of work could show.
    if (waitMs === 0) return [];
    if (args.waitMs === undefined) this.#begunWaits.set(args, waitMs);
    engine.wakeAt(queue.id, queue.dueMs);
    return new Wait<ReceivedMessage[]>(queue.id, nowMs + waitMs, []);
  }

  /**
   * Takes the next messages; they stand nowhere until they are handed out. Those whose retention has ended are let go on
   * the way, and those that were received too often given up; `more` when there are too many of these for one piece.
   */
  #take(queue: Queue, messagesMax: number): State[] | "more" {
    const { redrive, fifo } = queue.settings;
    const target = redrive === undefined ? undefined : this.#parts.queues.seek(redrive.deadLetterQueue);
    return fifo || queue.fair !== undefined ? this.#takeInTurn(queue, messagesMax, target) : this.#takeOldest(queue, messagesMax, target);
  }

  #takeOldest(queue: Queue, messagesMax: number, target: Queue | undefined): State[] | "more" {
    const { messages, moves, sequences } = this.#parts;
    // A queue can be its own dead-letter queue: what this receive gives up is left to others.
    const through = sequences.last;
    for (let cleared = 0; cleared < CLEARED_PER_PIECE;) {
      const states = this.#sql.visible.all(queue.id, queue.voidThrough, through, messagesMax).map(stateOf);
      const expired = states.filter((state) => messages.hasExpired(queue, state)).length;
      if (expired > 0 && messages.expireVisible(queue, EXPIRED_PER_PIECE)) return "more";
      const givenUp = expired > 0 ? [] : givenUpOf(queue, states, target);
      for (const state of givenUp) {
        messages.takeOut(queue, { ...state, visibleMs: null });
        moves.giveUp(queue, state, target);
      }
      if (expired + givenUp.length === 0) return this.#takeAll(queue, states);
      cleared += expired + givenUp.length;
    }
    return target?.id === queue.id ? [] : "more";
  }

  /** What was selected, which is all that is visible between the first and the last of it. */
  #takeAll(queue: Queue, states: State[]): State[] {
    const first = states[0]?.sequence;
    if (first !== undefined) this.#sql.deleteReadyRange.run(queue.id, first, states.at(-1)?.sequence ?? first);
    return states;
  }

  /** From groups in their turn, or from tenants as is fair; where a message of a group is given up the next one of it follows. */
  #takeInTurn(queue: Queue, messagesMax: number, target: Queue | undefined): State[] | "more" {
    if (this.#parts.messages.expireVisible(queue, EXPIRED_PER_PIECE)) return "more";
    if (queue.settings.fifo) {
      // Behind those that have just ended there may be others, in flight, that have locked the group no longer than they.
      this.#parts.turns.settle();
      this.#parts.messages.promote(queue);
    }
    const taken: State[] = [];
    // A queue can be its own dead-letter queue: what this receive gives up comes behind everything that it looks at.
    const keptBack: State[] = [];
    let cleared = 0;
    for (let givenUp: State[] | undefined; givenUp?.length !== 0 && taken.length < messagesMax && cleared < CLEARED_PER_PIECE;) {
      const states = this.#takeNext(queue, messagesMax - taken.length, target);
      givenUp = givenUpOf(queue, states, target);
      const before = new Set(givenUp);
      taken.push(...states.filter((state) => !before.has(state)));
      if (target?.id === queue.id) keptBack.push(...givenUp);
      else this.#giveUp(queue, givenUp, target);
      cleared += givenUp.length;
    }
    this.#giveUp(queue, keptBack, target);
    return taken.length > 0 || cleared < CLEARED_PER_PIECE || keptBack.length > 0 ? taken : "more";
  }

  #takeNext(queue: Queue, messagesMax: number, target: Queue | undefined): State[] {
    const { turns, fairTurns } = this.#parts;
    if (!queue.settings.fifo) return fairTurns.take(queue, messagesMax);
    turns.settle();
    const givenUp = (states: readonly State[]) => givenUpOf(queue, states, target).length;
    return turns.take(queue, { messagesMax, givenUpMax: CLEARED_PER_PIECE, givenUp });
  }

  #giveUp(queue: Queue, states: readonly State[], target: Queue | undefined): void {
    for (const state of states) {
      this.#parts.queues.count(queue, { visible: -1 });
      this.#parts.moves.giveUp(queue, state, target);
    }
  }

  /** @returns `damaged`: some were, and came into quarantine. */
  #handOut(queue: Queue, states: readonly State[], visibilityMs: number): { handedOut: ReceivedMessage[]; damaged: boolean } {
    const { engine, places, queues, quarantine } = this.#parts;
    const nowMs = engine.nowMs();
    const hiddenUntilMs = nowMs + visibilityMs;
    const handedOut: ReceivedMessage[] = [];
    const first: State[] = [];
    let received = 0;
    for (const before of states) {
      const content = this.content(queue, before);
      if (typeof content === "string") {
        queues.count(queue, { visible: -1 });
        quarantine.add(queue, before, content);
        continue;
      }
      received += 1;
      const receiveCount = before.receiveCount + 1;
      const firstReceivedMs = before.firstReceivedMs ?? nowMs;
      const state = { ...before, receiveCount, firstReceivedMs };
      if (visibilityMs === 0) places.show(queue, [state]);
      else if (before.receiveCount === 0) first.push(state);
      else places.hideAgain(queue, state, hiddenUntilMs);
      if (content === undefined) continue;
      const { sequence, sentMs } = state;
      const receipt = { queueId: queue.id, sequence, hiddenUntilMs, receivedMs: nowMs, receiveCount };
      handedOut.push({ ...content, sentMs, firstReceivedMs, receiveCount, receipt });
    }
    places.hide(queue, first, hiddenUntilMs);
    if (visibilityMs === 0) engine.wake(queue.id);
    else queues.count(queue, { visible: -received, inFlight: received });
    return { handedOut, damaged: received < states.length };
  }

  /**
   * What the receive of that attempt was given, with the same receipts and hidden anew. Nothing where one of the messages
   * is no longer as it was given: deleted, expired, shown or hidden by a change, received by another, or damaged.
   */
  #giveAgain(queue: Queue, attemptId: string, visibilityMs: number): ReceivedMessage[] {
    const nowMs = this.#parts.engine.nowMs();
    const given = this.#parts.attempts.find(queue, attemptId);
    if (given === undefined || given.hiddenUntilMs <= nowMs) return [];
    const held = given.receipts.flatMap((receipt) => {
      const place = this.#parts.places.locate(queue, receipt);
      const same = place?.visibleMs === given.hiddenUntilMs && place.receiveCount === receipt.receiveCount;
      if (place === undefined || !same || this.#parts.messages.hasExpired(queue, place)) return [];
      const content = this.content(queue, place);
      if (typeof content !== "string") return [{ place, receipt, content }];
      this.quarantine(queue, place, content);
      return [];
    });
    if (held.length < given.receipts.length) return [];
    for (const { place } of held) {
      this.#parts.places.remove(queue, place);
      if (visibilityMs === 0) this.#parts.places.show(queue, [place]);
      else this.#parts.places.hideAgain(queue, place, nowMs + visibilityMs);
    }
    if (visibilityMs === 0) this.#parts.queues.count(queue, { visible: held.length, inFlight: -held.length });
    this.#parts.attempts.again(queue, attemptId, { ...given, hiddenUntilMs: nowMs + visibilityMs });
    return held.flatMap(({ place, receipt, content }) => {
      const { sentMs, receiveCount, firstReceivedMs } = place;
      return content === undefined ? [] : [{ ...content, sentMs, firstReceivedMs: firstReceivedMs ?? nowMs, receiveCount, receipt }];
    });
  }

  /**
   * What is seen of a message, or how it is damaged. Undefined where its body cannot be decrypted for want of a key: it then
   * counts as received, but nobody gets it.
   */
  content(queue: Queue, { sequence, sentMs, receiveCount }: State): ShownMessage | Damage | undefined {
    const content = this.#parts.bodies.read({ queueId: queue.id, sequence, sentMs });
    if (typeof content === "string") return content;
    // Whatever came to a dead-letter queue was received before.
    const source = receiveCount > 0 ? this.#parts.deadLetters.sourceOf(sequence) : undefined;
    return content && { ...content, deadLetterSourceArn: source === undefined ? null : queueArn({ ...queue.ref, name: source }) };
  }

  /** Takes a damaged message out of its queue, wherever it stands. */
  quarantine(queue: Queue, place: Place, damage: Damage): void {
    this.#parts.messages.takeOut(queue, place);
    this.#parts.quarantine.add(queue, place, damage);
  }

  undo(queue: Queue, receipts: readonly Receipt[]): void {
    for (const receipt of receipts) {
      const place = receipt.queueId === queue.id ? this.#parts.places.locate(queue, receipt) : undefined;
      if (place === undefined || place.receiveCount !== receipt.receiveCount) continue; // Received again since: not ours to take back.
      const receiveCount = place.receiveCount - 1;
      this.#parts.places.remove(queue, place);
      this.#parts.places.show(queue, [{ ...place, receiveCount, firstReceivedMs: receiveCount === 0 ? null : place.firstReceivedMs }]);
      if (place.visibleMs !== null) this.#parts.queues.count(queue, { visible: 1, inFlight: -1 });
      this.#parts.engine.wake(queue.id);
    }
  }
}

function givenBy(messages: readonly ReceivedMessage[], hiddenUntilMs: number): Given {
  return { receipts: messages.map(({ receipt }) => receipt), hiddenUntilMs };
}

/** Those that are not to be delivered again; none while there is no queue to take them. */
function givenUpOf(queue: Queue, states: readonly State[], target: Queue | undefined): State[] {
  return target === undefined ? [] : states.filter(({ receiveCount }) => isGivenUp(receiveCount, queue.settings.redrive));
}
