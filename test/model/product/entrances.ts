import { createVerifier } from "../../../src/auth/index.ts";
import type { Clock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import type { Random } from "../../../src/kernel/random.ts";
import { ServiceError } from "../../../src/kernel/service-error.ts";
import { Meter } from "../../../src/server/meter.ts";
import { TrustedProxies } from "../../../src/server/origin.ts";
import { createPipeline, type PipelineOptions } from "../../../src/server/pipeline.ts";
import { QueuePageSteps } from "../../../src/server/queue-pages.ts";
import type { Queues } from "../../../src/services/queues/index.ts";
import type { Call } from "../../../src/wire/api.ts";
import { bodyOf, type HttpRequest, type HttpResponse } from "../../../src/wire/http.ts";
import { compileApi } from "../../../src/wire/protocols.ts";
import type { Actions, Output } from "../../sdk/queues/protocols.ts";
import { formOf, readQueryAnswer, Refused } from "../../sdk/queues/query-protocol.ts";
import type { Answer } from "../sqs/answer.ts";

/** Asks for one action. Rejects only where the caller has gone, or for a bug. */
export type Caller = <A extends keyof Actions>(action: A, input: Actions[A][0], signal: AbortSignal) => Promise<Answer<A>>;

/** A way into the queue service. */
export type Entrance = (parts: { queues: Queues; clock: Clock; random: Random }) => Caller;

/** The actions themselves, past the wire: the fastest way that still has every rule in it. */
const actions: Entrance = ({ queues }) => {
  const principal = {
    accountId: "000000000000",
    arn: "arn:aws:iam::000000000000:root",
    uniqueId: "AIDA",
    accessKeyId: "test",
    authenticated: false,
    verified: false,
  };
  const call: Omit<Call, "signal" | "action"> = {
    requestId: "",
    secure: false,
    principal,
    region: "us-east-1",
    baseUrl: "http://localhost:4566",
    target: "/",
    headers: {},
    remoteAddress: "127.0.0.1",
  };
  return async (action, input, signal) => {
    try {
      const output = (await queues.api.actions[action]?.handle(input, { ...call, action, signal })) ?? {};
      return { output: withPlainBytes(output) as never };
    } catch (failure) {
      if (!(failure instanceof ServiceError)) throw failure;
      const { code, queryCode = code, message } = failure.options;
      return { refusal: { code: queryCode, message } };
    }
  };
};

/** All steps of a request, in AWS JSON 1.0, without a socket. */
const json: Entrance = (parts) => {
  const handle = createPipeline(pipelineOf(parts));
  return async (action, input, signal) => {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
    const { headers: told, body } = await handle(request(JSON.stringify(input, bytesAsBase64), headers, signal));
    const answer = JSON.parse(textOf(body) || "{}", bytesFromBase64) as Output<typeof action> & { message?: string };
    const error = told["x-amzn-query-error"];
    return error === undefined ? { output: answer } : { refusal: { code: error.split(";")[0] ?? "", message: answer.message ?? "" } };
  };
};

/** The same in the Query protocol. */
const query: Entrance = (parts) => {
  const handle = createPipeline(pipelineOf(parts));
  return async (action, input, signal) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const { status, body } = await handle(request(formOf(action, input).toString(), headers, signal));
    try {
      return { output: readQueryAnswer(action, status, textOf(body)) };
    } catch (failure) {
      if (!(failure instanceof Refused)) throw failure;
      // The one text that differs between the protocols.
      const message = failure.message.replace(/^(The specified queue does not exist) for this wsdl version\.$/, "$1.");
      return { refusal: { code: failure.code, message } };
    }
  };
};

export const ENTRANCES = { actions, json, query } as const;
export type EntranceName = keyof typeof ENTRANCES;

function pipelineOf({ queues, clock, random }: Parameters<Entrance>[0]): PipelineOptions {
  const nobody = () => Promise.reject(new Error("only queues are asked"));
  const verifier = createVerifier({
    clock,
    credentials: [],
    mode: "dev",
    defaultRegion: "us-east-1",
    defaultAccount: "000000000000",
    bucketOfHost: () => undefined,
  });
  const api = compileApi(queues.api);
  const asked = { verifier, exactScope: false };
  return {
    apis: [api],
    objects: { answer: nobody, error: nobody, allowsOrigin: nobody },
    ...asked,
    guard: undefined,
    queuePages: new QueuePageSteps({ pages: queues.pages, api, developerApi: compileApi(queues.developerApi), ...asked }),
    ownPages: { answer: nobody },
    publicUrl: undefined,
    proxies: new TrustedProxies([]),
    clock,
    random,
    logger: silentLogger,
    meter: new Meter(),
  };
}

function request(text: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): HttpRequest {
  const all = { host: "localhost:4566", ...headers };
  const rawHeaders = Object.entries(all).flat();
  return { method: "POST", target: "/", rawHeaders, headers: all, body: bodyOf(text), remoteAddress: "127.0.0.1", signal };
}

function textOf(body: HttpResponse["body"]): string {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString() : "";
}

/** Bytes as the SDK shows them: no Buffer. */
function withPlainBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(withPlainBytes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPlainBytes(member)]));
}

function bytesAsBase64(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

function bytesFromBase64(name: string, value: unknown): unknown {
  return name === "BinaryValue" ? Uint8Array.from(Buffer.from(value as string, "base64")) : value;
}
