import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import assert from "node:assert/strict";
import { type ManualClock, manualClock } from "../kernel/clock.ts";
import { ServiceError } from "../kernel/service-error.ts";
import { bodyOf, type HttpRequest } from "../wire/http.ts";
import type { Credential, Verifier, VerifierOptions } from "./auth.ts";
import { createVerifier } from "./verifier.ts";

/** What the tests of this folder share: a clock, two keys, official signers, and requests as a socket would bring them. */

export const NOW_MS = Date.UTC(2026, 0, 1, 12, 0, 0);

export const ALICE: Credential = {
  accessKeyId: "AKIAALICEEXAMPLE0001",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  accountId: "111111111111",
  arn: "arn:aws:iam::111111111111:user/alice",
  uniqueId: "AIDAALICEEXAMPLE00001",
};

export const BOB: Credential = {
  accessKeyId: "AKIABOBEXAMPLE000002",
  secretAccessKey: "bobs-secret-has-another-length",
  accountId: "222222222222",
  arn: "arn:aws:iam::222222222222:user/bob",
  uniqueId: "AIDABOBEXAMPLE0000002",
};

/** A verifier in `keys` mode and the clock that it reads. */
export function keysVerifier(
  options: Partial<VerifierOptions> = {},
  clock: ManualClock = manualClock(NOW_MS),
): Verifier & { clock: ManualClock } {
  const verifier = createVerifier({
    clock,
    credentials: [ALICE, BOB],
    mode: "keys",
    defaultRegion: "eu-west-9",
    defaultAccount: "000000000000",
    ...options,
  });
  return Object.assign(verifier, { clock });
}

/** A request as the signers see it: text, and a path that is already encoded. */
export interface Signable {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface Signing {
  readonly service: string;
  readonly region?: string;
  readonly credential?: Credential;
  readonly dateMs?: number;
}

/** A request in parts that a test can change one by one. */
export interface Parts {
  method: string;
  path: string;
  /** Encoded. */
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  body: Uint8Array;
}

/** The SHA-256 interface of the official signers over Node's own hashes. */
class NodeSha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as Uint8Array);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    throw new Error("signers make a new hash for each message");
  }
}

function signerOf(signing: Signing): SignatureV4 {
  return new SignatureV4({
    credentials: signing.credential ?? ALICE,
    region: signing.region ?? "us-east-1",
    service: signing.service,
    sha256: NodeSha256,
    uriEscapePath: signing.service !== "s3",
    applyChecksum: signing.service === "s3",
  });
}

/** Signed in its headers by `@smithy/signature-v4`. */
export async function signed(request: Signable, signing: Signing): Promise<Parts> {
  const result = await signerOf(signing).sign(smithy(request), { signingDate: new Date(signing.dateMs ?? NOW_MS) });
  return partsOf(result, request.body);
}

/** Presigned by `@smithy/signature-v4`. */
export async function presigned(request: Signable, signing: Signing & { expiresIn?: number }): Promise<Parts> {
  const result = await signerOf(signing).presign(smithy(request), {
    signingDate: new Date(signing.dateMs ?? NOW_MS),
    expiresIn: signing.expiresIn ?? 900,
  });
  return partsOf(result, request.body);
}

function smithy(request: Signable): Parameters<SignatureV4["presign"]>[0] {
  const query = Object.fromEntries(
    Object.entries(request.query ?? {}).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
  return { ...request, query, headers: { ...request.headers }, protocol: "http:", hostname: "localhost", port: 4566 };
}

/** A request as a test wants it signed, down to what no official signer would do. */
export interface Handmade {
  readonly credential?: Credential;
  readonly service?: string;
  /** `20260101`, the day in the scope. */
  readonly day?: string;
  readonly method?: string;
  readonly target?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signedHeaders: string;
  readonly payload?: string;
  /** `20260101T120000Z`, the time in the string to sign. */
  readonly date?: string;
}

/** A signature written down from AWS's description, without any code of ours. The path must need no encoding. */
function handSignature(made: Handmade): { credential: string; signature: string } {
  const { credential = ALICE, service = "s3", day = "20260101", method = "GET", target = "/", date = "20260101T120000Z" } = made;
  const [path = "/", query = ""] = target.split("?");
  const lower = new Map(Object.entries(made.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const lines = made.signedHeaders.split(";").map((name) => `${name}:${lower.get(name) ?? ""}\n`);
  const canonical = [
    method,
    path,
    query.split("&").sort().join("&"),
    lines.join(""),
    made.signedHeaders,
    made.payload ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
  const scope = `${day}/us-east-1/${service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${createHash("sha256").update(canonical).digest("hex")}`;
  let key: string | Buffer = `AWS4${credential.secretAccessKey}`;
  for (const step of scope.split("/")) key = createHmac("sha256", key).update(step).digest();
  return { credential: `${credential.accessKeyId}/${scope}`, signature: createHmac("sha256", key).update(toSign).digest("hex") };
}

/** The same as a request that carries it in its header. */
export function handSigned(made: Handmade): HttpRequest {
  const { credential, signature } = handSignature(made);
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${made.signedHeaders}, Signature=${signature}`;
  return request({ ...made, headers: { ...made.headers, Authorization: authorization } });
}

/** The same as a presigned URL. @param parameters beside those of the signature: names to encoded values. */
export function handPresigned(made: Handmade, parameters: Readonly<Record<string, string>> = {}): HttpRequest {
  const { credential = ALICE, service = "s3", day = "20260101", date = "20260101T120000Z" } = made;
  const all = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${credential.accessKeyId}%2F${day}%2Fus-east-1%2F${service}%2Faws4_request`,
    "X-Amz-Date": date,
    "X-Amz-Expires": "900",
    "X-Amz-SignedHeaders": escape(made.signedHeaders),
    ...parameters,
  };
  const target = `${made.target ?? "/"}?${Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join("&")}`;
  const { signature } = handSignature({ ...made, target });
  return request({ ...made, target: `${target}&X-Amz-Signature=${signature}` });
}

type QueryValue = string | readonly string[] | null | undefined;

/** What a signer made, as parts. Header values become the bytes of their UTF-8, which is how they travel. */
export function partsOf(
  request: { method: string; path: string; query?: Record<string, QueryValue>; headers: Record<string, string> },
  body: string | Uint8Array = "",
): Parts {
  const query: Parts["query"] = [];
  for (const [name, value] of Object.entries(request.query ?? {})) {
    for (const each of Array.isArray(value) ? value : [value ?? ""]) query.push([escape(name), escape(String(each))]);
  }
  return {
    method: request.method,
    path: request.path,
    query,
    headers: Object.entries(request.headers).map(([name, value]) => [name, Buffer.from(value).toString("latin1")]),
    body: typeof body === "string" ? Buffer.from(body) : body,
  };
}

/** Percent-encoding of all but letters, digits and `-._~`. */
export function escape(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The request that a socket would have brought. */
export function http(parts: Parts): HttpRequest {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of parts.headers) headers[name.toLowerCase()] ??= value;
  const query = parts.query.map(([name, value]) => `${name}=${value}`).join("&");
  return {
    method: parts.method,
    target: query === "" ? parts.path : `${parts.path}?${query}`,
    rawHeaders: parts.headers.flat(),
    headers,
    body: bodyOf(parts.body),
    remoteAddress: "127.0.0.1",
    signal: new AbortController().signal,
  };
}

export function request(head: { method?: string; target?: string; headers?: Record<string, string>; body?: string }): HttpRequest {
  const headers = Object.entries(head.headers ?? {});
  return {
    ...http({ method: head.method ?? "GET", path: "/", query: [], headers, body: Buffer.from(head.body ?? "") }),
    target: head.target ?? "/",
  };
}

/** The value of a header among parts, by lower-case name. */
export function header(parts: Parts, name: string): string {
  return parts.headers.find(([found]) => found.toLowerCase() === name)?.[1] ?? "";
}

export function withHeader(parts: Parts, name: string, value: string): Parts {
  return { ...parts, headers: [...parts.headers.filter(([found]) => found.toLowerCase() !== name), [name, value]] };
}

/** Fails unless the call is refused with this code; a bug that throws something else is no refusal. */
export function refuses(code: string | RegExp, call: () => unknown): ServiceError {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  return isRefusal(code, thrown);
}

export async function rejects(code: string | RegExp, promise: Promise<unknown>): Promise<ServiceError> {
  let thrown: unknown;
  try {
    await promise;
  } catch (error) {
    thrown = error;
  }
  return isRefusal(code, thrown);
}

function isRefusal(code: string | RegExp, thrown: unknown): ServiceError {
  if (thrown === undefined) assert.fail(`was accepted, expected ${code}`);
  if (!(thrown instanceof ServiceError)) assert.fail(`threw what is no refusal: ${thrown instanceof Error ? thrown.stack : typeof thrown}`);
  if (typeof code === "string") assert.equal(thrown.code, code, thrown.message);
  else assert.match(thrown.code, code, thrown.message);
  return thrown;
}
