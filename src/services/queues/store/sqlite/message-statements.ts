import type { Database } from "../../../../storage/sqlite/database.ts";
import type { StoredBody } from "./bodies.ts";

/** A visible message. */
export type StateRow = [sequence: number, sentMs: number, receiveCount: number, firstReceivedMs: number | null];
type HiddenRow = [visibleMs: number, sequence: number, sentMs: number, receiveCount: number, firstReceivedMs: number | null];
type PlacedRow = [sentMs: number, receiveCount: number, firstReceivedMs: number | null];
export type BodyRow = [
  id: string,
  senderId: string,
  bodyMd5: string,
  attributes: string | null,
  traceHeader: string | null,
  groupId: string | null,
  body: StoredBody,
];

/** Where a message stands: hidden until `visibleMs`, or visible where that is null. */
export interface Place {
  readonly sequence: number;
  readonly visibleMs: number | null;
  readonly sentMs: number;
  readonly receiveCount: number;
  readonly firstReceivedMs: number | null;
}

// One place for the SQL of messages; the return type is that of the literal, statement by statement.
export function messageStatements(database: Database) {
  return {
    lastSequence: database.prepareTuples<[number]>("SELECT value FROM last_sequence"),
    saveSequence: database.prepare("UPDATE last_sequence SET value = ?"),
    insertBody: database.prepare(
      "INSERT INTO body (sequence, message_id, sender_id, body_md5, attributes, trace_header, group_id, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    body: database.prepareTuples<BodyRow>(
      "SELECT message_id, sender_id, body_md5, attributes, trace_header, group_id, body FROM body WHERE sequence = ?",
    ),
    insertReady: database.prepare("INSERT INTO ready VALUES (?, ?, ?, ?, ?)"),
    insertHidden: database.prepare("INSERT INTO hidden VALUES (?, ?, ?, ?, ?, ?)"),
    visible: database.prepareTuples<StateRow>(
      "SELECT sequence, sent_ms, receive_count, first_received_ms FROM ready WHERE queue = ? AND sequence > ? ORDER BY sequence LIMIT ?",
    ),
    readyAt: database.prepareTuples<PlacedRow>(
      "SELECT sent_ms, receive_count, first_received_ms FROM ready WHERE queue = ? AND sequence = ?",
    ),
    hiddenAt: database.prepareTuples<PlacedRow>(
      "SELECT sent_ms, receive_count, first_received_ms FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?",
    ),
    deleteReadyRange: database.prepare("DELETE FROM ready WHERE queue = ? AND sequence BETWEEN ? AND ?"),
    deleteHidden: database.prepare("DELETE FROM hidden WHERE queue = ? AND visible_ms = ? AND sequence = ?"),
    relocate: database.prepare("INSERT INTO relocated VALUES (?, ?) ON CONFLICT DO UPDATE SET visible_ms = excluded.visible_ms"),
    relocatedTo: database.prepareTuples<[number]>("SELECT visible_ms FROM relocated WHERE sequence = ?"),
    due: database.prepareTuples<HiddenRow>(
      "SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms FROM hidden WHERE queue = ? AND visible_ms <= ? ORDER BY visible_ms, sequence LIMIT ?",
    ),
    nextVisible: database.prepareTuples<[number]>("SELECT visible_ms FROM hidden WHERE queue = ? ORDER BY visible_ms LIMIT 1"),
    hiddenSentBefore: database.prepareTuples<HiddenRow>(
      "SELECT visible_ms, sequence, sent_ms, receive_count, first_received_ms FROM hidden WHERE queue = ? AND sent_ms <= ? AND sequence > ? LIMIT ?",
    ),
    insertDead: database.prepare("INSERT INTO dead VALUES (?)"),
  };
}
