import type { Database } from "../../../../storage/sqlite/database.ts";

/** A visible message. */
export type StateRow = [sequence: number, sentMs: number, receiveCount: number, firstReceivedMs: number | null, group: number | null];
export type HiddenRow = [
  visibleMs: number,
  sequence: number,
  sentMs: number,
  receiveCount: number,
  firstReceivedMs: number | null,
  group: number | null,
];
export type PlacedRow = [sentMs: number, receiveCount: number, firstReceivedMs: number | null, group: number | null];

/** A body as its column holds it: text as it was sent, or bytes that are its encrypted form. */
export type StoredBody = string | Uint8Array;

/** What a row of `body` holds beside its checksum. */
export interface BodyColumns {
  readonly id: string;
  readonly senderId: string;
  /** Empty where it is made when the message is read: of encrypted bodies, and of what other services have brought. */
  readonly bodyMd5: string;
  readonly attributes: string | null;
  readonly traceHeader: string | null;
  readonly groupId: string | null;
  readonly deduplicationId: string | null;
  readonly body: StoredBody;
}

/** What moves with a message from place to place. */
export interface State {
  readonly sequence: number;
  readonly sentMs: number;
  readonly receiveCount: number;
  readonly firstReceivedMs: number | null;
  /** The number of its message group; null where it has none. */
  readonly group: number | null;
}

/** Where a message stands: hidden until `visibleMs`, or visible where that is null. */
export interface Place extends State {
  readonly visibleMs: number | null;
}

export function stateOf([sequence, sentMs, receiveCount, firstReceivedMs, group]: StateRow): State {
  return { sequence, sentMs, receiveCount, firstReceivedMs, group };
}

// The SQL of messages in one place; the return types are those of the literals, statement by statement.

const STATE_COLUMNS = ["sequence", "sent_ms", "receive_count", "first_received_ms", "message_group"];

export function placeStatements(database: Database) {
  return {
    insertReady: database.prepareInsert("ready", ["queue", ...STATE_COLUMNS]),
    insertHidden: database.prepareInsert("hidden", ["queue", "visible_ms", ...STATE_COLUMNS]),
    readyAt: database.prepareTuples<PlacedRow>(
      "SELECT sent_ms, receive_count, first_received_ms, message_group FROM ready WHERE queue = ? AND sequence = ?",
    ),
    hiddenAt: database.prepareTuples<PlacedRow>(
      "SELECT sent_ms, receive_count, first_received_ms, message_group FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?",
    ),
    deleteReady: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence = ?"),
    insertReadyThrough: database.prepare(`
      INSERT INTO ready (queue, sequence, sent_ms, receive_count, first_received_ms, message_group)
      SELECT queue, sequence, sent_ms, receive_count, first_received_ms, message_group FROM hidden
      WHERE queue = ? AND (visible_ms, sequence) <= (?, ?)`),
    deleteHiddenThrough: database.prepare("DELETE FROM hidden WHERE queue = ? AND (visible_ms, sequence) <= (?, ?)"),
    deleteHidden: database.prepare("DELETE FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?"),
    relocate: database.prepare("INSERT INTO relocated VALUES (?, ?) ON CONFLICT DO UPDATE SET visible_ms = excluded.visible_ms"),
    relocatedTo: database.prepareTuples<[number]>("SELECT visible_ms FROM relocated WHERE sequence = ?"),
    insertDead: database.prepareInsert("dead", ["sequence"]),
  };
}

export function messageStatements(database: Database) {
  return {
    dropRelocated: database.prepare("DELETE FROM relocated WHERE sequence = ?"),
    readyAt: database.prepareTuples<PlacedRow>(
      "SELECT sent_ms, receive_count, first_received_ms, message_group FROM ready WHERE queue = ? AND sequence = ?",
    ),
    deleteHidden: database.prepare("DELETE FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?"),
    oldestVisible: database.prepareTuples<StateRow>(`
      SELECT sequence, sent_ms, receive_count, first_received_ms, message_group FROM ready
      WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?`),
    due: database.prepareTuples<HiddenRow>(`
      SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms, message_group FROM hidden
      WHERE queue = ? AND visible_ms <= ? ORDER BY visible_ms, sequence LIMIT ?`),
    nextVisible: database.prepareTuples<[number]>("SELECT visible_ms FROM hidden WHERE queue = ? ORDER BY visible_ms LIMIT 1"),
    hiddenAfter: database.prepareTuples<HiddenRow>(`
      SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms, message_group FROM hidden
      WHERE queue = ? AND (visible_ms, sequence) > (?, ?) ORDER BY visible_ms, sequence LIMIT ?`),
    oldestHiddenOf: database.prepareTuples<HiddenRow>(`
      SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms, message_group FROM hidden
      WHERE message_group = ? AND sequence > ? ORDER BY sequence LIMIT 1`),
  };
}

export function receiveStatements(database: Database) {
  return {
    visible: visibleBetween(database),
    deleteReadyRange: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence BETWEEN ? AND ?"),
  };
}

export function moveStatements(database: Database) {
  return { visible: visibleBetween(database) };
}

function visibleBetween(database: Database) {
  return database.prepareTuples<StateRow>(`
    SELECT sequence, sent_ms, receive_count, first_received_ms, message_group FROM ready
    WHERE queue = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`);
}
