import { readFileSync } from "node:fs";
import type { Credential } from "../auth/index.ts";
import { BadSetting } from "./config.ts";

/**
 * Reads access keys from a JSON file:
 *
 *     [{ "accessKeyId": "AK…", "secretAccessKey": "…", "accountId": "000000000000", "name": "photos" }]
 *
 * `name` is optional; without it the keys are those of the account's root.
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
  return entries.map((entry: unknown, index) => readEntry(entry, `${file}, entry ${index + 1}`));
}

function readEntry(entry: unknown, where: string): Credential {
  const fields = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
  const text = (name: string, pattern: RegExp, expected: string) => {
    const value = fields[name];
    if (typeof value !== "string" || !pattern.test(value)) throw new BadSetting(`${where}: ${name} must be ${expected}.`);
    return value;
  };
  const accessKeyId = text("accessKeyId", /^[A-Za-z0-9_]{3,128}$/, "3 to 128 letters, digits or underscores");
  const secretAccessKey = text("secretAccessKey", /^.{16,}$/, "at least 16 characters");
  const accountId = text("accountId", /^\d{12}$/, "twelve digits");
  const name = fields["name"] === undefined ? undefined : text("name", /^[\w+=,.@-]{1,64}$/, "a user name");
  const arn = name === undefined ? `arn:aws:iam::${accountId}:root` : `arn:aws:iam::${accountId}:user/${name}`;
  return { accessKeyId, secretAccessKey, accountId, arn, uniqueId: name === undefined ? accountId : `AIDA${name.toUpperCase()}` };
}
