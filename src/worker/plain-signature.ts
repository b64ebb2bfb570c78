import { createHmac, hash } from "node:crypto";
import { assert } from "../kernel/assert.ts";
import { SECOND_MS } from "../kernel/units.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";

/** As AWS clients hold them. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Whom a signature is for. */
interface Scope {
  readonly region: string;
  readonly service: string;
}

/** A header's name, in lower case, and its value. */
export type Header = readonly [name: string, value: string];

/** A request whose path needs no escapes; see `isPlainPath`. */
interface SignableRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  /** All others that the request has of its own. */
  readonly headers: readonly Header[];
  readonly body: string;
}

/** The scope of a request that an AWS client has signed; `undefined` where that is by another algorithm, or not at all. */
export function scopeOf(authorization: string | undefined): Scope | undefined {
  const [, region, service] =
    /^AWS4-HMAC-SHA256 Credential=[^,]+\/\d{8}\/([\w-]+)\/([\w-]+)\/aws4_request,/.exec(authorization ?? "") ?? [];
  return region === undefined || service === undefined ? undefined : { region, service };
}

/** Whether a path is the same before and after any service's rules for escapes and for dots. */
export function isPlainPath(path: string): boolean {
  return /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*\/?$/.test(path) && path !== "";
}

/** What a value is made of that is sent and signed as it stands. */
const PLAIN_VALUE = /^[!-~](?:[ -~]*[!-~])?$/;

/** Signs requests of one scope (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
export class PlainSigner {
  readonly #scope: Scope;
  #key: DayKey | undefined;
  #time = { second: Number.NaN, text: "" };

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /**
   * @param nowMs the time of day in epoch milliseconds.
   * @returns the lines of all headers that the request is to be sent with, that of its host first; `undefined` where one has a value
   * that is not sent as it stands.
   */
  headers({ method, path, host, headers, body }: SignableRequest, credentials: Credentials, nowMs: number): string | undefined {
    const time = this.#timeOf(nowMs);
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const digest = hash("sha256", body);
    const signed: Header[] = [...headers, ["host", host], ["x-amz-content-sha256", digest], ["x-amz-date", time]];
    if (sessionToken !== undefined) signed.push(["x-amz-security-token", sessionToken]);
    signed.sort(byName);
    let canonical = `${method}\n${path}\n\n`;
    let list = "";
    let lines = "";
    for (const [name, value] of signed) {
      if (!PLAIN_VALUE.test(value)) return undefined;
      canonical += `${name}:${value}\n`;
      list += list === "" ? name : `;${name}`;
      if (name !== "host") lines += `${name}: ${value}\r\n`;
    }
    const day = time.slice(0, 8);
    if (this.#key?.day !== day || this.#key.secret !== secretAccessKey) this.#key = new DayKey(this.#scope, day, secretAccessKey);
    const { scope } = this.#key;
    const signature = this.#key.sign(`${ALGORITHM}\n${time}\n${scope}\n${hash("sha256", `${canonical}\n${list}\n${digest}`)}`);
    return `host: ${host}\r\n${lines}authorization: ${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}\r\n`;
  }

  /** `20261122T235958Z`. */
  #timeOf(nowMs: number): string {
    const second = Math.floor(nowMs / SECOND_MS);
    if (second !== this.#time.second) this.#time = { second, text: new Date(second * SECOND_MS).toISOString().replace(/-|:|\.\d+/g, "") };
    return this.#time.text;
  }
}

function byName([a]: Header, [b]: Header): number {
  return a < b ? -1 : 1;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * The key of a day, which takes four digests to make. It signs by HMAC (RFC 2104) as two plain digests over bytes that stand ready: an object of
 * `createHmac` for each signature takes three times as much of a processor.
 */
class DayKey {
  readonly day: string;
  readonly secret: string;
  readonly scope: string;
  /** What is signed comes after the pad. */
  readonly #inner: Buffer;
  readonly #outer: Buffer;

  constructor({ region, service }: Scope, day: string, secret: string) {
    this.day = day;
    this.secret = secret;
    this.scope = `${day}/${region}/${service}/aws4_request`;
    let key: Buffer = Buffer.from(`AWS4${secret}`);
    for (const part of [day, region, service, "aws4_request"]) key = createHmac("sha256", key).update(part).digest();
    const pad = (byte: number, room: number) => Buffer.alloc(BLOCK_BYTES + room, byte).map((each, at) => each ^ (key[at] ?? 0)) as Buffer;
    this.#inner = pad(0x36, BLOCK_BYTES * 4);
    this.#outer = pad(0x5c, DIGEST_BYTES);
  }

  /** @param text less than 256 characters of ASCII. */
  sign(text: string): string {
    const length = this.#inner.write(text, BLOCK_BYTES, "latin1");
    assert(length === text.length, "what is signed is longer than a scope can make it");
    hash("sha256", this.#inner.subarray(0, BLOCK_BYTES + length), "buffer").copy(this.#outer, BLOCK_BYTES);
    return hash("sha256", this.#outer);
  }
}
