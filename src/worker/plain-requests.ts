import type { Agent } from "node:http";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { systemWallMs, type Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";
import { SECOND_MS } from "../kernel/units.ts";
import { pause } from "./pause.ts";
import type { PlainAnswer } from "./plain-answer.ts";
import { PlainConnections, type Peer } from "./plain-connections.ts";
import { isPlainPath, PlainSigner, scopeOf, type Header } from "./plain-signature.ts";
import { pauseMs } from "./rules/backoff.ts";

type AwsClient = S3Client | SQSClient;

const RETRY = { baseMs: 100, capMs: SECOND_MS };

/** Where the client does not say it; as the SDK's own agents have it. */
const CONNECTIONS_MAX = 50;

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
  readonly peer: Peer;
  readonly path: string;
  readonly host: string;
  readonly signer: PlainSigner;
}

export interface PlainRequest {
  readonly method: string;
  /** Made of the path that the client's own request had. */
  readonly path: (seen: string) => string;
  readonly headers: readonly Header[];
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

export interface PlainParts {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Requests that a pipeline makes for every message, signed with an AWS client's own credentials, past its middleware, its signer, its handler of
 * requests and Node's client, which take many times as much of a processor as all the rest. What is answered in any way but the plain ones is
 * left to the client, which makes the request again: errors, redirects, clocks that differ; after a pause, where the server has not answered
 * or says that it cannot now. Only for clients of our own: nobody else can have given them middleware, or agents.
 */
export class PlainRequests {
  readonly #client: AwsClient;
  readonly #parts: PlainParts;
  readonly #seen = new Map<string, Where>();
  /** By the servers that they go to. */
  readonly #connections = new Map<string, PlainConnections>();

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
    // Connections end with the client: whoever has it knows of no others.
    const destroy = client.destroy.bind(client);
    client.destroy = () => {
      for (const connections of this.#connections.values()) connections.destroy();
      destroy();
    };
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
    const { peer, host, signer } = where;
    const given = path(where.path);
    if (!isPlainPath(given)) return undefined;
    // Whoever has no credentials now may have some for the client, or for the next request.
    const credentials = await this.#client.config.credentials().catch(() => undefined);
    if (credentials === undefined) return undefined;
    const own: Header[] = [["content-length", String(Buffer.byteLength(body, "utf8"))], ...headers];
    const lines = signer.headers({ method, path: given, host, headers: own, body }, credentials, this.#wallMs());
    if (lines === undefined) return undefined;
    return await this.#connectionsTo(peer).exchange(`${method} ${given} HTTP/1.1\r\n${lines}\r\n${body}`, signal);
  }

  #connectionsTo(peer: Peer): PlainConnections {
    const name = `${peer.isTls} ${peer.hostname} ${peer.port}`;
    let connections = this.#connections.get(name);
    if (connections === undefined) {
      connections = new PlainConnections(peer, { clock: this.#parts.clock, connectionsMax: this.#connectionsMax(peer) });
      this.#connections.set(name, connections);
    }
    return connections;
  }

  /** As many as the client's own agent may have, which it has once it has made a request. */
  #connectionsMax({ isTls }: Peer): number {
    const handler = this.#client.config.requestHandler as { httpHandlerConfigs?(): { httpAgent?: Agent; httpsAgent?: Agent } };
    const { httpAgent, httpsAgent } = handler.httpHandlerConfigs?.() ?? {};
    return (isTls ? httpsAgent : httpAgent)?.maxSockets ?? CONNECTIONS_MAX;
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
  const peer = { isTls: protocol === "https:", hostname: hostname.replace(/^\[|\]$/g, ""), port };
  return { peer, path, host: headers["host"] ?? hostname, signer: new PlainSigner(scope) };
}
