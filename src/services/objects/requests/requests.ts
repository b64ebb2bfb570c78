import { ServiceError } from "../../../kernel/service-error.ts";
import type { Api, Call } from "../../../wire/api.ts";
import type { HttpRequest, HttpResponse } from "../../../wire/http.ts";
import { compileRestApi, type CompiledRestApi } from "../../../wire/protocols.ts";
import { withHoisted } from "../../../wire/rest-headers.ts";
import type { RestRequest } from "../../../wire/rest-input.ts";
import { hostId } from "../actions/commit.ts";
import type { Context, ObjectCall } from "../actions/context.ts";
import { readXmlBody } from "../actions/incoming.ts";
import { postObject } from "../actions/post-object.ts";
import { objectsApi } from "../api.ts";
import { Cors } from "./cors.ts";
import type { IncomingBody } from "../needs.ts";
import { actionOf, FORM_UPLOAD } from "../rules/routes.ts";
import { addressOf, type Address } from "../rules/address.ts";
import { refuseNotOffered } from "../rules/not-offered.ts";

/** Which action a request asks for is known only when it comes, so its shapes are not known to the compiler here. */
interface UntypedCodec {
  readonly bodyKind: "none" | "bytes" | "stream";
  decode(request: RestRequest): unknown;
  encode(output: unknown): HttpResponse;
}

interface UntypedAction {
  handle: (this: void, input: unknown, call: ObjectCall) => Promise<unknown>;
}

/** The steps of an S3 request: address → route → refuse → decode → act → encode → CORS. */
export class Requests {
  readonly api: Api;
  readonly #actions: Api["actions"];
  readonly #codecs: CompiledRestApi;
  readonly #cors: Cors;
  readonly #baseHosts: readonly string[];

  constructor(context: Context, baseHosts: readonly string[]) {
    this.api = objectsApi(context);
    this.#actions = { ...this.api.actions, [FORM_UPLOAD]: postObject(context) };
    this.#codecs = compileRestApi({ ...this.api, actions: this.#actions });
    this.#cors = new Cors(context.store);
    this.#baseHosts = baseHosts;
  }

  async handle(request: HttpRequest, call: Call, body: IncomingBody): Promise<HttpResponse> {
    let response: HttpResponse;
    try {
      if (request.method === "OPTIONS") response = await this.#preflight(request);
      else return await this.withCors(request, await this.#act(request, call, body));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      response = this.error(error, { requestId: call.requestId, method: request.method });
    }
    return request.method === "OPTIONS" ? withIds(response, call.requestId) : this.withCors(request, response);
  }

  error(error: ServiceError, of: { requestId: string; method: string }): HttpResponse {
    return this.#codecs.error(error, { requestId: of.requestId, hostId: hostId(of.requestId), head: of.method === "HEAD" });
  }

  async withCors(request: HttpRequest, response: HttpResponse): Promise<HttpResponse> {
    const headers = await this.#corsHeaders(request);
    return headers === undefined ? response : { ...response, headers: { ...response.headers, ...headers } };
  }

  async allowsOrigin(request: HttpRequest): Promise<boolean> {
    return (await this.#corsHeaders(request)) !== undefined;
  }

  actionOf(request: HttpRequest): string | undefined {
    try {
      return request.method === "OPTIONS" ? "Preflight" : this.#route(request).action;
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  #route(request: HttpRequest): { action: string; address: Address; headers: HttpRequest["headers"] } {
    const address = addressOf(request.headers["host"], request.target, this.#baseHosts);
    const headers = withHoisted(joinedHeaders(request), address.parameters);
    return { action: actionOf({ method: request.method, ...address, headers }), address, headers };
  }

  async #act(request: HttpRequest, call: Call, body: IncomingBody): Promise<HttpResponse> {
    const { action, address, headers } = this.#route(request);
    if (body.form?.refusal !== undefined && action !== FORM_UPLOAD) throw body.form.refusal;
    refuseNotOffered(headers);
    const own = asObjectCall(call, { headers, body });
    const codec: UntypedCodec = this.#codecs.codec(action);
    const { parameters, bucket, key } = address;
    const content =
      codec.bodyKind === "bytes"
        ? await readXmlBody(own, { claims: action !== "CompleteMultipartUpload" })
        : codec.bodyKind === "stream"
          ? body.stream
          : undefined;
    const input = codec.decode({ labels: { bucket, key }, headers, parameters, body: content });
    const { handle } = this.#actions[action] as unknown as UntypedAction;
    const output = await handle(input, own);
    return withIds(codec.encode(output), call.requestId);
  }

  async #preflight(request: HttpRequest): Promise<HttpResponse> {
    const { bucket, key } = addressOf(request.headers["host"], request.target, this.#baseHosts);
    return { status: 200, headers: await this.#cors.preflight(request, { bucket, key }), body: undefined };
  }

  async #corsHeaders(request: HttpRequest): Promise<Record<string, string> | undefined> {
    if (request.headers["origin"] === undefined) return undefined;
    try {
      return await this.#cors.headers(request, addressOf(request.headers["host"], request.target, this.#baseHosts).bucket);
    } catch (error) {
      if (error instanceof ServiceError) return undefined; // An address that cannot be read; the request's own error says so.
      throw error;
    }
  }
}

function withIds(response: HttpResponse, requestId: string): HttpResponse {
  Object.assign(response.headers, { "x-amz-request-id": requestId, "x-amz-id-2": hostId(requestId) });
  return response;
}

/** The call with the headers and body that actions are to see. */
function asObjectCall(call: Call, own: Pick<ObjectCall, "headers" | "body">): ObjectCall {
  return {
    ...own,
    requestId: call.requestId,
    action: call.action,
    principal: call.principal,
    region: call.region,
    baseUrl: call.baseUrl,
    target: call.target,
    remoteAddress: call.remoteAddress,
    secure: call.secure,
    signal: call.signal,
  };
}

/** Lists may come in several headers of one name; of all others the first counts. */
const LISTS: readonly string[] = ["x-amz-object-attributes"];

function joinedHeaders({ headers, rawHeaders }: HttpRequest): HttpRequest["headers"] {
  const list = LISTS.find((name) => headers[name] !== undefined);
  if (list === undefined) return headers;
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === list);
  return { ...headers, [list]: values.length === 0 ? headers[list] : values.join(",") };
}
