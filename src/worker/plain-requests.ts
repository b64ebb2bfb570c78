import { request as httpRequest, type Agent, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { systemWallMs, type Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import { pause } from "./pause.ts";
import { isPlainPath, PlainSigner, scopeOf } from "./plain-signature.ts";
import { pauseMs } from "./rules/backoff.ts";

type AwsClient = S3Client | SQSClient;

const RETRY = { baseMs: 100, capMs: SECOND_MS };

/** A request of the client as it is about to be sent: where requests of its kind go. */
interface ClientRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where requests of a kind go, and who signs them. */
interface Where {
  readonly isTls: boolean;
  readonly hostname: string;
  readonly port: number | undefined;
  readonly path: string;
  readonly host: string;
  readonly signer: PlainSigner;
}

export interface PlainRequest {
  readonly method: string;
  /** Made of the path that the client's own request had. */
  readonly path: (seen: string) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface PlainParts {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Requests that a pipeline makes for every message, signed with an AWS client's own credentials and sent on its own connections, past its
 * middleware, its signer and its handler of requests, which take many times as much of a processor as all the rest. What is answered in any way but
 * the plain ones is left to the client, which makes the request again: errors, redirects, clocks that differ; after a pause, where the server
 * has not answered or says that it cannot now. Only for clients of our own: nobody else can have given them middleware.
 */
export class PlainRequests {
  readonly #client: AwsClient;
  readonly #parts: PlainParts;
  readonly #seen = new Map<string, Where>();

  /** @param keyOf what requests that go to the same place have in common; `undefined` of those that are not looked at. */
  constructor(client: AwsClient, keyOf: (input: object, request: ClientRequest) => string | undefined, parts: PlainParts) {
    this.#client = client;
    this.#parts = parts;
    // The first request of its kind goes by the client, and shows where: by the host's name or by the path, at AWS or elsewhere.
    const learn = (input: object, request: ClientRequest) => {
      const key = keyOf(input, request);
      if (key === undefined || this.#seen.has(key)) return;
      const where = whereOf(request);
      if (where !== undefined) this.#seen.set(key, where);
    };
    (client as S3Client).middlewareStack.add(
      (next) => async (args) => {
        learn(args.input, args.request as ClientRequest);
        return await next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
  }

  /** @returns `undefined` where the client is to make the request. @throws when the signal was aborted. */
  async send(key: string, request: PlainRequest): Promise<PlainAnswer | undefined> {
    const where = this.#seen.get(key);
    if (where === undefined) return undefined;
    const { clock, random } = this.#parts;
    const { signal } = request;
    try {
      const answer = await this.#exchange(where, request);
      if (answer === undefined || !isOverloaded(answer.status)) return answer;
    } catch (error) {
      if (signal?.aborted === true) throw error;
    }
    // What the client makes then is a second try, of which the client does not know that it has to wait before it.
    await pause(clock, pauseMs(1, RETRY, random.fraction()), signal);
    signal?.throwIfAborted();
    return undefined;
  }

  async #exchange(where: Where, { method, path, headers, body, signal }: PlainRequest): Promise<PlainAnswer | undefined> {
    const agent = this.#agent(where);
    const given = path(where.path);
    if (agent === undefined || !isPlainPath(given)) return undefined;
    // Whoever has no credentials now may have some for the client, or for the next request.
    const credentials = await this.#client.config.credentials().catch(() => undefined);
    if (credentials === undefined) return undefined;
    const own = { host: where.host, "content-length": String(Buffer.byteLength(body, "utf8")), ...headers };
    const signed = where.signer.headers({ method, path: given, headers: own, body }, credentials, this.#wallMs());
    return await exchange({ ...where, agent, method, path: given, headers: signed, body }, signal);
  }

  /** The client's own, which it has once it has made a request. */
  #agent({ isTls }: Where): Agent | undefined {
    const handler = this.#client.config.requestHandler as { httpHandlerConfigs?(): { httpAgent?: Agent; httpsAgent?: Agent } };
    const { httpAgent, httpsAgent } = handler.httpHandlerConfigs?.() ?? {};
    return isTls ? httpsAgent : httpAgent;
  }

  /** As the server has it, whose answers tell the client. */
  #wallMs(): number {
    return systemWallMs() + this.#client.config.systemClockOffset;
  }
}

/** Nothing is wrong with such a request; it came at a wrong time. */
function isOverloaded(status: number): boolean {
  return status >= 500 || status === 429;
}

/** Without its body and credentials: it is kept for as long as the client. */
function whereOf({ protocol, hostname, port, path, headers }: ClientRequest): Where | undefined {
  const scope = scopeOf(headers["authorization"]);
  if (scope === undefined) return undefined;
  const host = headers["host"] ?? hostname;
  return { isTls: protocol === "https:", hostname: hostname.replace(/^\[|\]$/g, ""), port, path, host, signer: new PlainSigner(scope) };
}

interface Exchange extends Pick<Where, "isTls" | "hostname" | "port"> {
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function exchange(
  { isTls, hostname, port, agent, method, path, headers, body }: Exchange,
  signal: AbortSignal | undefined,
): Promise<PlainAnswer> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<PlainAnswer>();
  const request = (isTls ? httpsRequest : httpRequest)({ host: hostname, port, agent, method, path, headers });
  const abort = () => request.destroy(signal?.reason as Error);
  signal?.addEventListener("abort", abort);
  // Of a request that was given up there may be several.
  request.on("error", reject);
  request.once("response", (response: IncomingMessage) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.once("end", () => {
      const [first] = chunks;
      const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: bytes?.toString("utf8") ?? "" });
    });
  });
  request.end(body);
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
