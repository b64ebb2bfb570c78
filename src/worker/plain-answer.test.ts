import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AnswerReader, type PlainAnswer } from "./plain-answer.ts";

/** Reads a text in pieces of so many bytes. */
function read(text: string, pieceBytes = Number.POSITIVE_INFINITY): { answer: PlainAnswer | undefined; keptMs: number } {
  const reader = new AnswerReader();
  const all = Buffer.from(text);
  let answer: PlainAnswer | undefined;
  // As a connection does: each piece overwrites the one before.
  const shared = Buffer.alloc(all.length);
  for (let from = 0; from < all.length; from += pieceBytes) {
    const piece = all.subarray(from, from + pieceBytes);
    assert.equal(answer, undefined, "an answer comes with its last byte");
    piece.copy(shared.fill(0));
    answer = reader.read(shared.subarray(0, piece.length));
  }
  answer ??= reader.end();
  return { answer, keptMs: reader.keptMs };
}

const lines = (...all: string[]) => all.join("\r\n");
const xml = "<Error><Code>PreconditionFailed</Code><Message>Ünïcode 日本</Message></Error>";
const xmlBytes = Buffer.byteLength(xml);
const ANSWERS: [string, string, Partial<PlainAnswer> & { keptMs?: number }][] = [
  ["without a body", lines("HTTP/1.1 200 OK", 'ETag: "1"', "Content-Length: 0", "", ""), { status: 200, etag: '"1"' }],
  ["without a reason", lines("HTTP/1.1 200", "content-length:0", "", ""), { status: 200 }],
  ["with a body", lines("HTTP/1.1 412 No", `content-length: ${xmlBytes}`, "", xml), { status: 412, text: xml }],
  ["without a length, as it has none", lines("HTTP/1.1 204 No Content", "", ""), { status: 204 }],
  [
    "in chunks",
    lines("HTTP/1.1 200 OK", "Transfer-Encoding: Chunked", "", "5", "hello", "B;a=b", " my wörld!", "0", "Expires: never", "", ""),
    { status: 200, text: "hello my wörld!" },
  ],
  [
    "after word that it is being made",
    lines("HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Early Hints", "link: a", "", "HTTP/1.1 200 OK", "content-length: 2", "", "ok"),
    { status: 200, text: "ok" },
  ],
  ["that ends with its connection", lines("HTTP/1.1 200 OK", "", "all of it"), { status: 200, text: "all of it", keptMs: 0 }],
  ["of a connection that closes", lines("HTTP/1.1 200 OK", "Connection: Close", "content-length: 0", "", ""), { status: 200, keptMs: 0 }],
  ["of an older server", lines("HTTP/1.0 200 OK", "content-length: 0", "", ""), { status: 200, keptMs: 0 }],
  [
    "of a server that keeps connections for a while",
    lines("HTTP/1.1 200 OK", "connection: keep-alive", "keep-alive: timeout=5, max=9", "content-length: 0", "", ""),
    { status: 200, keptMs: 4000 },
  ],
];

describe("an answer is read", () => {
  for (const [name, text, { keptMs = Number.POSITIVE_INFINITY, ...expected }] of ANSWERS)
    test(`${name}, in whatever pieces it comes`, () => {
      for (const pieceBytes of [undefined, 1, 2, 7, 40])
        assert.deepEqual(read(text, pieceBytes), { answer: { etag: undefined, text: "", ...expected }, keptMs });
    });

  test("of any size", () => {
    const body = "ä".repeat(300_000);
    assert.equal(read(lines("HTTP/1.1 200 OK", "content-length: 600000", "", body), 16_384).answer?.text, body);
    const chunk = lines((100_000).toString(16), "b".repeat(100_000), "");
    const chunks = lines("HTTP/1.1 200 OK", "transfer-encoding: chunked", "", `${chunk.repeat(3)}0`, "", "");
    assert.equal(read(chunks, 16_384).answer?.text, "b".repeat(300_000));
  });
});

const REFUSED: [string, string][] = [
  ["is of another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
  ["is of another version", "HTTP/2 200\r\n\r\n"],
  ["changes the protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["goes on after its end", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK"],
  ["goes on after the last of its chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP"],
  ["says twice how long it is", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok"],
  ["says how long it is in words", "HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n"],
  ["is compressed", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"],
  ["has chunks and a length", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n"],
  ["has a header without a name", "HTTP/1.1 200 OK\r\nnothing\r\ncontent-length: 0\r\n\r\n"],
  ["has a chunk without a size", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-5\r\nhello"],
  ["has a chunk that is longer than it says", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello you\r\n"],
  ["has a chunk whose size does not end", `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;${"a".repeat(5000)}`],
  ["has a head that does not end", `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(20_000)}`],
];

describe("it is no answer", () => {
  for (const [name, text] of REFUSED)
    test(`what ${name}`, () => {
      assert.throws(() => read(text), Error);
      assert.throws(() => read(text, 16), Error);
    });

  test("what ends before its end", () => {
    for (const text of ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no"])
      assert.equal(read(text, 10).answer, undefined, text);
    const chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n";
    assert.equal(read(chunks).answer, undefined);
  });
});
