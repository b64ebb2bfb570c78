import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { manualClock } from "../kernel/clock.ts";
import type { HttpRequest } from "../wire/http.ts";
import type { Credential } from "./auth.ts";
import { ALICE, BOB, keysVerifier, NOW_MS, refuses, request } from "./signing.fixture.ts";

const FORM = { Host: "localhost:4566", "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" };

/** Recorded from botocore 1.43 (SigV2Auth, 2026-01-01T12:00:00Z). */
const FORM_BODY =
  "Action=SendMessage&QueueUrl=http%3A%2F%2Flocalhost%3A4566%2F000000000000%2Fq&MessageBody=hi+%C3%A9+%2B%26%3D%2F~%2A%27%28&Version=2012-11-05&MessageAttribute.10.Name=a&MessageAttribute.1.Name=b&AWSAccessKeyId=AKIAALICEEXAMPLE0001&SignatureVersion=2&SignatureMethod=HmacSHA256&Timestamp=2026-01-01T12%3A00%3A00Z&Signature=8%2FVl1DZaX9mCaQ7D4%2FuOsfCIHVTBsBdp4cB06l3VDas%3D";
const QUERY_TARGET =
  "/000000000000/q?Action=ReceiveMessage&Version=2012-11-05&AWSAccessKeyId=AKIAALICEEXAMPLE0001&SignatureVersion=2&SignatureMethod=HmacSHA256&Timestamp=2026-01-01T12%3A00%3A00Z&Signature=awlTzfUXt4Jz7igUzdvCpDO9Avq7E0CQCMRfz7az1Mw%3D";

function form(body: string, verifier = keysVerifier(), head: { target?: string; method?: string; headers?: Record<string, string> } = {}) {
  const asked = request({ method: "POST", headers: FORM, ...head });
  return verifier.verifyBody(asked, verifier.verify(asked), Buffer.from(body));
}

/** Signed by hand, so that one parameter at a time can be odd. */
function handForm(changes: Record<string, string | undefined>, host = "localhost:4566"): string {
  const parameters: Record<string, string | undefined> = {
    Action: "ListQueues",
    AWSAccessKeyId: ALICE.accessKeyId,
    SignatureMethod: "HmacSHA256",
    SignatureVersion: "2",
    Timestamp: "2026-01-01T12:00:00Z",
    ...changes,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const canonical = given
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(value ?? "")}`)
    .join("&");
  const algorithm = parameters["SignatureMethod"] === "HmacSHA1" ? "sha1" : "sha256";
  const signature = createHmac(algorithm, ALICE.secretAccessKey).update(`POST\n${host}\n/\n${canonical}`).digest("base64");
  return `${canonical}&Signature=${encodeURIComponent(signature)}`;
}

test("a Query form that botocore signed with Version 2 is accepted, and none after a change anywhere", () => {
  const verified = form(FORM_BODY);
  assert.deepEqual([verified.principal.arn, verified.region, verified.signingName], [ALICE.arn, "eu-west-9", undefined]);
  refuses("SignatureDoesNotMatch", () => form(FORM_BODY.replace("hi+", "ho+")));
  refuses("SignatureDoesNotMatch", () => form(`${FORM_BODY}&QueueOwnerAWSAccountId=1`));
  refuses("SignatureDoesNotMatch", () => form(FORM_BODY, keysVerifier(), { target: "/other" }));
  refuses("SignatureDoesNotMatch", () => form(FORM_BODY, keysVerifier(), { headers: { ...FORM, Host: "elsewhere:4566" } }));
  refuses("SignatureDoesNotMatch", () => form(FORM_BODY.replace("AKIAALICEEXAMPLE0001", BOB.accessKeyId)));
  refuses("UnrecognizedClientException", () => form(FORM_BODY.replace("AKIAALICEEXAMPLE0001", "AKIANOBODY")));
  refuses("IncompleteSignatureException", () => form(`${FORM_BODY}&Action=PurgeQueue`));
});

test("a form that is signed takes no parameters from a query string", () => {
  refuses("IncompleteSignatureException", () => form(FORM_BODY, keysVerifier(), { target: "/?Action=PurgeQueue" }));
});

test("a Query string that botocore signed with Version 2 is accepted, with an empty body only", () => {
  const verifier = keysVerifier();
  const asked = request({ target: QUERY_TARGET, headers: { Host: "localhost:4566" } });
  const verified = verifier.verify(asked);
  assert.equal(verified.principal.arn, ALICE.arn);
  verifier.verifyBody(asked, verified, Buffer.alloc(0));
  verifier.verifyQueryForm(asked, Buffer.alloc(0));
  refuses("SignatureDoesNotMatch", () => verifier.verifyBody(asked, verified, Buffer.from("Action=PurgeQueue")));
  refuses("SignatureDoesNotMatch", () => verifier.verifyQueryForm(asked, Buffer.from("Action=PurgeQueue")));
  refuses("SignatureDoesNotMatch", () => verifier.verify({ ...asked, target: QUERY_TARGET.replace("ReceiveMessage", "PurgeQueue") }));
  refuses("SignatureDoesNotMatch", () => verifier.verify({ ...asked, method: "POST" }));
});

test("the documented Version 2 request has its documented signature", () => {
  const credential = { ...ALICE, accessKeyId: "AKIAIOSFODNN7EXAMPLE" };
  const target =
    "/?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Action=DescribeJobFlows&SignatureMethod=HmacSHA256&SignatureVersion=2&Timestamp=2011-10-03T15%3A19%3A30&Version=2009-03-31&Signature=i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf%2FMj6vPxyYIs%3D";
  const verifier = keysVerifier({ credentials: [credential] }, manualClock(Date.UTC(2011, 9, 3, 15, 19, 30)));
  const host = { Host: "elasticmapreduce.amazonaws.com" };
  assert.equal(verifier.verify(request({ target, headers: host })).principal.arn, ALICE.arn);
});

test("Version 2 may be signed with HmacSHA1 and with the host without its port, as boto 2 does", () => {
  assert.equal(form(handForm({ SignatureMethod: "HmacSHA1" })).principal.arn, ALICE.arn);
  assert.equal(form(handForm({}, "localhost")).principal.arn, ALICE.arn);
  refuses("SignatureDoesNotMatch", () => form(handForm({}, "localhost:1")));
});

test("Version 2 needs each of its parameters, once, with a value that it knows", () => {
  for (const name of ["AWSAccessKeyId", "SignatureMethod", "SignatureVersion", "Timestamp"]) {
    refuses("IncompleteSignatureException", () => form(handForm({ [name]: undefined })));
  }
  refuses("IncompleteSignatureException", () => form(handForm({ SignatureVersion: "1" })));
  refuses("IncompleteSignatureException", () => form(handForm({ SignatureMethod: "HmacMD5" })));
  refuses("IncompleteSignatureException", () => form(handForm({ Timestamp: "yesterday" })));
  refuses("IncompleteSignatureException", () => form(handForm({ Expires: "2026-01-01T13:00:00Z" })));
});

test("a Version 2 timestamp may be 900 seconds off and not 901; Expires is the last moment", () => {
  const at = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();
  for (const seconds of [-900, 0, 900]) form(handForm({ Timestamp: at(seconds) }));
  for (const seconds of [-901, 901]) refuses("RequestExpired", () => form(handForm({ Timestamp: at(seconds) })));
  for (const seconds of [0, 100_000]) form(handForm({ Timestamp: undefined, Expires: at(seconds) }));
  refuses("RequestExpired", () => form(handForm({ Timestamp: undefined, Expires: at(-1) })));
});

test("a form is looked at only where no header carries credentials", () => {
  const asked = request({ method: "POST", headers: { ...FORM, Authorization: "AWS4-HMAC-SHA256 x" } });
  refuses("IncompleteSignatureException", () => keysVerifier().verifyQueryForm(asked, Buffer.from(FORM_BODY)));
});

test("temporary credentials need their token in Version 2 as well", () => {
  const temporary = keysVerifier({ credentials: [{ ...ALICE, sessionToken: "token-1" }] });
  form(handForm({ SecurityToken: "token-1" }), temporary);
  refuses("UnrecognizedClientException", () => form(handForm({ SecurityToken: "token-2" }), temporary));
  refuses("UnrecognizedClientException", () => form(handForm({}), temporary));
  refuses("UnrecognizedClientException", () => form(handForm({ SecurityToken: "token-1" })));
  refuses("InvalidToken", () => temporary.verify(request({ target: GET_TARGET, headers: HOST })));
});

test("a Version 2 signature is strict base64", () => {
  const body = handForm({});
  const signature = /Signature=([^&]+)$/.exec(body)?.[1] ?? "";
  assert.ok(signature.endsWith("%3D"));
  refuses("SignatureDoesNotMatch", () => form(body.replace(/%3D$/, "")));
  refuses("SignatureDoesNotMatch", () => form(`${body}%0A`));
  // The last character before the padding holds two bits that decode to nothing.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = decodeURIComponent(signature).at(-2) ?? "";
  const other = encodeURIComponent(alphabet[alphabet.indexOf(last) ^ 1] ?? "");
  refuses("SignatureDoesNotMatch", () => form(`${body.slice(0, -signature.length)}${signature.replace(/(%2[BF]|.)%3D$/, `${other}%3D`)}`));
});

// ── S3 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

const DOCS: Credential = { ...ALICE, accessKeyId: "AKIAIOSFODNN7EXAMPLE" };

/** The examples of the Amazon S3 Developer Guide: virtual-hosted requests to the bucket johnsmith in March 2007. */
function docs(
  head: { method?: string; target: string; signature: string; headers: Record<string, string> },
  at: number,
): HttpRequest & { atMs: number } {
  const headers = { Host: "johnsmith.s3.amazonaws.com", ...head.headers, Authorization: `AWS ${DOCS.accessKeyId}:${head.signature}` };
  return { ...request({ ...head, headers }), atMs: at };
}

const bucketOfHost = (host: string) => /^(.+)\.s3\.amazonaws\.com$/.exec(host)?.[1];

test("S3's documented Version 2 requests have their documented signatures", () => {
  const day = (time: string) => Date.parse(`Tue, 27 Mar 2007 ${time} GMT`);
  const all = [
    docs(
      { target: "/photos/puppy.jpg", signature: "bWq2s1WEIj+Ydj0vQ697zp+IXMU=", headers: { Date: "Tue, 27 Mar 2007 19:36:42 +0000" } },
      day("19:36:42"),
    ),
    docs(
      {
        method: "PUT",
        target: "/photos/puppy.jpg",
        signature: "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
        headers: { "Content-Type": "image/jpeg", "Content-Length": "94328", Date: "Tue, 27 Mar 2007 21:15:45 +0000" },
      },
      day("21:15:45"),
    ),
    docs(
      {
        target: "/?prefix=photos&max-keys=50&marker=puppy",
        signature: "htDYFYduRNen8P9ZfE/s9SuKy0U=",
        headers: { Date: "Tue, 27 Mar 2007 19:42:41 +0000" },
      },
      day("19:42:41"),
    ),
    docs(
      { target: "/?acl", signature: "c2WLPFtWHVgbEmeEG93a4cG37dM=", headers: { Date: "Tue, 27 Mar 2007 19:44:46 +0000" } },
      day("19:44:46"),
    ),
  ];
  for (const asked of all) {
    const verifier = keysVerifier({ credentials: [DOCS], bucketOfHost }, manualClock(asked.atMs));
    const verified = verifier.verify(asked);
    assert.deepEqual([verified.principal.arn, verified.signingName, verified.payload.kind], [ALICE.arn, "s3", "none"]);
    refuses("SignatureDoesNotMatch", () => keysVerifier({ credentials: [DOCS] }, manualClock(asked.atMs)).verify(asked));
  }
});

/** Recorded from botocore 1.43 (HmacV1Auth, HmacV1QueryAuth; 2026-01-01T12:00:00Z). */
const PUT_HEADERS = {
  Host: "localhost:4566",
  "x-amz-meta-b": "two  words",
  "X-Amz-Meta-A": "1",
  "Content-Type": "text/plain",
  "Content-MD5": "XrY7u+Ae7tCTyyK7j1rNww==",
  Date: "Thu, 01 Jan 2026 12:00:00 GMT",
  Authorization: "AWS AKIAALICEEXAMPLE0001:iBVbuVgw55E0HvKMzkDqxzZ9e4I=",
};
const PUT_TARGET = "/bucket/a%20b/%C3%A9.txt?acl";
const GET_TARGET =
  "/bucket/key?response-content-disposition=attachment%3B%20filename%3D%22a%20b.txt%22&versionId=null&x-id=GetObject&AWSAccessKeyId=AKIAALICEEXAMPLE0001&Signature=j7Tq4wvaq%2BJRxkAiu6beKoJuEx4%3D&Expires=1767269400";
const UPLOAD_TARGET =
  "/bucket/key?AWSAccessKeyId=AKIAALICEEXAMPLE0001&Signature=acs0zQ1HFv8avw3ZYsAV4o3K4Hc%3D&x-amz-meta-name=a%20b&content-type=text%2Fplain&x-amz-acl=public-read&Expires=1767269400";
const HOST = { Host: "localhost:4566" };

test("an S3 request that botocore signed with Version 2 is accepted, and none after a change", () => {
  const verify = (changes: Record<string, string> = {}, head: { method?: string; target?: string } = {}) =>
    keysVerifier().verify(request({ method: "PUT", target: PUT_TARGET, ...head, headers: { ...PUT_HEADERS, ...changes } }));
  assert.equal(verify().principal.arn, ALICE.arn);
  refuses("SignatureDoesNotMatch", () => verify({}, { method: "GET" }));
  refuses("SignatureDoesNotMatch", () => verify({}, { target: "/bucket/a%20b/e.txt?acl" }));
  refuses("SignatureDoesNotMatch", () => verify({}, { target: "/bucket/a%20b/%C3%A9.txt" }));
  refuses("SignatureDoesNotMatch", () => verify({}, { target: `${PUT_TARGET}&%75ploads` }));
  refuses("SignatureDoesNotMatch", () => verify({}, { target: `${PUT_TARGET}&x-amz-acl=public-read` }));
  for (const name of ["x-amz-meta-b", "Content-Type", "Content-MD5"]) refuses("SignatureDoesNotMatch", () => verify({ [name]: "x" }));
  refuses("SignatureDoesNotMatch", () => verify({ "x-amz-meta-c": "1" }));
  refuses("SignatureDoesNotMatch", () => verify({ Date: "Thu, 01 Jan 2026 12:00:01 GMT" }));
  refuses("RequestTimeTooSkewed", () => verify({ Date: "Thu, 01 Jan 2026 12:15:01 GMT" }));
  refuses("AccessDenied", () => verify({ Date: "today" }));
  refuses("InvalidAccessKeyId", () => verify({ Authorization: "AWS AKIANOBODY:iBVbuVgw55E0HvKMzkDqxzZ9e4I=" }));
  refuses("AuthorizationHeaderMalformed", () => verify({ Authorization: "AWS AKIAALICEEXAMPLE0001" }));
  const twice = request({ method: "PUT", target: PUT_TARGET, headers: PUT_HEADERS });
  for (const [name, value] of [
    ["content-type", "text/html"],
    ["x-amz-meta-a", "2"],
    ["authorization", "x"],
    ["date", "x"],
  ] as const) {
    refuses("InvalidRequest", () => keysVerifier().verify({ ...twice, rawHeaders: [...twice.rawHeaders, name, value] }));
  }
});

test("x-amz-date takes the place of Date, whose line is then empty", () => {
  const date = "Thu, 01 Jan 2026 12:00:00 GMT";
  const sign = (text: string) => `AWS ${ALICE.accessKeyId}:${createHmac("sha1", ALICE.secretAccessKey).update(text).digest("base64")}`;
  const verify = (text: string) =>
    keysVerifier().verify(request({ target: "/b", headers: { ...HOST, Date: "x", "x-amz-date": date, Authorization: sign(text) } }));
  assert.equal(verify(`GET\n\n\n\nx-amz-date:${date}\n/b`).principal.arn, ALICE.arn);
  refuses("SignatureDoesNotMatch", () => verify(`GET\n\n\n${date}\nx-amz-date:${date}\n/b`));
});

test("a bucket by itself may be signed with a slash at its end, a key may not", () => {
  const date = "Thu, 01 Jan 2026 12:00:00 GMT";
  const verify = (target: string, resource: string) => {
    const signature = createHmac("sha1", ALICE.secretAccessKey).update(`GET\n\n\n${date}\n${resource}`).digest("base64");
    return keysVerifier().verify(
      request({ target, headers: { ...HOST, Date: date, Authorization: `AWS ${ALICE.accessKeyId}:${signature}` } }),
    );
  };
  for (const [target, resource] of [
    ["/b?acl", "/b?acl"],
    ["/b?acl", "/b/?acl"],
    ["/b/", "/b/"],
    ["/", "/"],
  ] as const)
    verify(target, resource);
  for (const [target, resource] of [
    ["/b/k", "/b/k/"],
    ["/b/", "/b"],
    ["/b", "/c/"],
  ] as const) {
    refuses("SignatureDoesNotMatch", () => verify(target, resource));
  }
});

test("a URL that botocore presigned with Version 2 is accepted until its time is over", () => {
  const verifier = keysVerifier();
  const asked = request({ target: GET_TARGET, headers: HOST });
  assert.equal(verifier.verify(asked).principal.arn, ALICE.arn);
  verifier.clock.advance(600_000);
  verifier.verify(asked);
  verifier.clock.advance(1);
  const error = refuses("AccessDenied", () => verifier.verify(asked));
  assert.deepEqual([error.message, error.options.details?.["Expires"]], ["Request has expired", "2026-01-01T12:10:00Z"]);
});

test("a URL presigned with Version 2 signs its method, path, subresources and expiry, and a Content-Type that comes with it", () => {
  const verify = (target: string, head: { method?: string; headers?: Record<string, string> } = {}) =>
    keysVerifier().verify(request({ target, headers: HOST, ...head }));
  refuses("SignatureDoesNotMatch", () => verify(GET_TARGET, { method: "DELETE" }));
  refuses("SignatureDoesNotMatch", () => verify(GET_TARGET.replace("/key", "/kex")));
  refuses("SignatureDoesNotMatch", () => verify(GET_TARGET.replace("versionId=null", "versionId=1")));
  refuses("SignatureDoesNotMatch", () => verify(GET_TARGET.replace("1767269400", "1767269401")));
  refuses("SignatureDoesNotMatch", () => verify(`${GET_TARGET}&acl`));
  refuses("SignatureDoesNotMatch", () => verify(`${GET_TARGET}&x-amz-copy-source=%2Fother%2Fkey`));
  refuses("SignatureDoesNotMatch", () => verify(GET_TARGET, { headers: { ...HOST, "Content-Type": "text/plain" } }));
  for (const name of ["AWSAccessKeyId", "Signature", "Expires"]) {
    const piece = new RegExp(`${name}=[^&]*`);
    refuses("AccessDenied", () => verify(GET_TARGET.replace(piece, "a=b")));
    refuses("AccessDenied", () => verify(`${GET_TARGET}&${piece.exec(GET_TARGET)?.[0]}`));
  }
  refuses("AccessDenied", () => verify(GET_TARGET.replace("1767269400", "soon")));
});

test("headers that botocore moves into a Version 2 URL are signed as headers", () => {
  const verify = (target: string, headers: Record<string, string> = {}) =>
    keysVerifier().verify(request({ method: "PUT", target, headers: { ...HOST, ...headers } }));
  verify(UPLOAD_TARGET);
  verify(UPLOAD_TARGET, { "Content-Type": "text/plain" });
  refuses("SignatureDoesNotMatch", () => verify(UPLOAD_TARGET, { "Content-Type": "text/html" }));
  refuses("SignatureDoesNotMatch", () => verify(UPLOAD_TARGET.replace("public-read", "private")));
  refuses("SignatureDoesNotMatch", () => verify(UPLOAD_TARGET.replace("&x-amz-acl=public-read", "")));
  verify(UPLOAD_TARGET, { "x-amz-acl": "public-read" });
  refuses("InvalidRequest", () => verify(UPLOAD_TARGET, { "x-amz-acl": "private" }));
  refuses("InvalidRequest", () => verify(UPLOAD_TARGET.replace("x-amz-acl", "x-amz-acl=private&X-Amz-Acl")));
});

test("Version 2 can be switched off, in all its forms", () => {
  const off = keysVerifier({ signatureV2: false });
  refuses("InvalidRequest", () => off.verify(request({ target: GET_TARGET, headers: HOST })));
  refuses("InvalidRequest", () => off.verify(request({ method: "PUT", target: PUT_TARGET, headers: PUT_HEADERS })));
  refuses("IncompleteSignatureException", () => off.verify(request({ target: QUERY_TARGET, headers: HOST })));
  refuses("IncompleteSignatureException", () => form(FORM_BODY, off));
});
