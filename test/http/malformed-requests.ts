/** Requests that two readers may take for different things, or that nobody should take at all. */

const TARGET = "X-Amz-Target: AmazonSQS.CreateQueue";
const TYPE = "Content-Type: application/x-amz-json-1.0";
const BODY = '{"QueueName":"smuggled"}';

/** A whole request that is right in itself: what must never be read out of another one's body. */
const SMUGGLED = `POST / HTTP/1.1\r\nHost: localhost\r\n${TARGET}\r\n${TYPE}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

export interface MalformedRequest {
  readonly what: string;
  /** As Latin-1, byte by byte. */
  readonly bytes: string;
  /** The answer's status; undefined: the connection is closed without one. */
  readonly status: number | undefined;
}

function post(headers: readonly string[], body: string = BODY): string {
  return `POST / HTTP/1.1\r\n${["Host: localhost", TARGET, TYPE, ...headers].join("\r\n")}\r\n\r\n${body}`;
}

function withHead(head: string, status: number | undefined = 400): Pick<MalformedRequest, "bytes" | "status"> {
  return { bytes: `${head}\r\n${TARGET}\r\n${TYPE}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`, status };
}

const LENGTH = `Content-Length: ${BODY.length}`;
const CHUNKED = "Transfer-Encoding: chunked";
const chunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n`;

/** Where a body ends. */
const LENGTHS: readonly MalformedRequest[] = [
  { what: "Content-Length and Transfer-Encoding", bytes: post(["Content-Length: 5", CHUNKED], `0\r\n\r\n${SMUGGLED}`), status: 400 },
  { what: "Transfer-Encoding and Content-Length", bytes: post([CHUNKED, "Content-Length: 5"], `0\r\n\r\n${SMUGGLED}`), status: 400 },
  { what: "two different Content-Lengths", bytes: post(["Content-Length: 0", LENGTH]), status: 400 },
  { what: "the same Content-Length twice", bytes: post([LENGTH, LENGTH]), status: 400 },
  { what: "a list of Content-Lengths", bytes: post([`Content-Length: ${BODY.length}, ${BODY.length}`]), status: 400 },
  { what: "a negative Content-Length", bytes: post(["Content-Length: -1"]), status: 400 },
  { what: "a Content-Length with a plus", bytes: post([`Content-Length: +${BODY.length}`]), status: 400 },
  { what: "a hexadecimal Content-Length", bytes: post(["Content-Length: 0x18"]), status: 400 },
  { what: "a Content-Length with a space inside", bytes: post(["Content-Length: 2 4"]), status: 400 },
  { what: "an empty Content-Length", bytes: post(["Content-Length:"]), status: 400 },
  { what: "a Content-Length beyond 64 bits", bytes: post(["Content-Length: 99999999999999999999"]), status: 400 },
  { what: "an unknown Transfer-Encoding", bytes: post(["Transfer-Encoding: xchunked"], chunk(BODY)), status: 400 },
  { what: "chunked that is not the last encoding", bytes: post(["Transfer-Encoding: chunked, identity"], chunk(BODY)), status: 400 },
  {
    what: "Transfer-Encoding twice, the last not chunked",
    bytes: post([CHUNKED, "Transfer-Encoding: identity"], chunk(BODY)),
    status: 400,
  },
  { what: "Transfer-Encoding with a space before its colon", bytes: post(["Transfer-Encoding : chunked"], chunk(BODY)), status: 400 },
  { what: "a chunk size that is no number", bytes: post([CHUNKED], `zz\r\n${BODY}\r\n0\r\n\r\n`), status: 400 },
  { what: "a negative chunk size", bytes: post([CHUNKED], `-1\r\n${BODY}\r\n0\r\n\r\n`), status: 400 },
  { what: "a chunk size with 0x", bytes: post([CHUNKED], `0x18\r\n${BODY}\r\n0\r\n\r\n`), status: 400 },
  { what: "a chunk size beyond 64 bits", bytes: post([CHUNKED], `fffffffffffffffff\r\n${BODY}`), status: 400 },
  { what: "a chunk size that ends with a bare line feed", bytes: post([CHUNKED], `18\n${BODY}\r\n0\r\n\r\n`), status: 400 },
  { what: "a chunk that is longer than it says", bytes: post([CHUNKED], `2\r\n${BODY}\r\n0\r\n\r\n`), status: 400 },
  { what: "a chunk extension with a bare line feed", bytes: post([CHUNKED], `18;a\nb\r\n${BODY}\r\n0\r\n\r\n`), status: 400 },
];

/** What a line and a header are. */
const HEADS: readonly MalformedRequest[] = [
  { what: "two Hosts", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example") },
  { what: "the same Host twice", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nhOST: localhost") },
  { what: "no Host", ...withHead("POST / HTTP/1.1\r\nX: y") },
  { what: "a folded header", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b") },
  { what: "a header folded before the first", ...withHead("POST / HTTP/1.1\r\n X: a\r\nHost: localhost") },
  { what: "a NUL in a value", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nX: a\0b") },
  { what: "a NUL in a name", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nX\0: a") },
  { what: "a NUL in the path", ...withHead("POST /\0 HTTP/1.1\r\nHost: localhost") },
  { what: "a bare line feed after a header", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nX: a\nY: b") },
  { what: "a bare line feed after the request line", ...withHead("POST / HTTP/1.1\nHost: localhost") },
  { what: "a bare carriage return in a value", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nX: a\rY: b") },
  { what: "bare line feeds around the headers", bytes: post([LENGTH]).replaceAll("\r\n", "\n"), status: 400 },
  { what: "a space before a colon", ...withHead("POST / HTTP/1.1\r\nHost : localhost") },
  { what: "a header without a colon", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nnonsense") },
  { what: "a header without a name", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\n: a") },
  { what: "a control character in a value", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nX: \u0001") },
  { what: "brackets in a name", ...withHead("POST / HTTP/1.1\r\nHost: localhost\r\nX[y]: a") },
  { what: "headers of 20 KiB", ...withHead(`POST / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20 * 1024)}`, 431) },
  { what: "a request line of 20 KiB", ...withHead(`POST /${"x".repeat(20 * 1024)} HTTP/1.1\r\nHost: localhost`, 431) },
  { what: "a name of 20 KiB", ...withHead(`POST / HTTP/1.1\r\nHost: localhost\r\n${"x".repeat(20 * 1024)}: a`, 431) },
];

/** What is no request of ours. */
const LINES: readonly MalformedRequest[] = [
  { what: "a method in lower case", ...withHead("post / HTTP/1.1\r\nHost: localhost") },
  { what: "an unknown method", ...withHead("MAKE / HTTP/1.1\r\nHost: localhost") },
  { what: "a request line without a version", ...withHead("POST /\r\nHost: localhost", 505) },
  { what: "a version of three digits", ...withHead("POST / HTTP/1.10\r\nHost: localhost") },
  { what: "HTTP/2.0 in words", ...withHead("POST / HTTP/2.0\r\nHost: localhost", 505) },
  { what: "the preface of HTTP/2", bytes: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 400 },
  { what: "a TLS hello", bytes: "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003", status: 400 },
  { what: "a space in the path", ...withHead("POST /a b HTTP/1.1\r\nHost: localhost") },
  { what: "a way to another host", bytes: "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", status: undefined },
];

export const MALFORMED_REQUESTS: readonly MalformedRequest[] = [...LENGTHS, ...HEADS, ...LINES];
