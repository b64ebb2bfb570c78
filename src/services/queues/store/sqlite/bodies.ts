import { hash } from "node:crypto";
import type { Logger } from "../../../../kernel/logger.ts";
import type { Keyring } from "../../../../storage/encryption.ts";
import { CannotOpen, type Database } from "../../../../storage/sqlite/index.ts";
import type { MessageContent } from "../store.ts";
import type { BodyRow } from "./message-statements.ts";

/** A body as its column holds it: text as it was sent, or bytes that are its encrypted form. */
export type StoredBody = string | Uint8Array;

/** What may be asked to show it: a row of `body`. */
export interface BodyColumns {
  readonly id: string;
  readonly bodyMd5: string;
  readonly body: StoredBody;
}

/**
 * Bodies on their way into and out of the table `body`; whoever reads one reads it here. An encrypted body belongs to
 * its MessageId: a message keeps that wherever it moves, and in no other message's place does the body decrypt.
 */
export class Bodies {
  readonly #keyring: Keyring;
  readonly #logger: Logger;

  constructor(options: { keyring: Keyring; logger: Logger }) {
    this.#keyring = options.keyring;
    this.#logger = options.logger;
  }

  /**
   * The columns `body` and `body_md5`. The digest of an encrypted body is not kept, since it would tell short bodies.
   * @param encrypted whether the queue has encryption on. Without a master key the body is kept plain all the same.
   */
  stored(message: { id: string; body: string; bodyMd5: string }, encrypted: boolean): { body: StoredBody; bodyMd5: string } {
    if (!encrypted || !this.#keyring.encrypts) return message;
    return { body: this.#keyring.encrypt(message.body, belongsTo(message.id)), bodyMd5: "" };
  }

  /** A row of `body` as who receives the message may see it; undefined where its body cannot be decrypted. */
  content(row: BodyRow | undefined): MessageContent | undefined {
    if (row === undefined) throw new Error("a message has no body");
    const [id, senderId, bodyMd5, attributes, traceHeader, groupId, deduplicationId, body] = row;
    const read = this.read({ id, bodyMd5, body });
    return read && { id, senderId, attributes, traceHeader, groupId, deduplicationId, ...read };
  }

  /** The body and its digest, lower-case hex; undefined where it cannot be decrypted, which the log then tells. */
  read({ id, body, bodyMd5 }: BodyColumns): { readonly body: string; readonly bodyMd5: string } | undefined {
    if (typeof body === "string") return { body, bodyMd5 };
    const decrypted = this.#keyring.decrypt(body, belongsTo(id));
    if ("text" in decrypted) return { body: decrypted.text, bodyMd5: hash("md5", decrypted.text) };
    this.#logger.error("a message cannot be decrypted and is withheld", {
      messageId: id,
      because: decrypted.refused === "altered" ? "its stored bytes were altered" : "its master key is not given",
      masterKey: decrypted.keyId,
    });
    return undefined;
  }
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
