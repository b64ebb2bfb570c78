import type { Database } from "../../../../storage/sqlite/database.ts";
import type { EnginePort } from "../../../../storage/sqlite/module.ts";
import { MIB } from "../../../../kernel/units.ts";
import {
  looksAtHead,
  selectsBody,
  selectsHead,
  selectsStanding,
  type MessageSearch,
  type PeekPosition,
} from "../../rules/message-search.ts";
import { PEEK_MESSAGES_MAX } from "../../rules/limits.ts";
import type { PeekArgs, PeekedMessage, PeekPage, ShownMessage } from "../store.ts";
import type { Bodies, Damage } from "./bodies.ts";
import { stateOf, type HiddenRow, type Place, type StateRow } from "./message-statements.ts";
import type { Messages } from "./messages.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Queue } from "./queue-table.ts";
import type { Receives } from "./receives.ts";

/** Bodies read for one page, in characters; a page ends behind the one that goes beyond. Some 10 ms of parsing. */
const BODY_CHARACTERS_MAX = MIB;

/** Rows fetched at once: a page that ends early has read few for nothing. */
const ROWS_AT_ONCE = 250;

/** Behind every message that is hidden until the same time. */
const LAST_SEQUENCE = Number.MAX_SAFE_INTEGER;

/** A message's place, and how it stands there. */
interface Found extends Omit<PeekedMessage, "sequence" | keyof ShownMessage> {
  readonly position: PeekPosition;
  readonly place: Place;
}

interface Parts {
  readonly engine: EnginePort;
  readonly messages: Messages;
  readonly bodies: Bodies;
  readonly receives: Receives;
  readonly quarantine: Quarantine;
}

/**
 * Looks at messages and leaves them as they are: no count, no order and no visibility changes by it. Only one that is
 * found damaged is put where nobody receives it.
 */
export class Peek {
  readonly #parts: Parts;
  readonly #sql;

  constructor(database: Database, parts: Parts) {
    this.#parts = parts;
    this.#sql = statements(database);
  }

  page(queue: Queue, args: PeekArgs): PeekPage {
    const damaged: { place: Place; damage: Damage }[] = [];
    const page = this.#look(queue, args, (place, damage) => damaged.push({ place, damage }));
    for (const { place, damage } of damaged) this.#parts.receives.quarantine(queue, place, damage);
    return { ...page, quarantined: this.#parts.quarantine.countOf(queue, PEEK_MESSAGES_MAX) };
  }

  #look(queue: Queue, args: PeekArgs, onDamaged: (place: Place, damage: Damage) => void): Omit<PeekPage, "quarantined"> {
    const { search, after, messagesMax, scanMax } = args;
    const { engine, messages: all, receives } = this.#parts;
    const nowMs = engine.nowMs();
    const inQueue = queue.visible + queue.inFlight + queue.delayed;
    const messages: PeekedMessage[] = [];
    let next = after;
    let scanned = 0;
    let characters = 0;
    for (const { position, place, ...standing } of this.#found(queue, search.states, after)) {
      if (messages.length === messagesMax || scanned === scanMax || characters > BODY_CHARACTERS_MAX)
        return { messages, scanned, next, inQueue };
      next = position;
      scanned += 1;
      const gone = position.sequence <= queue.voidThrough || all.hasExpired(queue, place);
      if (gone || !selectsStanding(search, standing, nowMs) || !this.#mayBeSelected(search, position.sequence)) continue;
      const content = receives.content(queue, place);
      if (typeof content === "string") onDamaged(place, content);
      if (content === undefined || typeof content === "string") continue;
      characters += content.body.length;
      if (selectsBody(search, content.body)) messages.push({ sequence: position.sequence, ...standing, ...content });
    }
    return { messages, scanned, next: undefined, inQueue };
  }

  /** Tells by the head alone, which is not verified yet: one that makes no sense is looked at as a whole. */
  #mayBeSelected(search: MessageSearch, sequence: number): boolean {
    const head = looksAtHead(search) ? this.#parts.bodies.head(sequence) : undefined;
    try {
      return head === undefined || selectsHead(search, head);
    } catch (error) {
      if (error instanceof SyntaxError) return true;
      throw error;
    }
  }

  /** From a position on; what cannot be in a wanted state is not even looked at, as far as the order tells. */
  *#found(queue: Queue, states: MessageSearch["states"], after: PeekPosition | undefined): Generator<Found> {
    const nowMs = this.#parts.engine.nowMs();
    const visible = states.includes("visible");
    const hidden = states.some((state) => state !== "visible");
    if (visible && after?.part !== "hidden") yield* this.#ready(queue, after?.sequence ?? 0);
    // A message whose time has come is visible although no receive has made it so yet.
    const first: PeekPosition = { part: "hidden", visibleMs: visible ? 0 : nowMs, sequence: visible ? 0 : LAST_SEQUENCE };
    yield* this.#hidden(queue, after?.part === "hidden" ? after : first, hidden ? LAST_SEQUENCE : nowMs);
  }

  *#ready(queue: Queue, after: number): Generator<Found> {
    let sequence = Math.max(after, queue.voidThrough);
    for (;;) {
      const rows = this.#sql.ready.all(queue.id, sequence, ROWS_AT_ONCE);
      for (const row of rows) {
        const state = stateOf(row);
        sequence = state.sequence;
        yield { position: { part: "ready", visibleMs: 0, sequence }, state: "visible", ...standingAt({ ...state, visibleMs: null }) };
      }
      if (rows.length < ROWS_AT_ONCE) return;
    }
  }

  *#hidden(queue: Queue, after: PeekPosition, untilMs: number): Generator<Found> {
    const nowMs = this.#parts.engine.nowMs();
    let position = after;
    for (;;) {
      const rows = this.#sql.hidden.all(queue.id, position.visibleMs, position.sequence, untilMs, ROWS_AT_ONCE);
      for (const [visibleMs, ...row] of rows) {
        const state = stateOf(row);
        position = { part: "hidden", visibleMs, sequence: state.sequence };
        const standing = standingAt({ ...state, visibleMs });
        if (visibleMs <= nowMs) yield { position, state: "visible", ...standing, visibleMs: null };
        else yield { position, state: state.receiveCount === 0 ? "delayed" : "in-flight", ...standing };
      }
      if (rows.length < ROWS_AT_ONCE) return;
    }
  }
}

function standingAt(place: Place) {
  const { visibleMs, sentMs, receiveCount, firstReceivedMs } = place;
  return { visibleMs, sentMs, receiveCount, firstReceivedMs, place };
}

function statements(database: Database) {
  return {
    ready: database.prepareTuples<StateRow>(`
      SELECT sequence, sent_ms, receive_count, first_received_ms, message_group FROM ready
      WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?`),
    hidden: database.prepareTuples<HiddenRow>(`
      SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms, message_group FROM hidden
      WHERE queue = ? AND (visible_ms, sequence) > (?, ?) AND visible_ms <= ? ORDER BY visible_ms, sequence LIMIT ?`),
  };
}
