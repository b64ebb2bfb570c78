import assert from "node:assert/strict";
import { test } from "node:test";
import { request } from "node:http";
import { silentLogger } from "../kernel/logger.ts";
import { manualClock } from "../kernel/clock.ts";
import { bodyOf, type HttpRequest } from "../wire/http.ts";
import { configWith } from "./config.ts";
import { TrustedProxies } from "./origin.ts";
import { startServer } from "./server.ts";

const asked = (remoteAddress: string, headers: Record<string, string> = {}): HttpRequest => ({
  method: "GET",
  target: "/",
  rawHeaders: [],
  headers,
  body: bodyOf(""),
  remoteAddress,
  signal: new AbortController().signal,
});
const forwarded = (chain: string, protocol?: string) => ({
  "x-forwarded-for": chain,
  ...(protocol === undefined ? {} : { "x-forwarded-proto": protocol }),
});

test("where a request came from is said by the socket, and by nobody who is not trusted", () => {
  const none = new TrustedProxies([]);
  const some = new TrustedProxies(["10.0.0.0/8", "fd00::1"]);
  const table: [proxies: TrustedProxies, request: HttpRequest, address: string, secure: boolean][] = [
    [none, asked("203.0.113.9"), "203.0.113.9", false],
    [none, asked("::ffff:203.0.113.9"), "203.0.113.9", false],
    [none, asked("10.0.0.7", forwarded("198.51.100.1", "https")), "10.0.0.7", false],
    [some, asked("203.0.113.9", forwarded("198.51.100.1", "https")), "203.0.113.9", false],
    [some, asked("10.0.0.7", forwarded("198.51.100.1", "https")), "198.51.100.1", true],
    [some, asked("::ffff:10.0.0.7", forwarded("198.51.100.1", "http")), "198.51.100.1", false],
    [some, asked("fd00::1", forwarded("2001:db8::5", "HTTPS")), "2001:db8::5", true],
    [some, asked("10.0.0.7", forwarded("1.2.3.4, 198.51.100.1, 10.9.9.9", "https, https")), "198.51.100.1", true],
    [some, asked("10.0.0.7", forwarded("198.51.100.1", "https, http")), "198.51.100.1", false],
    [some, asked("10.0.0.7", forwarded("198.51.100.1, not an address")), "10.0.0.7", false],
    [some, asked("10.0.0.7", forwarded("10.0.0.8")), "10.0.0.8", false],
    [some, asked("10.0.0.7"), "10.0.0.7", false],
    [some, asked(""), "", false],
  ];
  for (const [proxies, request, address, secure] of table) assert.deepEqual(proxies.originOf(request), { address, secure });
});

test("a proxy that is no address is refused by name", () => {
  for (const text of ["proxy.example.com", "10.0.0.0/33", "10.0.0.0/8/8", "::/129", "10.0.0.0/x", "*"]) {
    assert.throws(() => new TrustedProxies([text]), {
      name: "BadSetting",
      message: new RegExp(`trusted-proxy must be .* not "${text.replace("*", "\\*")}"`),
    });
  }
});

test("a policy sees the address and the TLS that a trusted proxy tells of", { timeout: 20_000 }, async () => {
  const config = configWith({ port: 0, memory: true, trustedProxy: ["127.0.0.1"] });
  const server = await startServer(config, { clock: manualClock(), logger: silentLogger });
  const ask = (action: string, input: object, { account, ...headers }: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const authorization = `AWS4-HMAC-SHA256 Credential=${account}/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0`;
      const json = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}`, authorization };
      const sent = request(server.endpoint, { method: "POST", headers: { ...json, ...headers } }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode));
      });
      sent.on("error", reject);
      sent.end(JSON.stringify(input));
    });
  try {
    const Condition = { IpAddress: { "aws:SourceIp": "198.51.100.0/24" }, Bool: { "aws:SecureTransport": "true" } };
    const Policy = JSON.stringify({ Statement: { Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*", Condition } });
    assert.equal(await ask("CreateQueue", { QueueName: "orders", Attributes: { Policy } }, { account: "000000000000" }), 200);
    const send = (headers?: Record<string, string>) =>
      ask("SendMessage", { QueueUrl: "/000000000000/orders", MessageBody: "b" }, { account: "111111111111", ...headers });
    assert.equal(await send(), 403);
    assert.equal(await send(forwarded("198.51.100.7", "https")), 200);
    assert.equal(await send(forwarded("198.51.100.7", "http")), 403);
    assert.equal(await send(forwarded("198.51.100.7, 203.0.113.1", "https")), 403);
  } finally {
    await server.stop();
  }
});
