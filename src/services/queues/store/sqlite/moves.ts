import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { isGivenUp, sentMsInDeadLetterQueue, type RedrivePolicy } from "../../rules/redrive-policy.ts";
import type { MessageContent } from "../store.ts";
import type { Bodies, Damage } from "./bodies.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Turns } from "./fifo-turns.ts";
import { moveStatements, stateOf, type State } from "./message-statements.ts";
import type { Messages } from "./messages.ts";
import type { Places } from "./places.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Queue, QueueTable } from "./queue-table.ts";
import type { Tails } from "./tails.ts";

/** What moves of messages work with. */
interface Parts {
  readonly engine: EnginePort;
  readonly queues: QueueTable;
  readonly bodies: Bodies;
  readonly messages: Messages;
  readonly places: Places;
  readonly turns: Turns;
  readonly deadLetters: DeadLetters;
  readonly tails: Tails;
  readonly quarantine: Quarantine;
}

/** A page of messages that could be moved, and whether a later look may find others. */
interface Movable {
  readonly states: readonly State[];
  readonly more: boolean;
}

/** Dead-letter queues that are looked at one behind the other; who has more of them in a row waits for the next receive. */
const CHAIN_MAX = 10;

/** Expired messages let go of in one piece. */
const EXPIRED_PER_PIECE = 1000;

/** Messages on their way from one queue to another: given up to a dead-letter queue, and brought back from it. */
export class Moves {
  readonly #parts: Parts;
  readonly #sql;

  constructor(database: Database, parts: Parts) {
    this.#parts = parts;
    this.#sql = moveStatements(database);
  }

  /**
   * Puts a message that was taken out of its queue into the dead-letter queue: the same message, received as often. A
   * FIFO queue knows it by its own id from then on, as with AWS. One that is damaged comes into quarantine.
   */
  giveUp(source: Queue, state: State, target: Queue | undefined): void {
    if (target === undefined) throw new Error("a message is given up to a queue");
    const { engine, bodies, messages, turns, deadLetters, tails, quarantine } = this.#parts;
    const columns = bodies.columns({ ...state, queueId: source.id });
    if (typeof columns === "string") return quarantine.add(source, state, columns);
    const movedMs = engine.nowMs();
    const sentMs = sentMsInDeadLetterQueue(target.ref, state.sentMs, movedMs);
    const wakes = this.#getsSomewhere(state, target);
    turns.settle();
    const deduplicationId = target.settings.fifo ? columns.id : columns.deduplicationId;
    const { sequence } = messages.putIn(target, { ...state, sentMs }, { ...columns, deduplicationId });
    turns.settle({ wakes });
    if (wakes) engine.wake(target.id);
    deadLetters.drop(state.sequence);
    deadLetters.note(sequence, { queueId: target.id, source: source.ref.name, sentMs, movedMs });
    tails.moved(target, () => shown(bodies.read({ queueId: target.id, sequence, sentMs })));
  }

  /**
   * Whether a message can be delivered by one of the queues that give it up to each other, or comes to an end: who waits
   * there is woken. Else queues in a circle would wake each other for ever.
   */
  #getsSomewhere({ receiveCount }: State, target: Queue): boolean {
    const { queues } = this.#parts;
    let queue: Queue | undefined = target;
    for (let hops = 0; hops < CHAIN_MAX; hops += 1) {
      const redrive: RedrivePolicy | undefined = queue.settings.redrive;
      if (redrive === undefined || !isGivenUp(receiveCount, redrive)) return true;
      queue = queues.seek(redrive.deadLetterQueue);
      if (queue === undefined) return true;
    }
    return false;
  }

  /** Visible messages between two sequences, oldest first; those whose retention has ended are let go. */
  movable(queue: Queue, { after, through, limit }: { after: number; through: number; limit: number }): Movable {
    const { messages } = this.#parts;
    const hidden = messages.promote(queue);
    const expired = messages.expireVisible(queue, EXPIRED_PER_PIECE);
    const found = this.#sql.visible.all(queue.id, Math.max(after, queue.voidThrough), through, limit).map(stateOf);
    const states = found.filter((state) => !messages.hasExpired(queue, state));
    return { states, more: hidden || expired || states.length < found.length };
  }

  /** Whether a message can leave its queue without leaving an older one of its group behind. */
  mayLeave(queue: Queue, state: State): boolean {
    return this.#parts.turns.isHead(queue, state);
  }

  /**
   * Takes a visible message out of its queue and puts it into another, as if it had been sent there now under a new MessageId.
   * @returns whether it is there; one that is damaged comes into quarantine.
   */
  resend(source: Queue, state: State, to: { target: Queue; newId: (id: string) => string }): boolean {
    const { engine, bodies, messages, places, deadLetters, tails, quarantine } = this.#parts;
    const columns = bodies.columns({ ...state, queueId: source.id });
    messages.takeOut(source, { ...state, visibleMs: null });
    const content = typeof columns === "string" ? columns : bodies.content(columns);
    if (typeof columns === "string" || typeof content === "string") {
      quarantine.add(source, state, typeof columns === "string" ? columns : "encryption");
      return false;
    }
    if (content !== undefined) {
      places.bury([state.sequence]);
      const sent = { ...content, id: to.newId(content.id) };
      messages.sendAgain(to.target, sent);
      tails.moved(to.target, () => sent);
      return true;
    }
    // A body that cannot be decrypted now keeps the id that it is encrypted for.
    const asSent = { ...state, sentMs: engine.nowMs(), receiveCount: 0, firstReceivedMs: null };
    messages.putIn(to.target, asSent, columns);
    deadLetters.drop(state.sequence);
    engine.wake(to.target.id);
    return true;
  }
}

/** What a follower sees: nothing of what cannot be read. */
function shown(content: MessageContent | Damage | undefined): MessageContent | undefined {
  return typeof content === "string" ? undefined : content;
}
