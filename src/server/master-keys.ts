import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { MASTER_KEY_BYTES } from "../storage/encryption.ts";
import { BadSetting } from "./config.ts";

/**
 * Reads master keys from a file: a key of 32 bytes a line, in hexadecimal or base64; the first encrypts, all decrypt.
 * Empty lines and lines that begin with # say nothing.
 * @throws {BadSetting} others may read the file, or it is not as it should be. Keys are never repeated.
 */
export function readMasterKeys(file: string): Uint8Array[] {
  const lines = readGuarded(file)
    .split("\n")
    .map((line, index) => ({ text: line.trim(), where: `The master key file ${file}, line ${index + 1}` }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"));
  const keys = lines.map(({ text, where }) => {
    const key = readKey(text);
    if (key === undefined)
      throw new BadSetting(
        `${where}: a key is ${MASTER_KEY_BYTES} bytes in hexadecimal or base64, as \`openssl rand -base64 32\` makes them.`,
      );
    return { key, where };
  });
  for (const [index, { key, where }] of keys.entries())
    if (keys.findIndex((other) => Buffer.compare(other.key, key) === 0) < index) throw new BadSetting(`${where} repeats a key.`);
  if (keys.length === 0) throw new BadSetting(`The master key file ${file} holds no key.`);
  return keys.map(({ key }) => key);
}

function readKey(text: string): Uint8Array | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, "hex");
  return /^[A-Za-z0-9+/]{43}=?$/.test(text) ? Buffer.from(text, "base64") : undefined;
}

/** Looks at the very file that is then read: a name could be given to another file in between. */
function readGuarded(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const { mode, uid } = fstatSync(descriptor);
    const refusal = exposure({ mode, uid, ourUid: process.getuid?.() });
    if (refusal !== undefined) throw new BadSetting(`The master key file ${file} ${refusal}`);
    return readFileSync(descriptor, "utf8");
  } catch (error) {
    if (error instanceof BadSetting) throw error;
    throw new BadSetting(`The master key file ${file} cannot be read: ${(error as Error).message}.`);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * What is wrong with who may read the file. The rule is that of PostgreSQL for its private key: mode 0600 or less where
 * the file is ours, 0640 or less where it is root's, as secrets of containers are mounted.
 * @param file `ourUid`: undefined where the platform has no such owners, and nothing can be told.
 */
export function exposure(file: { readonly mode: number; readonly uid: number; readonly ourUid: number | undefined }): string | undefined {
  if (file.ourUid === undefined) return undefined;
  if (file.uid !== file.ourUid && file.uid !== 0) return "belongs to another user, who can read it; make it yours with chown.";
  const forbidden = file.uid === 0 ? 0o037 : 0o077;
  if ((file.mode & forbidden) === 0) return undefined;
  const mode = (file.mode & 0o777).toString(8).padStart(4, "0");
  return `can be read or changed by others (mode ${mode}); take that from them with chmod 600.`;
}
