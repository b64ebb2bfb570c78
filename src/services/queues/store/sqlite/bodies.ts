import { hash } from "node:crypto";
import type { Logger } from "../../../../kernel/logger.ts";
import type { Keyring } from "../../../../storage/encryption.ts";
import { CannotOpen, isCorrupt, RunAgain, type Database, type Value } from "../../../../storage/sqlite/index.ts";
import type { MessageContent } from "../store.ts";
import { checksumOf, type Standing } from "./checksum.ts";
import type { BodyColumns, StoredBody } from "./message-statements.ts";

type BodyRow = [
  id: string,
  senderId: string,
  bodyMd5: string,
  attributes: string | null,
  traceHeader: string | null,
  groupId: string | null,
  deduplicationId: string | null,
  body: StoredBody,
  checksum: number | null,
];

/** Where messages are to stand that are sent together. */
interface Sending extends Omit<Standing, "sequence"> {
  /** Whether the queue has encryption on. Without a master key the body is kept plain all the same. */
  readonly encrypted: boolean;
}

interface Placed {
  readonly sequence: number;
  readonly content: MessageContent;
}

/** What is wrong with a message that is not what was sent: its checksum or its encryption says so, or there is no reading it. */
export type Damage = "checksum" | "encryption" | "unreadable" | "missing";

/**
 * Bodies on their way into and out of the table `body`; whoever reads one reads it here, and nothing leaves here that is
 * not as it was stored. An encrypted body belongs to its MessageId: a message keeps that wherever it moves, and in no
 * other message's place does the body decrypt.
 */
export class Bodies {
  readonly #keyring: Keyring;
  readonly #logger: Logger;
  readonly #sql;
  /** Sequences of messages whose rows cannot be read. */
  readonly #unreadable = new Set<number>();

  constructor(database: Database, options: { keyring: Keyring; logger: Logger }) {
    this.#sql = statements(database);
    this.#keyring = options.keyring;
    this.#logger = options.logger;
  }

  insert({ queueId, sentMs, encrypted }: Sending, messages: readonly Placed[]): void {
    const values: Value[] = [];
    for (const { sequence, content } of messages) {
      const stored = this.#stored(content, encrypted);
      const { id, senderId, bodyMd5, attributes, traceHeader, groupId, deduplicationId, body } = stored;
      const checksum = checksumOf({ queueId, sequence, sentMs }, stored);
      values.push(sequence, id, senderId, bodyMd5, attributes, traceHeader, groupId, deduplicationId, body, checksum);
    }
    this.#sql.insert.run(values);
  }

  /**
   * Takes a body along with its message.
   * @param columns as `columns` has read them where the message stood before; what is different now is kept so.
   */
  move(from: number, to: Standing, columns: BodyColumns): void {
    this.#sql.move.run(to.sequence, columns.deduplicationId, checksumOf(to, columns), from);
  }

  /** The body of the message that stands there, verified, but not decrypted; or why it must not be delivered. */
  columns(standing: Standing): BodyColumns | Damage {
    if (this.#unreadable.has(standing.sequence)) return "unreadable";
    const row = this.#reading(standing.sequence, () => this.#sql.read.get(standing.sequence));
    if (row === undefined) return "missing";
    const [id, senderId, bodyMd5, attributes, traceHeader, groupId, deduplicationId, body, checksum] = row;
    const columns = { id, senderId, bodyMd5, attributes, traceHeader, groupId, deduplicationId, body };
    return isAsStored(standing, columns, checksum) ? columns : "checksum";
  }

  /** What is seen of a message; undefined where its master key is not given, which the log then tells. */
  content(columns: BodyColumns): MessageContent | Damage | undefined {
    const { id, body, bodyMd5 } = columns;
    if (typeof body === "string")
      return bodyMd5 === "" ? { ...columns, body, bodyMd5: hash("md5", body) } : (columns as BodyColumns & { body: string });
    const decrypted = this.#keyring.decrypt(body, belongsTo(id));
    if ("text" in decrypted) return { ...columns, body: decrypted.text, bodyMd5: hash("md5", decrypted.text) };
    if (decrypted.refused === "altered") return "encryption";
    this.#logger.error("a message cannot be decrypted and is withheld", {
      messageId: id,
      because: "its master key is not given",
      masterKey: decrypted.keyId,
    });
    return undefined;
  }

  /** Both at once. */
  read(standing: Standing): MessageContent | Damage | undefined {
    const columns = this.columns(standing);
    return typeof columns === "string" ? columns : this.content(columns);
  }

  /** What is known of a message without its body, for searches; not verified. Undefined where it cannot be read. */
  head(sequence: number): { readonly id: string; readonly groupId: string | null; readonly attributes: string | null } | undefined {
    if (this.#unreadable.has(sequence)) return undefined;
    const row = this.#reading(sequence, () => this.#sql.head.get(sequence));
    return row && { id: row[0], groupId: row[1], attributes: row[2] };
  }

  /** SQLite gives a transaction up that has met a row which it cannot read; the next one passes that row by. */
  #reading<T>(sequence: number, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      this.#unreadable.add(sequence);
      throw new RunAgain();
    }
  }

  /** The digest of an encrypted body is not kept, since it would tell short bodies. */
  #stored(message: MessageContent, encrypted: boolean): BodyColumns {
    if (!encrypted || !this.#keyring.encrypts) return message;
    return { ...message, body: this.#keyring.encrypt(message.body, belongsTo(message.id)), bodyMd5: "" };
  }
}

/** Rows of releases that knew no checksum have the MD5 of a plain body; an encrypted one is told by its decryption. */
function isAsStored(standing: Standing, columns: BodyColumns, checksum: number | null): boolean {
  if (checksum !== null) return checksumOf(standing, columns) === checksum;
  return typeof columns.body !== "string" || hash("md5", columns.body) === columns.bodyMd5;
}

function statements(database: Database) {
  return {
    insert: database.prepareInsert("body", [
      "sequence",
      "message_id",
      "sender_id",
      "body_md5",
      "attributes",
      "trace_header",
      "group_id",
      "deduplication_id",
      "body",
      "checksum",
    ]),
    move: database.prepare("UPDATE body SET sequence = ?, deduplication_id = ?, checksum = ? WHERE sequence = ?"),
    read: database.prepareTuples<BodyRow>(`
      SELECT message_id, sender_id, body_md5, attributes, trace_header, group_id, deduplication_id, body, checksum
      FROM body WHERE sequence = ?`),
    head: database.prepareTuples<[id: string, groupId: string | null, attributes: string | null]>(
      "SELECT message_id, group_id, attributes FROM body WHERE sequence = ?",
    ),
  };
}

function belongsTo(messageId: string): string {
  return `queues/body/${messageId}`;
}

/**
 * Finds the master keys that stored bodies need and that are not given. Deleted messages need none.
 * @throws {CannotOpen} unless lost keys are to be ignored; then it is logged.
 */
export function checkMasterKeys(database: Database, options: { keyring: Keyring; ignoreLostKeys: boolean; logger: Logger }): void {
  const missing = keysInUse(database).filter((keyId) => !options.keyring.has(keyId));
  if (missing.length === 0) return;
  const keys = missing.join(", ");
  if (!options.ignoreLostKeys)
    throw new CannotOpen(
      `The data directory holds messages encrypted with ${missing.length === 1 ? "a master key that is" : "master keys that are"} not given (${keys}). ` +
        "Give the file with that key as --master-key, as a further line if there is a newer one; or, should the key be lost, say --ignore-lost-keys: these messages are then withheld.",
    );
  options.logger.error("master keys are lost; the messages encrypted with them are withheld", { masterKeys: keys });
}

/** Ids of the master keys of all bodies that are still wanted, each found by one step in an index. */
function keysInUse(database: Database): string[] {
  const next = database.prepareTuples<[Uint8Array]>(`
    SELECT substr(body, 2, 8) FROM body WHERE typeof(body) = 'blob' AND substr(body, 2, 8) > ?
    ORDER BY substr(body, 2, 8) LIMIT 1`);
  const wanted = database.prepareTuples<[number]>(`
    SELECT 1 FROM body WHERE typeof(body) = 'blob' AND substr(body, 2, 8) = ?
    AND NOT EXISTS (SELECT 1 FROM dead WHERE dead.sequence = body.sequence) LIMIT 1`);
  const keys: string[] = [];
  for (let key = next.get(new Uint8Array(0))?.[0]; key !== undefined; key = next.get(key)?.[0])
    if (wanted.get(key) !== undefined) keys.push(Buffer.from(key).toString("hex"));
  return keys;
}
