import type { Database } from "../../../../storage/sqlite/database.ts";
import type { StoredBody } from "./bodies.ts";

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
export type BodyRow = [
  id: string,
  senderId: string,
  bodyMd5: string,
  attributes: string | null,
  traceHeader: string | null,
  groupId: string | null,
  deduplicationId: string | null,
  body: StoredBody,
];

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

export function placeStatements(database: Database) {
  return {
    insertReady: database.prepare("INSERT INTO ready VALUES (?, ?, ?, ?, ?, ?)"),
    insertHidden: database.prepare("INSERT INTO hidden VALUES (?, ?, ?, ?, ?, ?, ?)"),
    readyAt: database.prepareTuples<PlacedRow>(
      "SELECT sent_ms, receive_count, first_received_ms, message_group FROM ready WHERE queue = ? AND sequence = ?",
    ),
    hiddenAt: database.prepareTuples<PlacedRow>(
      "SELECT sent_ms, receive_count, first_received_ms, message_group FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?",
    ),
    deleteReady: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence = ?"),
    deleteHidden: database.prepare("DELETE FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?"),
    relocate: database.prepare("INSERT INTO relocated VALUES (?, ?) ON CONFLICT DO UPDATE SET visible_ms = excluded.visible_ms"),
    relocatedTo: database.prepareTuples<[number]>("SELECT visible_ms FROM relocated WHERE sequence = ?"),
    insertDead: database.prepare("INSERT INTO dead VALUES (?)"),
  };
}

export function messageStatements(database: Database) {
  return {
    insertBody: database.prepare(`
      INSERT INTO body (sequence, message_id, sender_id, body_md5, attributes, trace_header, group_id, deduplication_id, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    moveBody: database.prepare("UPDATE body SET sequence = ? WHERE sequence = ?"),
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
    hiddenSentBefore: database.prepareTuples<HiddenRow>(`
      SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms, message_group FROM hidden
      WHERE queue = ? AND sent_ms <= ? AND sequence > ? LIMIT ?`),
  };
}

export function receiveStatements(database: Database) {
  return {
    visible: visibleBetween(database),
    deleteReadyRange: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence BETWEEN ? AND ?"),
    body: bodyAt(database),
  };
}

export function moveStatements(database: Database) {
  return {
    visible: visibleBetween(database),
    body: bodyAt(database),
    groupId: database.prepareTuples<[string | null]>("SELECT group_id FROM body WHERE sequence = ?"),
    deduplicateById: database.prepare("UPDATE body SET deduplication_id = message_id WHERE sequence = ?"),
  };
}

function visibleBetween(database: Database) {
  return database.prepareTuples<StateRow>(`
    SELECT sequence, sent_ms, receive_count, first_received_ms, message_group FROM ready
    WHERE queue = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`);
}

function bodyAt(database: Database) {
  return database.prepareTuples<BodyRow>(`
    SELECT message_id, sender_id, body_md5, attributes, trace_header, group_id, deduplication_id, body
    FROM body WHERE sequence = ?`);
}
