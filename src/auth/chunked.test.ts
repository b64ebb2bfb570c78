import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { manualClock } from "../kernel/clock.ts";
import { ServiceError } from "../kernel/service-error.ts";
import { BodyTooLarge, bodyOf, type RequestBody } from "../wire/http.ts";
import type { ChunkedCheck, PayloadCheck } from "./auth.ts";
import { readBody, sha256Stream, streamBody } from "./body.ts";
import { S3_ERRORS } from "./errors.ts";
import { EMPTY_SHA256 } from "./hmac.ts";
import { parseScope, type Scope, signingKey } from "./scope.ts";
import { ALICE, handSigned, keysVerifier, refuses, rejects, request } from "./signing.fixture.ts";

const SCOPE = parseScope("AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request") as Scope;
const DATE = "20130524T000000Z";
const SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

function signedCheck(decodedBytes: number, trailers?: readonly string[]): ChunkedCheck {
  const key = signingKey(ALICE.secretAccessKey, SCOPE);
  const signing = { key, seed: SEED, accessKeyId: "AKIAIOSFODNN7EXAMPLE", date: DATE, scope: SCOPE.text, trailers: trailers !== undefined };
  return { kind: "chunked", decodedBytes, trailers: trailers ?? [], signing, sha256: undefined, errors: S3_ERRORS };
}

function unsignedCheck(decodedBytes: number, trailers: readonly string[] = []): ChunkedCheck {
  return { kind: "chunked", decodedBytes, trailers, signing: undefined, sha256: undefined, errors: S3_ERRORS };
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/** Frames and signs as AWS describes it, without any code of ours. */
function encodeSigned(chunks: readonly Uint8Array[], trailers?: Record<string, string>): Buffer {
  let key: string | Buffer = `AWS4${ALICE.secretAccessKey}`;
  for (const step of SCOPE.text.split("/")) key = createHmac("sha256", key).update(step).digest();
  let previous = SEED;
  const sign = (kind: string, hashes: string) => {
    previous = createHmac("sha256", key).update(`AWS4-HMAC-SHA256-${kind}\n${DATE}\n${SCOPE.text}\n${previous}\n${hashes}`).digest("hex");
    return previous;
  };
  const pieces: Uint8Array[] = [];
  for (const chunk of [...chunks, Buffer.alloc(0)]) {
    pieces.push(
      Buffer.from(`${chunk.length.toString(16)};chunk-signature=${sign("PAYLOAD", `${EMPTY_SHA256}\n${sha256(chunk)}`)}\r\n`),
      chunk,
    );
    if (chunk.length > 0) pieces.push(Buffer.from("\r\n"));
  }
  if (trailers !== undefined) {
    const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}`);
    const signature = sign("TRAILER", sha256(lines.map((line) => `${line}\n`).join("")));
    pieces.push(Buffer.from([...lines, `x-amz-trailer-signature:${signature}`].map((line) => `${line}\r\n`).join("")));
  }
  return Buffer.concat([...pieces, Buffer.from("\r\n")]);
}

/** A body that comes in pieces of these sizes, again and again. */
function inPieces(bytes: Uint8Array | string, sizes: readonly number[] = [Infinity]): RequestBody {
  const buffer = Buffer.from(bytes as Uint8Array);
  return {
    ...bodyOf(buffer),
    async *stream() {
      for (let at = 0, turn = 0; at < buffer.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        yield buffer.subarray(at, at + size);
        at += size;
      }
    },
  };
}

async function decode(body: RequestBody, check: PayloadCheck): Promise<{ text: string; trailers: Record<string, string> }> {
  const checked = streamBody(body, check);
  const pieces: Uint8Array[] = [];
  for await (const piece of checked.stream) pieces.push(piece);
  return { text: Buffer.concat(pieces).toString("latin1"), trailers: checked.trailers() };
}

const CHUNKS = [Buffer.alloc(65_536, "a"), Buffer.alloc(1024, "a")];
const CRC = { "x-amz-checksum-crc32c": "sOO8/Q==" };

test("the encoder of this test makes the chunk and trailer signatures that AWS publishes", () => {
  const text = encodeSigned(CHUNKS, CRC)
    .toString("latin1")
    .replaceAll(/a{1024,}/g, "");
  assert.deepEqual(text.match(/[0-9a-f]{64}/g), [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
    "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
  ]);
});

test("AWS's published chunked uploads are verified from the request's signature down to the last chunk and trailer", async () => {
  const docs = { ...ALICE, accessKeyId: "AKIAIOSFODNN7EXAMPLE" };
  const common = {
    Host: "s3.amazonaws.com",
    "x-amz-date": DATE,
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "Content-Encoding": "aws-chunked",
    "x-amz-decoded-content-length": "66560",
  };
  const authorization = (names: string, signature: string) =>
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${SCOPE.text},SignedHeaders=${names},Signature=${signature}`;
  const verify = (headers: Record<string, string>) =>
    keysVerifier({ credentials: [docs] }, manualClock(Date.UTC(2013, 4, 24))).verify(
      request({ method: "PUT", target: "/examplebucket/chunkObject.txt", headers: { ...common, ...headers } }),
    );
  const plain = verify({
    "Content-Length": "66824",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    Authorization: authorization(
      "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
      "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    ),
  });
  const chunk = (size: string, signature: string, bytes: number) => `${size};chunk-signature=${signature}\r\n${"a".repeat(bytes)}\r\n`;
  const body =
    chunk("10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", 65_536) +
    chunk("400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", 1024) +
    chunk("0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", 0);
  assert.equal(body.length, 66_824);
  assert.equal((await decode(inPieces(body), plain.payload)).text, "a".repeat(66_560));
  const trailing = verify({
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "x-amz-trailer": "x-amz-checksum-crc32c",
    Authorization: authorization(
      "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
      SEED,
    ),
  });
  assert.deepEqual((await decode(inPieces(encodeSigned(CHUNKS, CRC)), trailing.payload)).trailers, CRC);
});

const data = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 });
const pieceSizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });

test("chunks of any size in pieces of any size decode to what was signed", async () => {
  await fc.assert(
    fc.asyncProperty(data, pieceSizes, async (chunks, sizes) => {
      const whole = Buffer.concat(chunks);
      const decoded = await decode(inPieces(encodeSigned(chunks, CRC), sizes), signedCheck(whole.length, Object.keys(CRC)));
      assert.deepEqual(decoded, { text: whole.toString("latin1"), trailers: CRC });
      assert.equal((await decode(inPieces(encodeSigned(chunks), sizes), signedCheck(whole.length))).text, whole.toString("latin1"));
    }),
    { numRuns: 300 },
  );
});

test("no byte of a signed chunked body can be changed, dropped or doubled unnoticed", async () => {
  const change = fc.record({ at: fc.nat(), how: fc.constantFrom("flip", "drop", "double", "cut"), bit: fc.integer({ min: 0, max: 7 }) });
  await fc.assert(
    fc.asyncProperty(data, change, async (chunks, { at, how, bit }) => {
      const whole = Buffer.concat(chunks);
      const encoded = encodeSigned(chunks, CRC);
      const place = at % encoded.length;
      const rest = encoded.subarray(place + 1);
      const byte = encoded[place] ?? 0;
      const middle = how === "flip" ? [byte ^ (1 << bit)] : how === "double" ? [byte, byte] : [];
      const forged = Buffer.concat([encoded.subarray(0, place), Buffer.from(middle), how === "cut" ? Buffer.alloc(0) : rest]);
      let decoded;
      try {
        decoded = await decode(inPieces(forged), signedCheck(whole.length, Object.keys(CRC)));
      } catch (error) {
        assert.ok(error instanceof ServiceError, String(error));
        return;
      }
      // The case of a size or of a trailer's name, and the line that may be missing at the end, say nothing.
      assert.deepEqual(decoded, { text: whole.toString("latin1"), trailers: CRC });
    }),
    { numRuns: 2000 },
  );
});

test("each signature is checked: of a chunk, of the last, empty one, and of the trailers", async () => {
  const body = encodeSigned([Buffer.from("one"), Buffer.from("two")], CRC).toString("latin1");
  const signatures = body.match(/[0-9a-f]{64}/g) ?? [];
  assert.equal(signatures.length, 4);
  const check = signedCheck(6, Object.keys(CRC));
  for (const signature of signatures) {
    await rejects("SignatureDoesNotMatch", decode(inPieces(body.replace(signature, "0".repeat(64))), check));
    await rejects(
      "SignatureDoesNotMatch",
      decode(inPieces(body.replace(`;chunk-signature=${signature}`, "").replace(`x-amz-trailer-signature:${signature}\r\n`, "")), check),
    );
  }
  await rejects("SignatureDoesNotMatch", decode(inPieces(body.replace("one", "owe")), check));
  await rejects("SignatureDoesNotMatch", decode(inPieces(body.replace("sOO8", "sOO9")), check));
});

const JS_BODY = "5\r\nhello\r\n6\r\n\r\nworl\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";

test("an unsigned body with a trailer decodes, and data may look like framing", async () => {
  const check = unsignedCheck(11, ["x-amz-checksum-crc32"]);
  for (const body of [JS_BODY, JS_BODY.slice(0, -2), JS_BODY.replace("32:AA", "32: AA").replace("x-amz-checksum", "X-Amz-Checksum")]) {
    assert.deepEqual(await decode(inPieces(body, [1]), check), { text: "hello\r\nworl", trailers: { "x-amz-checksum-crc32": "AAAAAA==" } });
  }
  for (const body of ["0\r\n\r\n", "0\r\n"]) assert.deepEqual(await decode(inPieces(body), unsignedCheck(0)), { text: "", trailers: {} });
});

test("the data must add up to the announced length", async () => {
  for (const announced of [0, 10, 12, 1000]) {
    let bytes = 0;
    const reading = async () => {
      for await (const piece of streamBody(inPieces(JS_BODY), unsignedCheck(announced, ["x-amz-checksum-crc32"])).stream)
        bytes += piece.length;
    };
    await rejects("IncompleteBody", reading());
    assert.ok(bytes <= announced, `${bytes} bytes came out where ${announced} were announced`);
  }
});

test("a body that breaks off, goes on, or is not framed is incomplete", async () => {
  const check = unsignedCheck(11, ["x-amz-checksum-crc32"]);
  for (const body of [
    "",
    "5",
    "5\r\nhel",
    "5\r\nhello",
    "5\r\nhello\r\n",
    "hello world",
    "5 \r\nhello\r\n",
    "-5\r\n",
    "5;a=b\r\nhello\r\n",
    "5\nhello\n",
    `${JS_BODY}x`,
    "5\r\nhelloXX6\r\n",
  ]) {
    await rejects("IncompleteBody", decode(inPieces(body), check));
  }
});

test("a chunk's first line has at most 1 KiB", async () => {
  await rejects("IncompleteBody", decode(inPieces(`5;${"a".repeat(2000)}`), unsignedCheck(5)));
  let turns = 0;
  const endless: RequestBody = {
    ...bodyOf(""),
    async *stream() {
      for (; turns < 1000; turns += 1) yield Buffer.alloc(100, "1");
    },
  };
  await rejects("IncompleteBody", decode(endless, unsignedCheck(5)));
  assert.ok(turns < 12, `${turns} pieces were read`);
});

test("trailers are those that were announced, each once, and well-formed", async () => {
  const bodyWith = (trailers: string) => inPieces(`5\r\nhello\r\n0\r\n${trailers}\r\n`);
  const announced = unsignedCheck(5, ["x-amz-checksum-crc32"]);
  const line = "x-amz-checksum-crc32:AAAAAA==\r\n";
  for (const trailers of [
    "",
    `${line}${line}`,
    `${line}x-amz-meta-a:1\r\n`,
    "x-amz-meta-a:1\r\n",
    "x-amz-checksum-crc32\r\n",
    "x-amz-checksum-crc32:\r\n",
    line.replace("\r", ""),
  ]) {
    await rejects("MalformedTrailerError", decode(bodyWith(trailers), announced));
  }
  await rejects("MalformedTrailerError", decode(bodyWith(line), unsignedCheck(5)));
  await rejects("MalformedTrailerError", decode(inPieces(encodeSigned([Buffer.from("a")], CRC)), signedCheck(1)));
});

test("nothing follows the signature of the trailers", async () => {
  const body = encodeSigned([Buffer.from("a")], CRC).toString("latin1");
  const line = /x-amz-trailer-signature:[0-9a-f]{64}\r\n/.exec(body)?.[0] ?? "";
  await rejects("MalformedTrailerError", decode(inPieces(body.replace(line, line + line)), signedCheck(1, Object.keys(CRC))));
  const plain = encodeSigned([Buffer.from("a")]).toString("latin1");
  await rejects("MalformedTrailerError", decode(inPieces(plain.slice(0, -2) + line), signedCheck(1)));
});

test("trailers cannot be had before the end", () => {
  assert.throws(() => streamBody(inPieces(JS_BODY), unsignedCheck(11)).trailers(), /trailers come after/);
});

test("a reader that turns away, and an error, let go of the source", async () => {
  let closed = 0;
  const source: RequestBody = {
    ...bodyOf(""),
    async *stream() {
      try {
        for (let turn = 0; turn < 1000; turn += 1) yield Buffer.from("5\r\nhello\r\n");
      } finally {
        closed += 1;
      }
    },
  };
  for await (const piece of streamBody(source, unsignedCheck(1000)).stream) if (piece.length > 0) break;
  assert.equal(closed, 1);
  await rejects("IncompleteBody", decode(source, unsignedCheck(7)));
  assert.equal(closed, 2);
});

test("a hashed body passes on its way and fails at its end where it is another", async () => {
  const check = { kind: "sha256", hex: sha256("hello"), errors: S3_ERRORS } as const;
  assert.equal((await decode(inPieces("hello", [2]), check)).text, "hello");
  const seen: string[] = [];
  const passing = (async () => {
    for await (const piece of sha256Stream(inPieces("help!", [3]).stream(), check)) seen.push(Buffer.from(piece).toString());
  })();
  const error = await rejects("XAmzContentSHA256Mismatch", passing);
  assert.deepEqual(seen, ["hel", "p!"]);
  assert.deepEqual(error.options.details, { ClientComputedContentSHA256: check.hex, S3ComputedContentSHA256: sha256("help!") });
  await rejects("XAmzContentSHA256Mismatch", readBody(inPieces("help!"), check, 10));
  assert.equal(String(await readBody(inPieces("hello"), check, 10)), "hello");
});

test("a body that only tells its principal when read whole is not streamed", async () => {
  refuses("InvalidRequest", () => streamBody(inPieces("x"), { kind: "form" }));
  await rejects("InvalidRequest", readBody(inPieces("x"), { kind: "form" }, 10));
});

test("a framed body can be read whole, up to a limit, and may announce the hash of its data as well", async () => {
  const check = { ...unsignedCheck(11, ["x-amz-checksum-crc32"]), sha256: sha256("hello\r\nworl") };
  assert.equal(String(await readBody(inPieces(JS_BODY), check, 11)), "hello\r\nworl");
  await assert.rejects(readBody(inPieces(JS_BODY), check, 10), BodyTooLarge);
  await rejects("XAmzContentSHA256Mismatch", readBody(inPieces(JS_BODY), { ...check, sha256: sha256("x") }, 11));
});

test("a framed body is known by its hash word, its encoding or its decoded length, and must announce that length", () => {
  const base = { Host: "localhost", "x-amz-date": "20260101T120000Z", "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const verify = (headers: Record<string, string>) => {
    const all = { ...base, ...headers };
    const signedHeaders = Object.keys(all)
      .map((name) => name.toLowerCase())
      .toSorted()
      .join(";");
    return keysVerifier().verify(handSigned({ method: "PUT", headers: all, signedHeaders, payload: all["x-amz-content-sha256"] })).payload;
  };
  const length = { "x-amz-decoded-content-length": "5" };
  assert.equal(verify(length).kind, "chunked");
  assert.equal(verify({ ...length, "content-encoding": "gzip, aws-chunked" }).kind, "chunked");
  assert.equal(
    verify({ ...length, "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer": "x-amz-checksum-crc32" }).kind,
    "chunked",
  );
  assert.equal(verify({ "content-encoding": "gzip" }).kind, "none");
  for (const headers of [
    { "content-encoding": "aws-chunked" },
    { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" },
    { "x-amz-decoded-content-length": "5a" },
    { "x-amz-decoded-content-length": "-5" },
  ]) {
    assert.equal(refuses("MissingContentLength", () => verify(headers)).options.httpStatus, 411);
  }
  refuses("InvalidRequest", () =>
    verify({ ...length, "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-trailer": "x-amz-checksum-crc32" }),
  );
});
