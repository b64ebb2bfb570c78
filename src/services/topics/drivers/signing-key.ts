import { createPrivateKey, generateKeyPair, generateKeyPairSync, hash, sign, X509Certificate, type KeyObject } from "node:crypto";
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { threadId } from "node:worker_threads";
import type { Clock } from "../../../kernel/clock.ts";
import { DAY_MS } from "../../../kernel/units.ts";
import type { SignatureVersion } from "../rules/signature.ts";
import { selfSigned } from "./certificate.ts";
import type { Signer } from "./driver.ts";
import { SigningThreads } from "./signing-threads.ts";

const MODULUS_BITS = 2048;
const VALID_MS = 20 * 365 * DAY_MS;
const COMMON_NAME = "Millrace notifications";
const DIGESTS: Readonly<Record<SignatureVersion, string>> = { "1": "sha1", "2": "sha256" };

interface Identity {
  readonly privateKey: KeyObject;
  readonly certificate: string;
  readonly path: string;
}

const generate = promisify(generateKeyPair);

/**
 * The installation's key: read from the data directory, or made when it is first needed and kept there, readable by its
 * owner alone. A subscriber that has fetched the certificate can so verify messages of later starts.
 * @param directory undefined: it is kept in memory.
 */
export function signingKey(directory: string | undefined, clock: Clock): Signer {
  const file = directory === undefined ? undefined : join(directory, "signing-key.pem");
  let identity: Identity | undefined;
  let making: Promise<Identity> | undefined;
  let threads: SigningThreads | undefined;
  const keep = (privateKey: KeyObject) => (identity ??= kept(file, { privateKey, certificate: certificateOf(privateKey, clock) }));
  const make = async () => keep((await generate("rsa", { modulusLength: MODULUS_BITS })).privateKey);
  const current = async () => identity ?? (identity = read(file)) ?? (await (making ??= make().finally(() => (making = undefined))));
  return {
    async sign(version, text) {
      const by = identity ?? (await current());
      threads ??= new SigningThreads(pemOf(by));
      return { signature: await threads.sign(DIGESTS[version], text), certificatePath: by.path };
    },
    signNow(version, text) {
      const by = identity ?? (identity = read(file)) ?? keep(generateKeyPairSync("rsa", { modulusLength: MODULUS_BITS }).privateKey);
      return { signature: sign(DIGESTS[version], Buffer.from(text), by.privateKey).toString("base64"), certificatePath: by.path };
    },
    async certificateAt(path) {
      if (!/^\/SimpleNotificationService-[0-9a-f]+\.pem$/.test(path)) return undefined;
      const { path: own, certificate } = await current();
      return path === own ? certificate : undefined;
    },
    close: () => threads?.close(),
  };
}

function pemOf({ privateKey }: Pick<Identity, "privateKey">): string {
  return privateKey.export({ type: "pkcs8", format: "pem" });
}

function certificateOf(privateKey: KeyObject, clock: Clock): string {
  const fromMs = clock.nowMs() - DAY_MS; // A subscriber's clock may be behind.
  return selfSigned({ privateKey, commonName: COMMON_NAME, fromMs, untilMs: fromMs + VALID_MS });
}

function identityOf(privateKey: KeyObject, certificate: string): Identity {
  const digest = hash("sha256", new X509Certificate(certificate).raw, "hex").slice(0, 32);
  return { privateKey, certificate, path: `/SimpleNotificationService-${digest}.pem` };
}

/** Key and certificate stand in one file, so that there is never one without the other. */
function read(file: string | undefined): Identity | undefined {
  let pem: string;
  try {
    if (file === undefined) return undefined;
    pem = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const start = pem.indexOf("-----BEGIN CERTIFICATE-----");
  if (start < 0) throw new Error(`${file} holds no certificate; remove it, and a new key is made`);
  return identityOf(createPrivateKey(pem.slice(0, start)), pem.slice(start));
}

/** On stable storage before anything is signed with it. Of several threads the first one's key counts. */
function kept(file: string | undefined, { privateKey, certificate }: { privateKey: KeyObject; certificate: string }): Identity {
  const identity = identityOf(privateKey, certificate);
  if (file === undefined) return identity;
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.unfinished-${threadId}`;
  const descriptor = openSync(unfinished, "w", 0o600);
  writeSync(descriptor, pemOf(identity) + certificate);
  fsyncSync(descriptor);
  closeSync(descriptor);
  const isFirst = linkIfNone(unfinished, file);
  unlinkSync(unfinished);
  const directory = openSync(dirname(file), "r");
  fsyncSync(directory);
  closeSync(directory);
  return isFirst ? identity : (read(file) ?? identity);
}

/** Several threads may need a key for the first time: all take the one that was there first. */
function linkIfNone(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
