import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Random } from "../kernel/random.ts";

/**
 * Text as it is kept where it may be read by others: AES-256-GCM (NIST SP 800-38D) under a data key, which is derived
 * (HKDF-SHA-256, RFC 5869) from a master key and a random salt.
 *
 *     bytes      what
 *     0          version of this form: 1
 *     1–8        id of the master key: derived from it, so that another key cannot pass for it
 *     9–24       salt of the data key
 *     25–36      nonce
 *     37–(n−17)  the encrypted text, as UTF-8
 *     (n−16)–n   tag
 *
 * The tag also covers bytes 0–24 and what the text belongs to, so that neither can be exchanged.
 */
const FORM = 1;
const KEY_ID_AT = 1;
const SALT_AT = 9;
const NONCE_AT = 25;
const TEXT_AT = 37;
const TAG_BYTES = 16;

export const MASTER_KEY_BYTES = 32;

/**
 * A data key is changed after so many texts: random nonces of 96 bits then meet with a probability below 2^-37. The
 * standard's limit of 2^32 texts for one key would be reached in five days at ten thousand messages a second.
 */
const TEXTS_PER_DATA_KEY = 2 ** 30;

/** Data keys kept for decrypting; each start of the server makes one. */
const DATA_KEYS_KEPT_MAX = 1000;

/** Why there is no text: the master key is not among those given, or the bytes are not what was written. */
export type Undecryptable = { readonly refused: "key missing" | "altered"; readonly keyId: string };

/** The master keys of a server: the first encrypts, all decrypt. */
export class Keyring {
  readonly #random: Random;
  /** By id. */
  readonly #masterKeys: ReadonlyMap<string, Uint8Array>;
  /** By id of the master key and salt. */
  readonly #dataKeys = new Map<string, Uint8Array>();
  #current: { readonly head: Buffer; readonly key: Uint8Array; left: number } | undefined;

  /** @param masterKeys of 32 bytes each; none: nothing can be encrypted. */
  constructor(masterKeys: readonly Uint8Array[], random: Random) {
    this.#random = random;
    this.#masterKeys = new Map(masterKeys.map((key) => [masterKeyId(key), key]));
  }

  /** Whether it holds a key to encrypt with. */
  get encrypts(): boolean {
    return this.#masterKeys.size > 0;
  }

  has(keyId: string): boolean {
    return this.#masterKeys.has(keyId);
  }

  /** @param belongsTo what the text must be decrypted as; it is not part of the result. */
  encrypt(text: string, belongsTo: string): Buffer {
    const { head, key } = this.#nextDataKey();
    const nonce = this.#random.bytes(TEXT_AT - NONCE_AT);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(Buffer.concat([head, Buffer.from(belongsTo)]));
    return Buffer.concat([head, nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  }

  decrypt(stored: Uint8Array, belongsTo: string): { readonly text: string } | Undecryptable {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
    const keyId = keyIdOf(bytes);
    if (bytes[0] !== FORM || bytes.length < TEXT_AT + TAG_BYTES) return { refused: "altered", keyId };
    const head = bytes.subarray(0, NONCE_AT);
    const key = this.#dataKey(keyId, head);
    if (key === undefined) return { refused: "key missing", keyId };
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(NONCE_AT, TEXT_AT), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.concat([head, Buffer.from(belongsTo)]));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(TEXT_AT, -TAG_BYTES)), decipher.final()]);
      return { text: text.toString() };
    } catch {
      return { refused: "altered", keyId }; // The tag does not fit; there is nothing more to learn from the error.
    }
  }

  #nextDataKey(): { readonly head: Buffer; readonly key: Uint8Array } {
    let current = this.#current;
    if (current === undefined || current.left === 0) {
      const [first] = this.#masterKeys;
      if (first === undefined) throw new Error("a keyring without a key cannot encrypt");
      const [keyId, masterKey] = first;
      const salt = this.#random.bytes(NONCE_AT - SALT_AT);
      const head = Buffer.concat([Buffer.of(FORM), Buffer.from(keyId, "hex"), salt]);
      current = { head, key: derived(masterKey, salt, "millrace data key"), left: TEXTS_PER_DATA_KEY };
      this.#current = current;
    }
    current.left -= 1;
    return current;
  }

  #dataKey(keyId: string, head: Buffer): Uint8Array | undefined {
    const name = head.toString("latin1");
    const kept = this.#dataKeys.get(name);
    if (kept !== undefined) return kept;
    const masterKey = this.#masterKeys.get(keyId);
    if (masterKey === undefined) return undefined;
    const key = derived(masterKey, head.subarray(SALT_AT), "millrace data key");
    if (this.#dataKeys.size >= DATA_KEYS_KEPT_MAX) this.#dataKeys.clear();
    this.#dataKeys.set(name, key);
    return key;
  }
}

/** Names a master key without telling anything of it: sixteen hexadecimal digits. */
export function masterKeyId(masterKey: Uint8Array): string {
  return Buffer.from(derived(masterKey, new Uint8Array(0), "millrace key id").subarray(0, SALT_AT - KEY_ID_AT)).toString("hex");
}

/** The id of the master key under which something was encrypted. */
function keyIdOf(stored: Uint8Array): string {
  return Buffer.from(stored.subarray(KEY_ID_AT, SALT_AT)).toString("hex");
}

function derived(masterKey: Uint8Array, salt: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", masterKey, salt, purpose, MASTER_KEY_BYTES));
}
