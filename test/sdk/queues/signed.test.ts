import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { manualClock, type ManualClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { configWith } from "../../../src/server/config.ts";
import { startServer } from "../../../src/server/server.ts";
import { covers } from "../../contract/covers.ts";

const ALICE = { accessKeyId: "AKIAALICE", secretAccessKey: "the-secret-of-alice" };
const BOB = { accessKeyId: "AKIABOB", secretAccessKey: "the-secret-of-bob" };
const ACCOUNTS = [
  { ...ALICE, accountId: "111111111111", name: "alice" },
  { ...BOB, accountId: "222222222222", name: "bob" },
];
const JSON_TYPE = "application/x-amz-json-1.0";
const FORM = "application/x-www-form-urlencoded";

interface Signing {
  readonly key?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region?: string;
}

interface Answer {
  readonly status: number;
  readonly queryError: string | undefined;
  readonly text: string;
}

interface Caller {
  readonly clock: ManualClock;
  readonly send: (method: string, path: string, of: { headers: Record<string, string>; body?: string }) => Promise<Answer>;
  /** One action, signed in a header. */
  readonly json: (action: string, input: object, signing?: Signing) => Promise<Answer>;
  readonly query: (parameters: Record<string, string>, signing?: Signing) => Promise<Answer>;
  readonly get: (path: string, query: Record<string, string>, signing?: Signing) => Promise<Answer>;
  /** The target of a GET that is signed in its query string. */
  readonly presigned: (path: string, query: Record<string, string>, signing?: Signing) => Promise<string>;
}

function onSigned(name: string, run: (caller: Caller) => Promise<void>): void {
  test(name, { timeout: 20_000 }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-signed-"));
    const credentials = join(directory, "keys.json");
    writeFileSync(credentials, JSON.stringify(ACCOUNTS));
    const clock = manualClock();
    const server = await startServer(configWith({ port: 0, memory: true, credentials }), { clock, logger: silentLogger });
    try {
      await run(callerOf(server.endpoint, clock));
    } finally {
      await server.stop();
      rmSync(directory, { recursive: true });
    }
  });
}

function callerOf(endpoint: string, clock: ManualClock): Caller {
  const { hostname, port, host } = new URL(endpoint);
  const signerOf = ({ key = ALICE, region = "us-east-1" }: Signing) =>
    new SignatureV4({ credentials: key, region, service: "sqs", sha256: Sha256 });
  const base = { protocol: "http:", hostname, port: Number(port) };
  const at = () => ({ signingDate: new Date(clock.nowMs()) });
  const send: Caller["send"] = (method, path, { headers, body = "" }) =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        endpoint + path,
        { method, headers: { ...headers, "content-length": String(Buffer.byteLength(body)) } },
        (response) => {
          let text = "";
          response.on("data", (piece) => (text += String(piece)));
          const queryError = response.headers["x-amzn-query-error"] as string | undefined;
          response.on("end", () => resolve({ status: response.statusCode ?? 0, queryError, text }));
        },
      );
      outgoing.on("error", reject).end(body);
    });
  const post = async (headers: Record<string, string>, body: string, signing: Signing) => {
    const ask = await signerOf(signing).sign({ ...base, method: "POST", path: "/", headers: { ...headers, host }, body }, at());
    return send("POST", "/", { headers: ask.headers, body });
  };
  return {
    clock,
    send,
    json: (action, input, signing = {}) =>
      post({ "content-type": JSON_TYPE, "x-amz-target": `AmazonSQS.${action}` }, JSON.stringify(input), signing),
    query: (parameters, signing = {}) => post({ "content-type": FORM }, new URLSearchParams(parameters).toString(), signing),
    async get(path, query, signing = {}) {
      const { headers } = await signerOf(signing).sign({ ...base, method: "GET", path, query, headers: { host } }, at());
      return send("GET", `${path}?${new URLSearchParams(query).toString()}`, { headers });
    },
    async presigned(path, query, signing = {}) {
      const ask = await signerOf(signing).presign({ ...base, method: "GET", path, query, headers: { host } }, { ...at(), expiresIn: 60 });
      return `${path}?${Object.entries(ask.query ?? {})
        .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
        .join("&")}`;
    },
  };
}

const QUEUE = "/111111111111/orders";

onSigned("a GET of the Query protocol is taken signed in a header and presigned, on the root and on a queue's URL", async (caller) => {
  covers("sqs/1.3-presigned-query", "sqs/1-query-get");
  const { clock, get, presigned, send } = caller;
  assert.equal((await get("/", { Action: "CreateQueue", QueueName: "orders", Version: "2012-11-05" })).status, 200);
  const target = await presigned(QUEUE, { Action: "SendMessage", MessageBody: "a b+c%&é", Version: "2012-11-05" });
  assert.equal((await send("GET", target, { headers: {} })).status, 200);
  assert.match((await get(QUEUE, { Action: "ReceiveMessage" })).text, /<Body>a b\+c%&amp;é<\/Body>/);
  for (const changed of [target.replace("MessageBody=a", "MessageBody=b"), `${target}&DelaySeconds=5`, target.replace("orders", "other")]) {
    const { status, text } = await send("GET", changed, { headers: {} });
    assert.deepEqual([status, /<Code>(\w+)</.exec(text)?.[1]], [403, "SignatureDoesNotMatch"], changed);
  }
  clock.advance(60_001);
  const { status, text } = await send("GET", target, { headers: {} });
  assert.deepEqual([status, /<Code>(\w+)</.exec(text)?.[1]], [400, "RequestExpired"]);
});

onSigned("who is not who he says is refused alike on both protocols", async ({ clock, json, query, send }) => {
  covers(
    "sqs/1.3-no-credentials",
    "sqs/1.3-malformed-authorization",
    "sqs/1.3-unknown-key",
    "sqs/1.3-wrong-signature",
    "sqs/1.3-clock-window",
    "sqs/11-auth-types",
  );
  const unsigned = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    return [
      await send("POST", "/", { headers: { "content-type": JSON_TYPE, "x-amz-target": "AmazonSQS.ListQueues", ...headers }, body: "{}" }),
      await send("POST", "/", { headers: { "content-type": FORM, ...headers }, body: "Action=ListQueues" }),
    ] as const;
  };
  const signedBy = async (key: typeof ALICE) =>
    [await json("ListQueues", {}, { key }), await query({ Action: "ListQueues" }, { key })] as const;
  const refused = ([inJson, inQuery]: readonly [Answer, Answer], type: string, [code, status]: readonly [string, number]) => {
    assert.equal((JSON.parse(inJson.text) as Record<string, string>)["__type"], `com.amazon.coral.service#${type}`);
    assert.deepEqual([inJson.status, inJson.queryError], [status, `${code};Sender`]);
    assert.deepEqual([inQuery.status, /<Code>(\w+)</.exec(inQuery.text)?.[1]], [status, code]);
  };
  refused(await unsigned(), "AccessDeniedException", ["AccessDenied", 403]);
  refused(await unsigned("AWS4-HMAC-SHA256 nonsense"), "IncompleteSignatureException", ["IncompleteSignature", 400]);
  refused(await signedBy({ ...ALICE, accessKeyId: "AKIASTRANGER" }), "UnrecognizedClientException", ["InvalidClientTokenId", 403]);
  refused(await signedBy({ ...ALICE, secretAccessKey: "another" }), "SignatureDoesNotMatch", ["SignatureDoesNotMatch", 403]);
  const { headers } = await new SignatureV4({ credentials: ALICE, region: "us-east-1", service: "sqs", sha256: Sha256 }).sign(
    {
      protocol: "http:",
      hostname: "localhost",
      method: "POST",
      path: "/",
      headers: { host: "localhost", "content-type": JSON_TYPE, "x-amz-target": "AmazonSQS.ListQueues" },
      body: "{}",
    },
    { signingDate: new Date(clock.nowMs() - 900_001) },
  );
  const late = await send("POST", "/", { headers, body: "{}" });
  assert.deepEqual([late.status, late.queryError], [400, "RequestExpired;Sender"]);
});

onSigned("a queue belongs to the account of the key and the region of the signature", async ({ json }) => {
  covers("sqs/3.4-own-region", "sqs/1.3-signing-scope", "sqs/1.3-partition", "sqs/3.3-other-owner");
  await json("CreateQueue", { QueueName: "orders" });
  await json("CreateQueue", { QueueName: "beijing" }, { region: "cn-north-1" });
  await json("CreateQueue", { QueueName: "bobs" }, { key: BOB });
  const names = async (signing: Signing) =>
    ((JSON.parse((await json("ListQueues", {}, signing)).text) as { QueueUrls?: string[] }).QueueUrls ?? []).map((url) =>
      url.replace(/^.*?(\d{12})/, "$1"),
    );
  assert.deepEqual(await names({}), ["111111111111/orders"]);
  assert.deepEqual(await names({ region: "cn-north-1" }), ["111111111111/beijing"]);
  assert.deepEqual(await names({ key: BOB }), ["222222222222/bobs"]);
  const { text } = await json("GetQueueAttributes", { QueueUrl: "beijing", AttributeNames: ["QueueArn"] }, { region: "cn-north-1" });
  assert.match(text, /"arn:aws-cn:sqs:cn-north-1:111111111111:beijing"/);
  const { queryError } = await json("GetQueueUrl", { QueueName: "orders", QueueOwnerAWSAccountId: "111111111111" }, { key: BOB });
  assert.equal(queryError, "AWS.SimpleQueueService.NonExistentQueue;Sender");
});

onSigned("SenderId is the unique id of who sent", async ({ json }) => {
  covers("sqs/5.1-sender-id");
  await json("CreateQueue", { QueueName: "orders" });
  await json("SendMessage", { QueueUrl: "orders", MessageBody: "b" });
  const { text } = await json("ReceiveMessage", { QueueUrl: "orders", MessageSystemAttributeNames: ["SenderId"] });
  assert.match(text, /"Attributes":\{"SenderId":"AIDA[A-Z2-7]{17}"\}/);
});
