import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceError } from "../kernel/service-error.ts";
import { bodyOf, type HttpRequest } from "../wire/http.ts";
import { EMPTY_SHA256 } from "./hmac.ts";
import {
  ALICE,
  BOB,
  handPresigned,
  handSigned,
  http,
  keysVerifier,
  NOW_MS,
  presigned,
  refuses,
  request,
  signed,
  withHeader,
} from "./signing.fixture.ts";
import { covers } from "../../test/contract/covers.ts";

const DATE = "20260101T120000Z";
const S3_HEADERS = { Host: "localhost", "x-amz-date": DATE, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
const S3_SIGNED = "host;x-amz-content-sha256;x-amz-date";
const SQS_HEADERS = { Host: "localhost", "x-amz-date": DATE };

function timed(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}

// ── What an unsigned request gets ────────────────────────────────────────────────────────────────────────────────────

test("a request without credentials is refused in the words of its protocol", () => {
  covers("sqs/1.3-no-credentials");
  const verifier = keysVerifier();
  const s3 = refuses("AccessDenied", () => verifier.verify(request({ target: "/bucket/key" })));
  assert.deepEqual([s3.options.httpStatus, s3.options.queryCode], [403, undefined]);
  const json = refuses("AccessDeniedException", () =>
    verifier.verify(
      request({ method: "POST", headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.ListQueues" } }),
    ),
  );
  assert.deepEqual([json.options.httpStatus, json.options.queryCode], [403, "AccessDenied"]);
  refuses("AccessDeniedException", () => verifier.verify(request({ target: "/?Action=ListQueues" })));
});

test("what may come without credentials in its head has no principal until they are found elsewhere", () => {
  const verifier = keysVerifier();
  const formRequest = request({ method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } });
  const form = verifier.verify(formRequest);
  assert.deepEqual([form.payload.kind, form.principal.authenticated, form.principal.accountId], ["form", false, "anonymous"]);
  refuses("AccessDeniedException", () => verifier.verifyBody(formRequest, form, Buffer.from("Action=ListQueues")));
  const uploadRequest = request({ method: "POST", target: "/bucket", headers: { "content-type": "multipart/form-data; boundary=x" } });
  const upload = verifier.verify(uploadRequest);
  assert.deepEqual([upload.payload.kind, upload.principal.authenticated], ["postPolicy", false]);
  refuses("AccessDenied", () => verifier.verifyBody(uploadRequest, upload, Buffer.from("--x")));
});

// ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

test("a request's time may be 900 seconds from ours either way, and not 901", async () => {
  covers("sqs/1.3-clock-window");
  for (const [service, code, status] of [
    ["s3", "RequestTimeTooSkewed", 403],
    ["sqs", "RequestExpired", 400],
  ] as const) {
    for (const seconds of [-901, -900, 900, 901]) {
      const parts = await signed(
        { method: "GET", path: "/", headers: { Host: "localhost" } },
        { service, dateMs: NOW_MS + seconds * 1000 },
      );
      const verify = () => keysVerifier().verify(http(parts));
      if (Math.abs(seconds) === 900) assert.equal(verify().principal.arn, ALICE.arn);
      else assert.equal(refuses(code, verify).options.httpStatus, status);
    }
  }
});

test("a presigned URL counts from 900 seconds before its time up to the last millisecond of its expiry", async () => {
  const parts = await presigned(
    { method: "GET", path: "/bucket/key", headers: { Host: "localhost", "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } },
    { service: "s3", expiresIn: 60 },
  );
  const verifier = keysVerifier();
  verifier.verify(http(parts));
  verifier.clock.advance(60_000);
  verifier.verify(http(parts));
  verifier.clock.advance(1);
  const expired = refuses("AccessDenied", () => verifier.verify(http(parts)));
  assert.equal(expired.message, "Request has expired");
  assert.deepEqual(expired.options.details, { "X-Amz-Expires": "60", Expires: "2026-01-01T12:01:00Z", ServerTime: "2026-01-01T12:01:00Z" });
  for (const [seconds, accepted] of [
    [900, true],
    [901, false],
  ] as const) {
    const future = handPresigned({ headers: { host: "localhost" }, signedHeaders: "host", date: timed(NOW_MS + seconds * 1000) });
    if (accepted) keysVerifier().verify(future);
    else refuses("RequestTimeTooSkewed", () => keysVerifier().verify(future));
  }
});

test("X-Amz-Expires is a whole number of seconds from 1 to 604800", () => {
  const verify = (expires: string) =>
    keysVerifier().verify(handPresigned({ headers: { host: "localhost" }, signedHeaders: "host" }, { "X-Amz-Expires": expires }));
  for (const expires of ["1", "604800"]) assert.equal(verify(expires).principal.arn, ALICE.arn);
  for (const expires of ["0", "-1", "604801", "1.5", "1e3", "", "%2B5", "9999999999"])
    refuses("AuthorizationQueryParametersError", () => verify(expires));
});

test("the day in the scope is the day of the request, though the signature fits", () => {
  const yesterday = { headers: SQS_HEADERS, signedHeaders: "host;x-amz-date", service: "sqs", day: "20251231", payload: EMPTY_SHA256 };
  refuses("IncompleteSignatureException", () => keysVerifier().verify(handSigned(yesterday)));
  refuses("AuthorizationQueryParametersError", () =>
    keysVerifier().verify(handPresigned({ headers: { host: "localhost" }, signedHeaders: "host", day: "20251231" })),
  );
});

test("the time may stand in a signed Date header, but not in an unsigned one", () => {
  const headers = { Host: "localhost", Date: "Thu, 01 Jan 2026 12:00:00 GMT" };
  const made = { headers, service: "sqs", payload: EMPTY_SHA256 };
  assert.equal(keysVerifier().verify(handSigned({ ...made, signedHeaders: "date;host" })).principal.arn, ALICE.arn);
  refuses("IncompleteSignatureException", () => keysVerifier().verify(handSigned({ ...made, signedHeaders: "host" })));
});

test("a time that no calendar has is malformed", () => {
  for (const date of [
    "20260230T120000Z",
    "20261301T000000Z",
    "20260101T240000Z",
    "20260101T120060Z",
    "2026-01-01T12:00:00Z",
    "20260101T120000",
  ]) {
    const headers = { ...SQS_HEADERS, "x-amz-date": date };
    const made = {
      headers,
      date,
      day: date.replaceAll("-", "").slice(0, 8),
      signedHeaders: "host;x-amz-date",
      service: "sqs",
      payload: EMPTY_SHA256,
    };
    refuses("IncompleteSignatureException", () => keysVerifier().verify(handSigned(made)));
  }
});

test("each request is judged by its own time, not by that of the one before", () => {
  const verifier = keysVerifier();
  const made = (date: string) => handSigned({ headers: { ...S3_HEADERS, "x-amz-date": date }, date, signedHeaders: S3_SIGNED });
  verifier.verify(made("20260101T120000Z"));
  refuses("RequestTimeTooSkewed", () => verifier.verify(made("20260101T114459Z")));
  verifier.verify(made("20260101T114500Z"));
});

// ── Headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

test("host must be signed, though the signature fits without it", () => {
  const made = { headers: S3_HEADERS, signedHeaders: "x-amz-content-sha256;x-amz-date" };
  refuses("AuthorizationHeaderMalformed", () => keysVerifier().verify(handSigned(made)));
  refuses("AuthorizationQueryParametersError", () =>
    keysVerifier().verify(handPresigned({ headers: { host: "localhost", range: "bytes=0-1" }, signedHeaders: "range" })),
  );
});

test("SignedHeaders is in lower case, in order, each name once", () => {
  for (const signedHeaders of [
    "x-amz-date;host;x-amz-content-sha256",
    "host;host;x-amz-content-sha256;x-amz-date",
    "Host;x-amz-content-sha256;x-amz-date",
    "",
  ]) {
    refuses("AuthorizationHeaderMalformed", () => keysVerifier().verify(handSigned({ headers: S3_HEADERS, signedHeaders })));
  }
});

test("an x-amz- header that is not signed is refused and named", () => {
  const made = { headers: { ...S3_HEADERS, "X-Amz-Acl": "public-read", "x-amz-meta-a": "1" }, signedHeaders: S3_SIGNED };
  const error = refuses("AccessDenied", () => keysVerifier().verify(handSigned(made)));
  assert.equal(error.message, "There were headers present in the request which were not signed");
  assert.deepEqual(error.options.details, { HeadersNotSigned: "x-amz-acl, x-amz-meta-a" });
  const target = {
    headers: { ...SQS_HEADERS, "x-amz-target": "AmazonSQS.PurgeQueue" },
    signedHeaders: "host;x-amz-date",
    service: "sqs",
    payload: EMPTY_SHA256,
  };
  refuses("SignatureDoesNotMatch", () => keysVerifier().verify(handSigned(target)));
});

test("a presigned URL leaves Content-Type and x-amz-content-sha256 free, and no x-amz- header else", () => {
  const made = { headers: { host: "localhost" }, signedHeaders: "host" };
  const asked = handPresigned(made);
  const withHeaders = (headers: Record<string, string>): HttpRequest => ({
    ...request({ headers: { host: "localhost", ...headers } }),
    target: asked.target,
  });
  keysVerifier().verify(withHeaders({ "content-type": "image/png", "x-amz-content-sha256": EMPTY_SHA256 }));
  const error = refuses("AccessDenied", () => keysVerifier().verify(withHeaders({ "x-amz-acl": "public-read" })));
  assert.deepEqual(error.options.details, { HeadersNotSigned: "x-amz-acl" });
});

test("headers that decide something must not come twice", () => {
  const asked = handSigned({ headers: S3_HEADERS, signedHeaders: S3_SIGNED });
  for (const [name, value] of [
    ["Host", "localhost"],
    ["X-AMZ-Date", DATE],
    ["authorization", "x"],
    ["x-amz-content-sha256", EMPTY_SHA256],
  ] as const) {
    refuses("InvalidRequest", () => keysVerifier().verify({ ...asked, rawHeaders: [...asked.rawHeaders, name, value] }));
  }
});

test("header values are hashed as the bytes that came", async () => {
  const headers = { Host: "localhost", "x-amz-meta-name": "é日本" };
  const parts = await signed({ method: "PUT", path: "/b/k", headers }, { service: "s3" });
  assert.equal(parts.headers.find(([name]) => name === "x-amz-meta-name")?.[1], "Ã©æ\u0097¥æ\u009c¬", "UTF-8 seen as Latin-1");
  keysVerifier().verify(http(parts));
  refuses("SignatureDoesNotMatch", () => keysVerifier().verify(http(withHeader(parts, "x-amz-meta-name", "é"))));
});

// ── The Authorization header and its rivals ──────────────────────────────────────────────────────────────────────────

test("the parts of an Authorization header may come in any order and without spaces", () => {
  const asked = handSigned({ headers: S3_HEADERS, signedHeaders: S3_SIGNED });
  const [credential, signedHeaders, signature] = (asked.headers["authorization"] ?? "").slice("AWS4-HMAC-SHA256 ".length).split(", ");
  const verify = (authorization: string) => keysVerifier().verify(request({ headers: { ...S3_HEADERS, authorization } }));
  verify(`AWS4-HMAC-SHA256 ${signature},${credential},${signedHeaders}`);
  verify(`AWS4-HMAC-SHA256 ${credential},${signedHeaders},${signature}`);
  for (const broken of [
    `AWS4-HMAC-SHA256 ${credential}, ${signedHeaders}`,
    `AWS4-HMAC-SHA256 ${signedHeaders}, ${signature}`,
    `AWS4-HMAC-SHA256 ${credential}, ${credential}, ${signedHeaders}, ${signature}`,
    `AWS4-HMAC-SHA256 ${credential}, ${signedHeaders}, ${signature}, Extra=1`,
    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/aws4_request, SignedHeaders=host, Signature=0",
    "AWS4-HMAC-SHA256 x",
  ]) {
    refuses("AuthorizationHeaderMalformed", () => verify(broken));
  }
  for (const unknown of ["Bearer x", "AWS4-ECDSA-P256-SHA256 x", "AWS4-HMAC-SHA256", ""]) refuses("InvalidArgument", () => verify(unknown));
});

test("a scope has five parts and ends in aws4_request, and a presigned URL names the one algorithm there is", () => {
  const asked = handSigned({ headers: S3_HEADERS, signedHeaders: S3_SIGNED });
  const verify = (from: string, to: string) =>
    keysVerifier().verify(request({ headers: { ...S3_HEADERS, authorization: (asked.headers["authorization"] ?? "").replace(from, to) } }));
  verify("", "");
  for (const [from, to] of [
    ["aws4_request", "aws4_request/x"],
    ["aws4_request", "aws5_request"],
    ["/aws4_request", ""],
    ["us-east-1", ""],
    ["us-east-1", "us east"],
    ["20260101", "2026-1-1"],
    [ALICE.accessKeyId, ""],
  ] as const) {
    refuses("AuthorizationHeaderMalformed", () => verify(from, to));
  }
  const url = { headers: { host: "localhost" }, signedHeaders: "host" };
  refuses("AuthorizationQueryParametersError", () => keysVerifier().verify(handPresigned(url, { "X-Amz-Algorithm": "AWS4-HMAC-SHA1" })));
});

test("credentials in two places are refused, whichever of them would be right", () => {
  const header = handSigned({ headers: S3_HEADERS, signedHeaders: S3_SIGNED });
  const url = handPresigned({ headers: { host: "localhost" }, signedHeaders: "host" });
  const both = { ...url, headers: header.headers, rawHeaders: header.rawHeaders };
  assert.match(refuses("InvalidArgument", () => keysVerifier().verify(both)).message, /^Only one auth mechanism allowed/);
  refuses("InvalidArgument", () => keysVerifier().verify({ ...header, target: "/?AWSAccessKeyId=a" }));
  refuses("InvalidArgument", () => keysVerifier().verify({ ...url, target: `${url.target}&Signature=a` }));
  refuses("InvalidArgument", () => keysVerifier().verify({ ...header, target: "/?x-amz-%73ignature=a" }));
});

test("every parameter of a presigned URL is needed, once and in its own case", () => {
  const { target } = handPresigned({ headers: { host: "localhost" }, signedHeaders: "host" });
  const verify = (changed: string) => keysVerifier().verify(request({ target: changed, headers: { host: "localhost" } }));
  for (const name of ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"]) {
    const piece = new RegExp(`X-Amz-${name}=[^&]*`);
    refuses("AuthorizationQueryParametersError", () => verify(target.replace(piece, "a=b")));
    refuses("AuthorizationQueryParametersError", () => verify(`${target}&${piece.exec(target)?.[0]}`));
    refuses("AuthorizationQueryParametersError", () => verify(`${target}&x-amz-${name.toLowerCase()}=1`));
    refuses("AuthorizationQueryParametersError", () => verify(target.replace(`X-Amz-${name}`, `x-amz-${name.toLowerCase()}`)));
  }
});

test("an escape that is none makes the target unreadable", () => {
  const asked = (target: string) => ({ ...handSigned({ headers: S3_HEADERS, signedHeaders: S3_SIGNED }), target });
  refuses("InvalidURI", () => keysVerifier().verify(asked("/b/%zz")));
  refuses("InvalidURI", () => keysVerifier().verify(asked("/b?a=%z")));
});

test("an unknown access key and a wrong secret are told apart, as AWS tells them", () => {
  covers("sqs/1.3-unknown-key", "sqs/1.3-wrong-signature", "sqs/11-auth-types");
  const stranger = { ...BOB, accessKeyId: "AKIASTRANGER" };
  const impostor = { ...ALICE, secretAccessKey: BOB.secretAccessKey };
  const s3 = { headers: S3_HEADERS, signedHeaders: S3_SIGNED };
  const sqs = { headers: SQS_HEADERS, signedHeaders: "host;x-amz-date", service: "sqs", payload: EMPTY_SHA256 };
  const unknown = refuses("InvalidAccessKeyId", () => keysVerifier().verify(handSigned({ ...s3, credential: stranger })));
  assert.deepEqual(unknown.options.details, { AWSAccessKeyId: "AKIASTRANGER" });
  assert.equal(
    refuses("UnrecognizedClientException", () => keysVerifier().verify(handSigned({ ...sqs, credential: stranger }))).options.queryCode,
    "InvalidClientTokenId",
  );
  const wrong = refuses("SignatureDoesNotMatch", () => keysVerifier().verify(handSigned({ ...s3, credential: impostor })));
  assert.match(wrong.options.details?.["CanonicalRequest"] ?? "", /^GET\n\/\n\nhost:localhost\n/);
  assert.equal(
    refuses("SignatureDoesNotMatch", () => keysVerifier().verify(handSigned({ ...sqs, credential: impostor }))).options.httpStatus,
    403,
  );
});

test("a scope that was once proved is no proof of the next request", () => {
  const verifier = keysVerifier();
  const made = { headers: S3_HEADERS, signedHeaders: S3_SIGNED };
  verifier.verify(handSigned(made));
  refuses("SignatureDoesNotMatch", () => verifier.verify(handSigned({ ...made, credential: { ...ALICE, secretAccessKey: "x" } })));
  verifier.verify(handSigned(made));
});

test("a session token must be the credential's own, and signed", () => {
  const temporary = { ...ALICE, sessionToken: "token-1" };
  const verifier = keysVerifier({ credentials: [temporary, BOB] });
  const headers = (token?: string) => ({ ...S3_HEADERS, ...(token === undefined ? {} : { "x-amz-security-token": token }) });
  verifier.verify(handSigned({ headers: headers("token-1"), signedHeaders: `${S3_SIGNED};x-amz-security-token` }));
  refuses("InvalidToken", () =>
    verifier.verify(handSigned({ headers: headers("token-2"), signedHeaders: `${S3_SIGNED};x-amz-security-token` })),
  );
  refuses("InvalidToken", () => verifier.verify(handSigned({ headers: headers(), signedHeaders: S3_SIGNED })));
  refuses("AccessDenied", () => verifier.verify(handSigned({ headers: headers("token-1"), signedHeaders: S3_SIGNED })));
  refuses("InvalidToken", () =>
    verifier.verify(handSigned({ credential: BOB, headers: headers("token-1"), signedHeaders: `${S3_SIGNED};x-amz-security-token` })),
  );
  const url = { headers: { host: "localhost" }, signedHeaders: "host" };
  verifier.verify(handPresigned(url, { "X-Amz-Security-Token": "token-1" }));
  refuses("InvalidToken", () => verifier.verify(handPresigned(url, { "X-Amz-Security-Token": "token-2" })));
  refuses("InvalidToken", () => verifier.verify(handPresigned(url)));
});

// ── What the verifier finds out ──────────────────────────────────────────────────────────────────────────────────────

test("a verified request has its credential's principal, and region and service of its scope", () => {
  const verified = keysVerifier().verify(handSigned({ headers: S3_HEADERS, signedHeaders: S3_SIGNED, credential: BOB }));
  assert.deepEqual(verified.principal, {
    accountId: "222222222222",
    arn: "arn:aws:iam::222222222222:user/bob",
    uniqueId: "AIDABOBEXAMPLE0000002",
    accessKeyId: BOB.accessKeyId,
    authenticated: true,
    verified: true,
  });
  assert.deepEqual([verified.region, verified.signingName, verified.payload.kind], ["us-east-1", "s3", "none"]);
});

test("nothing that a stranger sends makes the verifier throw anything but a refusal", () => {
  const verifier = keysVerifier();
  const pieces = [
    "AWS4-HMAC-SHA256 ",
    "AWS ",
    "Credential=",
    "a/b/c/s3/aws4_request",
    ",",
    "SignedHeaders=host",
    "Signature=",
    "=",
    ":",
    "%",
    "\u00ff",
    "__proto__",
  ];
  for (let seed = 1; seed < 3000; seed += 1) {
    const pick = (step: number) => pieces[(seed * step) % pieces.length] ?? "";
    const text = [7, 11, 13, 17, 19].map(pick).join("");
    const asked: HttpRequest = {
      ...request({ target: `/${pick(23)}?${text}&X-Amz-Credential=${pick(29)}`, headers: { host: "h" } }),
      body: bodyOf(""),
    };
    const inHeader = request({ headers: { host: "h", "x-amz-date": DATE, authorization: text } });
    for (const each of [asked, inHeader]) assert.throws(() => verifier.verify(each), ServiceError);
  }
});
