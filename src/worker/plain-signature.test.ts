import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { isPlainPath, PlainSigner, scopeOf, type Header } from "./plain-signature.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 23, 59, 58, 999);
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

describe("the signature of a plain request", () => {
  for (const sessionToken of [undefined, "IQoJ//token=="])
    test(`is that of the SDK's own signer, ${sessionToken === undefined ? "without" : "with"} a session`, async () => {
      const credentials = sessionToken === undefined ? KEYS : { ...KEYS, sessionToken };
      const config = { region: "eu-west-1", credentials };
      for (const [service, client] of [["s3", new S3Client(config)] as const, ["sqs", new SQSClient(config)] as const])
        for (const [method, path, body] of [
          ["PUT", "/photos-objects/millrace/claims/photos-resize/0a1b.json", `{"text":"ünïcode"}`],
          ["POST", "/000000000000/a_b-c.fifo", "{}"],
          ["POST", "/", ""],
        ] as const) {
          const host = "example.com:4566";
          const headers: Header[] = [
            ["if-none-match", "*"],
            ["content-length", String(Buffer.byteLength(body))],
          ];
          const signer = await client.config.signer();
          const all = { host, ...Object.fromEntries(headers) };
          const request = { protocol: "https:", hostname: "example.com", query: {}, method, path, body, headers: all };
          const expected = await signer.sign(request, { signingDate: new Date(NOW_MS) });
          const given = new PlainSigner({ region: "eu-west-1", service });
          // Twice: the second time by the key that is kept.
          for (let times = 0; times < 2; times += 1)
            assert.deepEqual(parsed(given.headers({ method, path, host, headers, body }, credentials, NOW_MS)), expected.headers);
          assert.deepEqual(scopeOf(expected.headers["authorization"]), { region: "eu-west-1", service });
        }
    });

  test("changes its key with the day and with the secret", () => {
    const signer = new PlainSigner({ region: "eu-west-1", service: "s3" });
    const request = { method: "PUT", path: "/a", host: "b", headers: [], body: "" };
    const fresh = () => new PlainSigner({ region: "eu-west-1", service: "s3" });
    for (const [keys, nowMs] of [
      [KEYS, NOW_MS],
      [KEYS, NOW_MS + 2000],
      [{ ...KEYS, secretAccessKey: "another" }, NOW_MS + 2000],
    ] as const)
      assert.deepEqual(signer.headers(request, keys, nowMs), fresh().headers(request, keys, nowMs));
  });
});

test("the host is the first of the lines, and what would be more than a line is not signed", () => {
  const signer = new PlainSigner({ region: "eu-west-1", service: "s3" });
  const lines = (value: string) =>
    signer.headers({ method: "PUT", path: "/a", host: "b", headers: [["if-match", value]], body: "" }, KEYS, NOW_MS);
  assert.match(lines('"1"') ?? "", /^host: b\r\nif-match: "1"\r\n(?:[\w-]+: [ -~]+\r\n)+$/);
  for (const value of ['"1"\r\nx-amz-acl: public-read', '"1"\n', '"\u010a"', " 1", "1 ", ""]) assert.equal(lines(value), undefined, value);
  const session = { ...KEYS, sessionToken: "a\nb" };
  assert.equal(signer.headers({ method: "PUT", path: "/a", host: "b", headers: [], body: "" }, session, NOW_MS), undefined);
});

/** Lines of headers as an object. */
function parsed(lines: string | undefined): Record<string, string> {
  assert.ok(lines !== undefined && lines.endsWith("\r\n"));
  return Object.fromEntries(
    lines
      .slice(0, -2)
      .split("\r\n")
      .map((line) => {
        const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(line) ?? [];
        return [name, value];
      }),
  );
}

test("what is signed by another algorithm has no scope", () => {
  assert.equal(scopeOf(undefined), undefined);
  assert.equal(scopeOf("AWS4-HMAC-SHA512 Credential=a/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"), undefined);
  assert.equal(scopeOf("AWS4-ECDSA-P256-SHA256 Credential=a/20261122/s3/aws4_request, SignedHeaders=host, Signature=0"), undefined);
});

test("a path that any service reads as it stands is plain", () => {
  for (const path of ["/", "/a", "/a/b.json", "/a/b/", "/a..b/.c"]) assert.ok(isPlainPath(path), path);
  for (const path of ["", "a", "//", "/a//b", "/a/../b", "/a/.", "/a%20b", "/a b", "/ä", "/a?b"]) assert.ok(!isPlainPath(path), path);
});
