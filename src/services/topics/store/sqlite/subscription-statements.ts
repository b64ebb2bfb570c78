import type { Database } from "../../../../storage/sqlite/database.ts";
import type { Protocol } from "../store.ts";

/** A subscription as a list shows it. */
export type ListedRow = [
  id: number,
  uuid: string,
  topicAccount: string,
  topicName: string,
  owner: string,
  protocol: Protocol,
  endpoint: string,
  confirmed: number,
];

/** A subscription in full. */
export interface SubscriptionRow {
  readonly id: number;
  readonly topic: number;
  readonly owner: string;
  readonly principal: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly attributes: string;
  readonly filtered: number;
  readonly base_url: string;
  readonly confirmed: number;
  readonly authenticated: number;
  readonly signed_end: number;
}

/** The SQL of subscriptions in one place. */
export function subscriptionStatements(database: Database) {
  const listed =
    "SELECT s.id, s.uuid, t.account, t.name, s.owner, s.protocol, s.endpoint, s.confirmed FROM subscription s JOIN topic t ON t.id = s.topic";
  return {
    find: database.prepare<SubscriptionRow>(
      "SELECT id, topic, owner, principal, protocol, endpoint, attributes, filtered, base_url, confirmed, authenticated, signed_end FROM subscription WHERE uuid = ?",
    ),
    byEndpoint: database.prepareTuples<[uuid: string, attributes: string, confirmed: number]>(
      "SELECT uuid, attributes, confirmed FROM subscription WHERE topic = ? AND protocol = ? AND endpoint = ?",
    ),
    insert: database.prepare("INSERT INTO subscription VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"),
    confirm: database.prepare("UPDATE subscription SET confirmed = 1, authenticated = ?, signed_end = ? WHERE id = ?"),
    keepEnded: database.prepare("INSERT OR REPLACE INTO ended_subscription VALUES (?, ?, ?, ?)"),
    findEnded: database.prepareTuples<[topic: number, subscription: string]>(
      "SELECT topic, subscription FROM ended_subscription WHERE uuid = ?",
    ),
    dropEnded: database.prepare("DELETE FROM ended_subscription WHERE uuid = ?"),
    oldEnded: database.prepareTuples<[string]>("SELECT uuid FROM ended_subscription WHERE ended_ms <= ? LIMIT ?"),
    oldPending: database.prepareTuples<[id: number, topic: number]>(
      "SELECT id, topic FROM subscription WHERE confirmed = 0 AND made_ms <= ? LIMIT ?",
    ),
    delete: database.prepare("DELETE FROM subscription WHERE id = ?"),
    setAttributes: database.prepare("UPDATE subscription SET attributes = ?, filtered = ? WHERE id = ?"),
    filteredOf: database.prepareTuples<[number]>("SELECT count(*) FROM subscription WHERE topic = ? AND filtered = 1"),
    confirmed: database.prepareTuples<[uuid: string, protocol: Protocol, endpoint: string, attributes: string, baseUrl: string]>(
      "SELECT uuid, protocol, endpoint, attributes, base_url FROM subscription WHERE topic = ? AND confirmed = 1 ORDER BY id",
    ),
    listTopic: database.prepareTuples<ListedRow>(`${listed} WHERE s.topic = ? AND s.id > ? ORDER BY s.id LIMIT ?`),
    listAccount: database.prepareTuples<ListedRow>(
      `${listed} WHERE s.owner = ? AND s.region = ? AND s.id > ? AND t.deleted = 0 ORDER BY s.id LIMIT ?`,
    ),
  };
}
