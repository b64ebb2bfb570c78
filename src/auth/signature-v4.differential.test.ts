import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ServiceError } from "../kernel/service-error.ts";
import type { Verifier } from "./auth.ts";
import {
  ALICE,
  BOB,
  escape,
  header,
  http,
  keysVerifier,
  NOW_MS,
  type Parts,
  presigned,
  type Signable,
  signed,
  withHeader,
} from "./signing.fixture.ts";

/**
 * AWS's own signer makes requests of any shape; all of them must be accepted, and none of them after one change
 * anywhere. A failure prints the seed that repeats it.
 */
const RUNS = Number(process.env["MILLRACE_FUZZ_RUNS"] ?? 400);

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 10 }),
  fc.string({ unit: "binary-ascii", maxLength: 10 }),
  fc.constantFrom("", ".", "..", "a/b", "a b", "+", "%2F", "%252F", "é", "日本", "~", "'()*!", "x-amz-meta-a"),
);
const headerValue = fc
  .array(fc.constantFrom("a", "Z", "0", " ", "  ", "\t", ",", ":", "=", '"', "é", "日", "\u00a0"), { maxLength: 10 })
  .map((pieces) => pieces.join(""));
const headers = fc
  .record(
    {
      "content-type": headerValue,
      "User-Agent": headerValue,
      "cache-control": headerValue,
      Range: headerValue,
      "X-Amz-Meta-Name": headerValue,
      "x-amz-acl": headerValue,
      "amz-sdk-request": headerValue,
      "x-amzn-trace-id": headerValue,
    },
    { requiredKeys: [] },
  )
  .map((some) => Object.fromEntries(Object.entries({ Host: "localhost:4566", ...some }).filter(([, value]) => value !== undefined)));
const path = fc.array(text, { maxLength: 4 }).map((segments) => `/${segments.map(escape).join("/")}`);
// The signer loses a parameter of this name.
const parameterName = text.filter((name) => name !== "__proto__");
const query = fc.dictionary(parameterName, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })), { maxKeys: 4 });
const signable: fc.Arbitrary<Signable> = fc.record({
  method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD"),
  path,
  query,
  headers,
  body: fc.string({ maxLength: 40 }),
});
const service = fc.constantFrom("s3", "sqs", "sns");

/** Content-Length as the client's connection adds it. */
function sent(parts: Parts): Parts {
  return parts.body.length === 0 ? parts : withHeader(parts, "content-length", String(parts.body.length));
}

function accept(verifier: Verifier, parts: Parts): void {
  const request = http(sent(parts));
  const verified = verifier.verifyBody(request, verifier.verify(request), parts.body);
  assert.deepEqual([verified.principal.arn, verified.region], [ALICE.arn, "us-east-1"]);
}

function isRefused(verifier: Verifier, parts: Parts): boolean {
  const request = http(sent(parts));
  try {
    verifier.verifyBody(request, verifier.verify(request), parts.body);
    return false;
  } catch (error) {
    if (error instanceof ServiceError) return true;
    throw error;
  }
}

type Mutation = (parts: Parts, choose: number) => Parts;
const at = <T>(items: readonly T[], choose: number): T | undefined => items[choose % items.length];
const changed = <T>(items: readonly T[], index: number, item: T): T[] => items.map((old, position) => (position === index ? item : old));

/** What can be changed in any request. */
const COMMON: Record<string, Mutation> = {
  method: (parts) => ({ ...parts, method: parts.method === "GET" ? "POST" : "GET" }),
  "method to OPTIONS": (parts) => ({ ...parts, method: "OPTIONS" }),
  "end of the path": (parts) => ({ ...parts, path: `${parts.path}x` }),
  "an encoded slash in the path": (parts) => ({ ...parts, path: `${parts.path}%2F` }),
  "a parameter more": (parts) => ({ ...parts, query: [...parts.query, ["added", "1"]] }),
  "a parameter twice": (parts) => ({ ...parts, query: [...parts.query, at(parts.query, 0) ?? ["added", ""]] }),
  "a parameter's value": (parts, choose) => {
    const index = choose % Math.max(1, parts.query.length);
    const [name, value] = parts.query[index] ?? ["added", ""];
    return { ...parts, query: parts.query.length === 0 ? [[name, value]] : changed(parts.query, index, [name, `${value}x`]) };
  },
  "a parameter's name": (parts, choose) => {
    const index = choose % Math.max(1, parts.query.length);
    const [name, value] = parts.query[index] ?? ["added", ""];
    return { ...parts, query: parts.query.length === 0 ? [[name, value]] : changed(parts.query, index, [`${name}x`, value]) };
  },
  host: (parts) => withHeader(parts, "host", "localhost:4567"),
  "no host": (parts) => ({ ...parts, headers: parts.headers.filter(([name]) => name.toLowerCase() !== "host") }),
  "a second host": (parts) => ({ ...parts, headers: [...parts.headers, ["host", "localhost:4566"]] }),
  "an unsigned x-amz- header": (parts) => ({ ...parts, headers: [...parts.headers, ["X-Amz-Meta-Added", "1"]] }),
};

function authorization(change: (text: string) => string): Mutation {
  return (parts) => withHeader(parts, "authorization", change(header(parts, "authorization")));
}

function flipDigit(signature: string, choose: number): string {
  const index = choose % signature.length;
  return `${signature.slice(0, index)}${signature[index] === "0" ? "1" : "0"}${signature.slice(index + 1)}`;
}

function signedNames(parts: Parts): string[] {
  return /SignedHeaders=([^,]+)/.exec(header(parts, "authorization"))?.[1]?.split(";") ?? [];
}

/** What can be changed in a request that is signed in its header. */
const IN_HEADER: Record<string, Mutation> = {
  ...COMMON,
  body: (parts) => ({ ...parts, body: Buffer.concat([parts.body, Buffer.from("x")]) }),
  "a signed header's value": (parts, choose) => {
    const name = at(signedNames(parts), choose) ?? "";
    return withHeader(parts, name, `${header(parts, name)}x`);
  },
  "a signed header less": (parts, choose) => {
    const gone = at(signedNames(parts), choose);
    return { ...parts, headers: parts.headers.filter(([name]) => name.toLowerCase() !== gone) };
  },
  "a signed header twice": (parts, choose) => {
    const name = at(signedNames(parts), choose) ?? "";
    return { ...parts, headers: [...parts.headers, [name, header(parts, name)]] };
  },
  "credentials twice": (parts) => ({ ...parts, headers: [...parts.headers, ["authorization", header(parts, "authorization")]] }),
  "the time, by a second": (parts) => withHeader(parts, "x-amz-date", "20260101T120001Z"),
  "the scope's day": authorization((text) => text.replace("/20260101/", "/20260102/")),
  "time and day": (parts) =>
    authorization((text) => text.replace("/20260101/", "/20251231/"))(withHeader(parts, "x-amz-date", "20251231T235959Z"), 0),
  "the scope's region": authorization((text) => text.replace("/us-east-1/", "/us-east-2/")),
  "the scope's service": authorization((text) =>
    text.replace(/\/(\w+)\/aws4_request/, (_, name) => `/${name === "s3" ? "sqs" : "s3"}/aws4_request`),
  ),
  "the scope's end": authorization((text) => text.replace("/aws4_request", "/aws5_request")),
  "the access key, for another's": authorization((text) => text.replace(ALICE.accessKeyId, BOB.accessKeyId)),
  "the access key, for nobody's": authorization((text) => text.replace(ALICE.accessKeyId, "AKIANOBODY")),
  "a digit of the signature": (parts, choose) =>
    authorization((text) => text.replace(/[0-9a-f]{64}$/, (signature) => flipDigit(signature, choose)))(parts, choose),
  "the case of the signature": authorization((text) =>
    text.replace(/[0-9a-f]{64}$/, (signature) => `${signature.toUpperCase()}A`.slice(-64)),
  ),
  "the signature's length": authorization((text) => text.slice(0, -1)),
  "a name in SignedHeaders less": (parts, choose) => {
    const names = signedNames(parts);
    const kept = names.filter((_, index) => index !== choose % names.length);
    return authorization((text) => text.replace(/SignedHeaders=[^,]+/, `SignedHeaders=${kept.join(";")}`))(parts, choose);
  },
  "no credentials": (parts) => ({ ...parts, headers: parts.headers.filter(([name]) => name.toLowerCase() !== "authorization") }),
  "credentials in the query string too": (parts) => ({ ...parts, query: [...parts.query, ["X-Amz-Signature", "0".repeat(64)]] }),
};

function parameter(name: string, change: (value: string) => string): Mutation {
  return (parts) => ({ ...parts, query: parts.query.map(([found, value]) => [found, found === name ? change(value) : value]) });
}

/** What can be changed in a presigned request. */
const IN_QUERY: Record<string, Mutation> = {
  ...COMMON,
  "a parameter less": (parts, choose) => ({ ...parts, query: parts.query.filter((_, index) => index !== choose % parts.query.length) }),
  "the expiry": parameter("X-Amz-Expires", () => "901"),
  "the time, by a second": parameter("X-Amz-Date", () => "20260101T120001Z"),
  "the scope's day": parameter("X-Amz-Credential", (value) => value.replace("20260101", "20260102")),
  "the scope's region": parameter("X-Amz-Credential", (value) => value.replace("us-east-1", "us-east-2")),
  "the access key, for another's": parameter("X-Amz-Credential", (value) => value.replace(ALICE.accessKeyId, BOB.accessKeyId)),
  "the access key, for nobody's": parameter("X-Amz-Credential", (value) => value.replace(ALICE.accessKeyId, "AKIANOBODY")),
  "the algorithm": parameter("X-Amz-Algorithm", () => "AWS4-HMAC-SHA1"),
  "a digit of the signature": (parts, choose) => parameter("X-Amz-Signature", (value) => flipDigit(value, choose))(parts, choose),
  "the signature's name": (parts) => ({
    ...parts,
    query: parts.query.map(([name, value]) => [name === "X-Amz-Signature" ? "x-amz-signature" : name, value]),
  }),
  "credentials in the header too": (parts) => ({ ...parts, headers: [...parts.headers, ["Authorization", "AWS4-HMAC-SHA256 x"]] }),
};

/** @returns the names of those changes that were not noticed. */
function unnoticed(verifier: Verifier, parts: Parts, of: { mutations: Record<string, Mutation>; choose: number }): string[] {
  return Object.entries(of.mutations)
    .filter(([, mutate]) => !isRefused(verifier, mutate(parts, of.choose)))
    .map(([name]) => name);
}

const choice = fc.nat({ max: 1_000_000 });

test("every request that AWS's signer signs in a header is accepted, and none after one change", async () => {
  const verifier = keysVerifier();
  await fc.assert(
    fc.asyncProperty(signable, service, choice, async (asked, name, choose) => {
      const parts = await signed(asked, { service: name });
      accept(verifier, parts);
      assert.deepEqual(unnoticed(verifier, parts, { mutations: IN_HEADER, choose }), []);
    }),
    { numRuns: RUNS },
  );
});

test("every request that AWS's signer presigns is accepted, and none after one change", async () => {
  const verifier = keysVerifier();
  await fc.assert(
    fc.asyncProperty(signable, service, choice, async (asked, name, choose) => {
      const s3 = name === "s3";
      const body = s3 ? "" : asked.body;
      const withHash = {
        ...asked,
        ...(body === undefined ? {} : { body }),
        headers: s3 ? { ...asked.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } : asked.headers,
      };
      const parts = await presigned(withHash, { service: name });
      accept(verifier, parts);
      assert.deepEqual(unnoticed(verifier, parts, { mutations: IN_QUERY, choose }), []);
      if (!s3) assert.ok(isRefused(verifier, { ...parts, body: Buffer.concat([parts.body, Buffer.from("x")]) }), "another body");
    }),
    { numRuns: RUNS },
  );
});

test("the order of parameters and the spelling of their escapes are the client's own affair", async () => {
  const verifier = keysVerifier();
  await fc.assert(
    fc.asyncProperty(signable, service, async (asked, name) => {
      const parts = await signed(asked, { service: name });
      const respelt = (value: string) => value.replaceAll("%20", "+").replaceAll(/%[0-9A-F]{2}/g, (found) => found.toLowerCase());
      accept(verifier, {
        ...parts,
        path: name === "s3" ? parts.path.replaceAll(/%[0-9A-F]{2}/g, (found) => found.toLowerCase()) : parts.path,
        query: parts.query.toReversed().map(([parameterName, value]) => [respelt(parameterName), respelt(value)]),
      });
    }),
    { numRuns: RUNS },
  );
});

test("what has the same meaning only to a normalising reader has another signature for S3", async () => {
  const verifier = keysVerifier();
  const parts = await signed({ method: "GET", path: "/bucket/a/b", headers: { host: "localhost" } }, { service: "s3", dateMs: NOW_MS });
  accept(verifier, parts);
  for (const other of ["/bucket//a/b", "/bucket/./a/b", "/bucket/x/../a/b", "/bucket/a%2Fb", "/bucket/a/b/", "//bucket/a/b"]) {
    assert.ok(isRefused(verifier, { ...parts, path: other }), other);
  }
});
