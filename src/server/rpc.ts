import { SERVICE_ERRORS, type Verifier } from "../auth/index.ts";
import { MIB } from "../kernel/units.ts";
import type { HttpRequest, HttpResponse } from "../wire/http.ts";
import type { CompiledApi, Identified, RpcProtocol } from "../wire/protocols.ts";
import { mergeParameters, parseQuery, queryOf, type QueryParameters } from "../wire/query-parameters.ts";
import type { Exchange } from "./exchange.ts";

/** A batch of 1 MiB from a client that escapes every character, a quote as `\u0022`: six bytes for one; and what stands around it. */
const BODY_BYTES_MAX = 8 * MIB;

/** `/000000000000/name`: a queue's own URL. */
const RESOURCE_PATH = /^\/\d{12}\/[^/?]+/;

export interface RpcOptions {
  readonly apis: readonly CompiledApi[];
  readonly verifier: Verifier;
  /** Whether a signature must have been made for the very service that is asked: wherever signatures count. */
  readonly exactScope: boolean;
}

const NO_BYTES = new Uint8Array();
const NOTHING_IMPLIED: QueryParameters = new Map();

/** What a request asks for, once its action's name is known. */
interface Asked {
  readonly api: CompiledApi;
  readonly protocol: RpcProtocol;
  readonly action: string;
  readonly body: Uint8Array | QueryParameters;
  readonly pathQueueUrl: string | undefined;
}

/** The steps of the services whose requests name their action: AWS JSON 1.0 and Query. */
export class Rpc {
  readonly #verifier: Verifier;
  readonly #exactScope: boolean;
  readonly #apis: readonly CompiledApi[];
  readonly #byTarget = new Map<string, CompiledApi>();
  readonly #fallback: CompiledApi;

  /** @param options the first of the `apis` speaks for requests that name no service. */
  constructor({ apis, verifier, exactScope }: RpcOptions) {
    const [first] = apis;
    if (first === undefined) throw new TypeError("a server without services");
    this.#verifier = verifier;
    this.#exactScope = exactScope;
    this.#apis = apis;
    this.#fallback = first;
    for (const compiled of apis) if (compiled.api.jsonTarget !== undefined) this.#byTarget.set(compiled.api.jsonTarget, compiled);
  }

  /** In whose words, and in which form, an error of this request is told. */
  speaker(identified: Identified, exchange: Exchange): { api: CompiledApi; protocol: RpcProtocol } {
    if (identified.protocol === "rest-xml") return { api: this.#fallback, protocol: "query" };
    const named = identified.protocol === "json" ? this.#byTarget.get(identified.target?.service ?? "") : this.#askedFor(exchange);
    return { api: named ?? this.#fallback, protocol: identified.protocol };
  }

  /** The service of a Query request: as it was found out, or before that as its signature claims. */
  #askedFor({ service, headers }: Exchange): CompiledApi | undefined {
    const scoped = /\/([a-z0-9]+)\/aws4_request/.exec(headers["authorization"] ?? "")?.[1];
    return this.#apis.find(({ api }) => api.service === service) ?? this.#apis.find(({ api }) => api.signingName === scoped);
  }

  /** @param implied what a Query request means where its parameters do not say it. */
  async answer(
    exchange: Exchange,
    identified: Exclude<Identified, { protocol: "rest-xml" }>,
    implied: QueryParameters = NOTHING_IMPLIED,
  ): Promise<HttpResponse> {
    const { asked, action, input } = await this.#ask(exchange, identified, implied);
    const output = await action.handle(input, exchange);
    return asked.api.encode(asked.action, asked.protocol, { output, requestId: exchange.requestId });
  }

  /** Apart from the answer, so that the bytes of a request that waits are not kept with it. */
  async #ask(exchange: Exchange, identified: Exclude<Identified, { protocol: "rest-xml" }>, implied: QueryParameters) {
    const { request } = exchange;
    const isOpen = this.#isOpen(request);
    const verified = isOpen ? this.#verifier.anonymous() : this.#verifier.verify(request);
    const bytes = isOpen ? NO_BYTES : await request.body.bytes(BODY_BYTES_MAX);
    const settled = isOpen ? verified : this.#verifier.verifyBody(request, verified, bytes);
    exchange.verifiedAs(settled);
    const asked =
      identified.protocol === "json"
        ? this.#askedByJson(exchange, identified, bytes)
        : this.#askedByQuery(exchange, identified, { bytes, signingName: settled.signingName, implied });
    if (this.#exactScope) checkScope(settled.signingName, asked.api.api.signingName);
    exchange.service = asked.api.api.service;
    exchange.action = asked.action;
    const action = asked.api.find(asked.action, asked.protocol, asked.pathQueueUrl !== undefined);
    const input = asked.api.decode(asked.action, asked.protocol, { body: asked.body, pathQueueUrl: asked.pathQueueUrl });
    return { asked: { api: asked.api, protocol: asked.protocol, action: asked.action }, action, input };
  }

  /** Whether anybody may make the request: a GET without credentials, of an action that takes such. Nothing but its query string counts. */
  #isOpen({ method, headers, target }: HttpRequest): boolean {
    if (method !== "GET" || headers["authorization"] !== undefined || /[?&](?:X-Amz-|AWSAccessKeyId=)/i.test(target)) return false;
    const action = parseQuery(queryOf(target)).get("Action") ?? "";
    return this.#apis.some(({ api }) => api.unsignedActions?.includes(action) === true);
  }

  #askedByJson(exchange: Exchange, { target }: { target?: { service: string; action: string } }, body: Uint8Array): Asked {
    const api = this.#byTarget.get(target?.service ?? "");
    if (api === undefined || target === undefined) throw this.#fallback.api.errors.unknownAction(target?.action ?? "", false);
    return { api, protocol: "json", action: target.action, body, pathQueueUrl: pathQueueUrl(exchange) };
  }

  #askedByQuery(
    exchange: Exchange,
    { protocol }: { protocol: "query" | "query-json" },
    { bytes, signingName, implied }: { bytes: Uint8Array; signingName: string | undefined; implied: QueryParameters },
  ): Asked {
    const given = mergeParameters(parseQuery(bytes), parseQuery(queryOf(exchange.target)));
    const body = mergeParameters(given, implied);
    const action = body.get("Action") ?? "";
    const offering = this.#apis.filter(({ api }) => api.query !== undefined);
    const api =
      offering.find(({ api: { query } }) => query?.version === body.get("Version")) ??
      offering.find(({ api: { signingName: name } }) => name === signingName) ??
      offering.find(({ api: { actions, notOffered } }) => Object.hasOwn(actions, action) || notOffered.includes(action)) ??
      this.#fallback;
    return { api, protocol, action, body, pathQueueUrl: pathQueueUrl(exchange) };
  }
}

/** @throws {ServiceError} where a signature made for one service is used for another; Signature Version 2 names none. */
function checkScope(signedFor: string | undefined, asked: string): void {
  if (signedFor !== undefined && signedFor !== asked)
    throw SERVICE_ERRORS.malformedHeader(`Credential should be scoped to correct service: '${asked}'.`);
}

/** The queue that a request's own path names. */
function pathQueueUrl(exchange: Exchange): string | undefined {
  if (exchange.target === "/") return undefined;
  const path = RESOURCE_PATH.exec(exchange.target)?.[0];
  return path === undefined ? undefined : exchange.baseUrl + path;
}
