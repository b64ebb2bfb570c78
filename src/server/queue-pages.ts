import { SERVICE_ERRORS, type Verifier } from "../auth/index.ts";
import type { ServiceError } from "../kernel/service-error.ts";
import type { QueuePages } from "../services/queues/index.ts";
import type { HttpResponse } from "../wire/http.ts";
import { identify, type CompiledApi, type Identified } from "../wire/protocols.ts";
import { parseQuery, queryOf } from "../wire/query-parameters.ts";
import type { Exchange } from "./exchange.ts";
import { Rpc } from "./rpc.ts";

const PAGES = "/_millrace/queues";
const DEVELOPER_ENDPOINT = "/_aws/sqs/messages";

export interface QueuePagesOptions {
  readonly pages: QueuePages;
  /** The service's own API, for the form of its errors; and the one of the developer endpoint. */
  readonly api: CompiledApi;
  readonly developerApi: CompiledApi;
  readonly verifier: Verifier;
  readonly exactScope: boolean;
}

/**
 * The pages that show what stands in the queues. They are asked like the actions: by callers that the verifier knows,
 * with a signature for SQS where signatures count, and by no page of elsewhere, which the pipeline's guard sees to.
 */
export class QueuePageSteps {
  readonly #options: QueuePagesOptions;
  readonly #developer: Rpc;

  constructor(options: QueuePagesOptions) {
    const { developerApi, verifier, exactScope } = options;
    this.#options = options;
    this.#developer = new Rpc({ apis: [developerApi], verifier, exactScope });
  }

  /** Whether a request is for one of these pages. */
  owns(target: string): boolean {
    if (!target.startsWith("/_")) return false;
    const path = target.split("?", 1)[0] ?? "";
    return isBelow(path, PAGES) || isBelow(path, DEVELOPER_ENDPOINT);
  }

  async answer(exchange: Exchange): Promise<HttpResponse> {
    exchange.service = "own";
    exchange.action = "Peek";
    if (isPage(exchange)) return this.#page(exchange);
    return unsniffed(await this.#developer.answer(exchange, spokenBy(exchange), impliedParameters(pathOf(exchange))));
  }

  /** Tells an error in the form that the page is asked in. */
  error(error: ServiceError, exchange: Exchange): HttpResponse {
    const protocol = isPage(exchange) ? "json" : spokenBy(exchange).protocol;
    return unsniffed(this.#options.api.error(error, protocol, exchange.requestId));
  }

  async #page(exchange: Exchange): Promise<HttpResponse> {
    const { pages, verifier, api, exactScope } = this.#options;
    const { request } = exchange;
    if (request.method !== "GET" && request.method !== "HEAD") throw api.api.errors.unknownAction(request.method, true);
    const verified = verifier.verifyBody(request, verifier.verify(request), await request.body.bytes(0));
    const { signingName } = api.api;
    if (exactScope && verified.signingName !== undefined && verified.signingName !== signingName)
      throw SERVICE_ERRORS.malformedHeader(`Credential should be scoped to correct service: '${signingName}'.`);
    exchange.verifiedAs(verified);
    const page = { path: pathOf(exchange).slice(PAGES.length), parameters: parseQuery(queryOf(exchange.target)) };
    const answer = await pages.answer(page, exchange);
    if (answer === undefined) return { status: 404, headers: { "content-type": "text/plain" }, body: "Not found.\n" };
    return unsniffed({ status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) });
  }
}

function pathOf(exchange: Exchange): string {
  return exchange.target.split("?", 1)[0] ?? "";
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function isPage(exchange: Exchange): boolean {
  return isBelow(pathOf(exchange), PAGES);
}

/** A client may be pointed at the developer endpoint in any protocol; a bare GET means the one action there is. */
function spokenBy({ request }: Exchange): Exclude<Identified, { protocol: "rest-xml" }> {
  const identified = identify(request);
  if (identified.protocol !== "rest-xml") return identified;
  return { protocol: request.headers["accept"]?.includes("application/json") === true ? "query-json" : "query" };
}

/** `/_aws/sqs/messages/<region>/<account>/<name>` says what the parameters say elsewhere. */
function impliedParameters(path: string): ReadonlyMap<string, string> {
  const [region, account, name] = path.slice(DEVELOPER_ENDPOINT.length + 1).split("/");
  const named = region && account && name ? { Region: region, QueueUrl: `/${account}/${name}` } : {};
  return new Map(Object.entries({ Action: "ReceiveMessage", ...named }));
}

/** Bodies of messages come from strangers: no browser is to take them for a page, and none is to keep them. */
function unsniffed(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...response.headers, "x-content-type-options": "nosniff", "cache-control": "no-store" } };
}
