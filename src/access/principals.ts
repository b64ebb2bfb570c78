import type { Asker } from "./asker.ts";
import type { Reading } from "./language.ts";

/** Whom a statement is about. */
export interface Principals {
  readonly everyone: boolean;
  /** Twelve digits each: all identities of the account. */
  readonly accounts: ReadonlySet<string>;
  /** Single identities, as `<account>:user/<name>`. */
  readonly identities: ReadonlySet<string>;
  /** `s3.amazonaws.com` */
  readonly services: ReadonlySet<string>;
  /** How many were named. */
  readonly count: number;
}

const IDENTITY_ARN = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):((?:user|role|assumed-role|federated-user)\/[\w+=,.@/-]{1,512}|root)$/;
const SERVICE = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/;

/**
 * The element `Principal`: `"*"`, or `{"AWS": …, "Service": …}` with one or several names each.
 * @throws {ServiceError} where a name is no account, identity or service. A star within a name means nothing, as with AWS.
 */
export function parsePrincipals(value: unknown, reading: Reading): Principals {
  const { where, language } = reading;
  const { invalid } = language;
  const everyone = { everyone: true, accounts: new Set<string>(), identities: new Set<string>(), services: new Set<string>(), count: 1 };
  if (value === "*") return everyone;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${where}: Principal must be "*" or an object with the member AWS or Service.`);
  }
  const accounts = new Set<string>();
  const identities = new Set<string>();
  const services = new Set<string>();
  let isEveryone = false;
  let count = 0;
  for (const [kind, named] of Object.entries(value)) {
    if (kind !== "AWS" && kind !== "Service") throw invalid(`${where}: principals of the kind "${kind}" are not known here.`);
    for (const name of namesOf(named, `Principal.${kind}`, reading)) {
      count += 1;
      if (kind === "Service") services.add(checkedService(name, reading));
      else if (name === "*") isEveryone = true;
      else if (/^\d{12}$/.test(name)) accounts.add(name);
      else {
        const [, account, identity] = IDENTITY_ARN.exec(name) ?? [];
        if (account === undefined || identity === undefined) {
          throw invalid(`${where}: the principal "${name}" is neither "*", an account of twelve digits, nor the ARN of an identity.`);
        }
        if (identity === "root") accounts.add(account);
        else identities.add(`${account}:${identity}`);
      }
    }
  }
  if (count === 0) throw invalid(`${where}: Principal names nobody.`);
  return { everyone: isEveryone, accounts, identities, services, count };
}

/** @returns the one name, or those of the list. @throws {ServiceError} where it is something else, or empty. */
export function namesOf(value: unknown, what: string, { where, language }: Reading): string[] {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  if (names.length === 0 || !names.every((name) => typeof name === "string" && name !== "")) {
    throw language.invalid(`${where}: ${what} must be a text or a list of texts, none of them empty.`);
  }
  return names as string[];
}

function checkedService(name: string, { where, language }: Reading): string {
  if (!SERVICE.test(name)) throw language.invalid(`${where}: the service "${name}" must be like "s3.amazonaws.com".`);
  return name;
}

/** Whether the statement is about this asker. A service is meant by its name or by `"*"` alone, never by its owner's account. */
export function isAbout({ everyone, accounts, identities, services }: Principals, asker: Asker): boolean {
  if (everyone) return true;
  if (asker.kind === "service") return services.has(asker.service);
  if (accounts.has(asker.accountId)) return true;
  return identities.size > 0 && identities.has(`${asker.accountId}:${asker.arn.slice(asker.arn.lastIndexOf(":") + 1)}`);
}
