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
import type { PeekArgs, PeekedMessage, PeekPage, ShownMessage } from "../store.ts";
import type { Queue } from "./queue-table.ts";

/** Bodies read for one page, in characters; a page ends behind the one that goes beyond. Some 10 ms of parsing. */
const BODY_CHARACTERS_MAX = MIB;

/** Rows fetched at once: a page that ends early has read few for nothing. */
const ROWS_AT_ONCE = 250;

/** Behind every message that is hidden until the same time. */
const LAST_SEQUENCE = Number.MAX_SAFE_INTEGER;

type ReadyRow = [sequence: number, sentMs: number, receiveCount: number, firstReceivedMs: number | null];
type HiddenRow = [visibleMs: number, ...ReadyRow];
type HeadRow = [id: string, groupId: string | null, attributes: string | null];

/** A message's place, and how it stands there. */
interface Found extends Omit<PeekedMessage, "sequence" | keyof ShownMessage> {
  readonly position: PeekPosition;
}

/** What is seen of a message; undefined where it is withheld. */
type Content = (queue: Queue, at: { sequence: number; receiveCount: number }) => ShownMessage | undefined;

/** Looks at messages and writes nothing: no count, no order and no visibility changes by it. */
export class Peek {
  readonly #engine: EnginePort;
  readonly #content: Content;
  readonly #sql;

  constructor(database: Database, options: { engine: EnginePort; content: Content }) {
    this.#engine = options.engine;
    this.#content = options.content;
    this.#sql = statements(database);
  }

  page(queue: Queue, { search, after, messagesMax, scanMax }: PeekArgs): PeekPage {
    const nowMs = this.#engine.nowMs();
    const expiredBeforeMs = nowMs - queue.settings.retentionMs;
    const inQueue = queue.visible + queue.inFlight + queue.delayed;
    const messages: PeekedMessage[] = [];
    let next = after;
    let scanned = 0;
    let characters = 0;
    for (const { position, ...standing } of this.#found(queue, search.states, after)) {
      if (messages.length === messagesMax || scanned === scanMax || characters > BODY_CHARACTERS_MAX)
        return { messages, scanned, next, inQueue };
      next = position;
      scanned += 1;
      const gone = position.sequence <= queue.voidThrough || standing.sentMs <= expiredBeforeMs;
      if (gone || !selectsStanding(search, standing, nowMs) || !this.#selectsHead(search, position.sequence)) continue;
      const content = this.#content(queue, { sequence: position.sequence, receiveCount: standing.receiveCount });
      if (content === undefined) continue;
      characters += content.body.length;
      if (selectsBody(search, content.body)) messages.push({ sequence: position.sequence, ...standing, ...content });
    }
    return { messages, scanned, next: undefined, inQueue };
  }

  #selectsHead(search: MessageSearch, sequence: number): boolean {
    if (!looksAtHead(search)) return true;
    const [id, groupId, attributes] = this.#sql.head.get(sequence) as HeadRow;
    return selectsHead(search, { id, groupId, attributes });
  }

  /** From a position on; what cannot be in a wanted state is not even looked at, as far as the order tells. */
  *#found(queue: Queue, states: MessageSearch["states"], after: PeekPosition | undefined): Generator<Found> {
    const nowMs = this.#engine.nowMs();
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
      for (const [at, sentMs, receiveCount, firstReceivedMs] of rows) {
        sequence = at;
        yield {
          position: { part: "ready", visibleMs: 0, sequence },
          state: "visible",
          visibleMs: null,
          sentMs,
          receiveCount,
          firstReceivedMs,
        };
      }
      if (rows.length < ROWS_AT_ONCE) return;
    }
  }

  *#hidden(queue: Queue, after: PeekPosition, untilMs: number): Generator<Found> {
    const nowMs = this.#engine.nowMs();
    let position = after;
    for (;;) {
      const rows = this.#sql.hidden.all(queue.id, position.visibleMs, position.sequence, untilMs, ROWS_AT_ONCE);
      for (const [visibleMs, sequence, sentMs, receiveCount, firstReceivedMs] of rows) {
        position = { part: "hidden", visibleMs, sequence };
        const standing = { sentMs, receiveCount, firstReceivedMs };
        if (visibleMs <= nowMs) yield { position, state: "visible", visibleMs: null, ...standing };
        else yield { position, state: receiveCount === 0 ? "delayed" : "in-flight", visibleMs, ...standing };
      }
      if (rows.length < ROWS_AT_ONCE) return;
    }
  }
}

function statements(database: Database) {
  return {
    ready: database.prepareTuples<ReadyRow>(
      "SELECT sequence, sent_ms, receive_count, first_received_ms FROM ready WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?",
    ),
    hidden: database.prepareTuples<HiddenRow>(`
      SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms FROM hidden
      WHERE queue = ? AND (visible_ms, sequence) > (?, ?) AND visible_ms <= ? ORDER BY visible_ms, sequence LIMIT ?`),
    head: database.prepareTuples<HeadRow>("SELECT message_id, group_id, attributes FROM body WHERE sequence = ?"),
  };
}
