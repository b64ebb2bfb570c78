import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Credential } from "../auth/index.ts";
import { BadSetting } from "./config.ts";
import { exposure } from "./master-keys.ts";

/** A member of an entry of the credentials file. The reference page is made from this list. */
export interface CredentialField {
  readonly name: string;
  readonly required: boolean;
  readonly pattern: RegExp;
  /** What it must be, to follow "must be". */
  readonly expected: string;
  readonly meaning: string;
}

export const CREDENTIAL_FIELDS: readonly CredentialField[] = [
  {
    name: "accessKeyId",
    required: true,
    pattern: /^[A-Za-z0-9_]{3,128}$/,
    expected: "3 to 128 letters, digits or underscores",
    meaning: "the public half of the key, named in each request; stands once in the file",
  },
  {
    name: "secretAccessKey",
    required: true,
    pattern: /^.{16,}$/,
    expected: "at least 16 characters",
    meaning: "the secret half, with which requests are signed",
  },
  {
    name: "accountId",
    required: true,
    pattern: /^\d{12}$/,
    expected: "twelve digits",
    meaning: "whose the key is: an account owns its queues and buckets, and sees no other's",
  },
  {
    name: "name",
    required: false,
    pattern: /^[\w+=,.@-]{1,64}$/,
    expected: "a user name: 1 to 64 letters, digits or `+=,.@_-`",
    meaning: "the user of the account; without it the key is that of the account's root",
  },
];

/**
 * Reads access keys from a JSON file:
 *
 *     [{ "accessKeyId": "AK…", "secretAccessKey": "…", "accountId": "000000000000", "name": "photos" }]
 *
 * Several entries of one account and name are keys of one identity, as they are while a key is being replaced.
 * @throws {BadSetting} the file cannot be read, or what is wrong with which entry. Secrets are never repeated.
 */
export function readCredentials(file: string): Credential[] {
  let entries: unknown;
  try {
    entries = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new BadSetting(
      `The credentials file ${file} cannot be read as JSON: ${error instanceof SyntaxError ? "it is not well-formed" : (error as Error).message}.`,
    );
  }
  if (!Array.isArray(entries) || entries.length === 0)
    throw new BadSetting(`The credentials file ${file} must hold a list with at least one entry.`);
  const credentials = entries.map((entry: unknown, index) => readEntry(entry, `${file}, entry ${index + 1}`));
  const ids = credentials.map(({ accessKeyId }) => accessKeyId);
  const repeated = ids.findIndex((id, index) => ids.indexOf(id) < index);
  // Which of two secrets counts would be a matter of order.
  if (repeated !== -1) throw new BadSetting(`${file}, entry ${repeated + 1}: the access key ${ids[repeated]} stands in an entry before.`);
  return credentials;
}

/** Why others than the server can read the secrets, where they can: said, not refused, since many a file has long been so. */
export function exposureOfCredentials(file: string): string | undefined {
  const { mode, uid } = statSync(file);
  return exposure({ mode, uid, ourUid: process.getuid?.() });
}

function readEntry(entry: unknown, where: string): Credential {
  const fields = (typeof entry === "object" && entry !== null ? entry : {}) as Readonly<Record<string, unknown>>;
  const known = CREDENTIAL_FIELDS.map(({ name }) => name);
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  // A name that is misspelt would make a root of a user.
  if (unknown !== undefined) throw new BadSetting(`${where}: ${unknown} means nothing here; an entry has ${known.join(", ")}.`);
  const texts = new Map(CREDENTIAL_FIELDS.map((field) => [field.name, readField(fields[field.name], field, where)]));
  const text = (name: string) => texts.get(name) ?? "";
  const [accountId, name] = [text("accountId"), texts.get("name")];
  const identity = name === undefined ? "root" : `user/${name}`;
  return {
    accessKeyId: text("accessKeyId"),
    secretAccessKey: text("secretAccessKey"),
    accountId,
    arn: `arn:aws:iam::${accountId}:${identity}`,
    uniqueId: name === undefined ? accountId : uniqueId(accountId, name),
  };
}

function readField(value: unknown, { name, required, pattern, expected }: CredentialField, where: string): string | undefined {
  if (value === undefined && !required) return undefined;
  if (typeof value !== "string" || !pattern.test(value)) throw new BadSetting(`${where}: ${name} must be ${expected}.`);
  return value;
}

const BASE_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** `AIDA` and 17 characters, as AWS gives to users: the same after each start, another for each account and name. */
function uniqueId(accountId: string, name: string): string {
  const digest = hash("sha256", `${accountId}/${name}`, "buffer");
  return `AIDA${Array.from(digest.subarray(0, 17), (byte) => BASE_32[byte % 32]).join("")}`;
}
