import { assert } from "../kernel/assert.ts";
import type { ServiceError } from "../kernel/service-error.ts";
import { type AnyAction, type Api, type ApiErrors } from "./api.ts";
import {
  JSON_CONTENT_TYPE,
  jsonError,
  QUERY_JSON_CONTENT_TYPE,
  QUERY_XML_CONTENT_TYPE,
  queryError,
  queryJsonError,
  s3Error,
  type S3ErrorContext,
} from "./envelopes.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import { jsonDecoder, jsonEncoder } from "./json.ts";
import { parseJson } from "./json-text.ts";
import { compileQueryDecoder } from "./query.ts";
import { parseQuery, type QueryParameters } from "./query-parameters.ts";
import { compileQueryResponse } from "./query-response.ts";
import { compileRest, type RestCodec, type RestOptions } from "./rest-xml.ts";
import { WireError, asServiceError } from "./wire-error.ts";

/** `query-json` is a Query request whose caller wants the answer's envelope as JSON. */
export type RpcProtocol = "json" | "query" | "query-json";

export type Identified =
  /** The two halves of `X-Amz-Target`; absent where the header is, or names nothing. */
  | { readonly protocol: "json"; readonly target?: { readonly service: string; readonly action: string } }
  /** The action stands in the parameters: those of the target for a GET, of the body for a POST. */
  | { readonly protocol: "query" | "query-json" }
  | { readonly protocol: "rest-xml" };

/** Tells by method, target and headers in which protocol a request speaks. Nothing is verified here: it only chooses who looks next. */
export function identify(request: Pick<HttpRequest, "method" | "target" | "headers">): Identified {
  const { method, target, headers } = request;
  const jsonTarget = headers["x-amz-target"];
  if (jsonTarget !== undefined) return identifiedBy(jsonTarget);
  const contentType = headers["content-type"]?.toLowerCase() ?? "";
  if (contentType.startsWith("application/x-amz-json-1.")) return NOTHING_NAMED;
  const protocol = prefersJson(headers["accept"]) ? "query-json" : "query";
  if (
    method === "POST" &&
    contentType.startsWith("application/x-www-form-urlencoded") &&
    !isSignedForS3(headers["authorization"], target)
  ) {
    return { protocol };
  }
  return /[?&]Action=/.test(target) ? { protocol } : { protocol: "rest-xml" };
}

const NOTHING_NAMED: Identified = { protocol: "json" };

/** Targets that were asked for, each read once: the set is small in practice, and its strings are found in other tables at once. */
const known = new Map<string, Identified>();
const KNOWN_MAX = 1000;

function identifiedBy(header: string): Identified {
  let identified = known.get(header);
  if (identified === undefined) {
    const dot = header.lastIndexOf(".");
    identified =
      dot === -1 ? NOTHING_NAMED : { protocol: "json", target: { service: header.slice(0, dot), action: header.slice(dot + 1) } };
    if (known.size < KNOWN_MAX) known.set(header, identified);
  }
  return identified;
}

/** Many HTTP clients call every body a form unless told otherwise, and uploads to S3 among them. */
export function isSignedForS3(authorization: string | undefined, target: string): boolean {
  if (authorization !== undefined) return authorization.startsWith("AWS ") || /\/s3\/aws4_request\b/.test(authorization);
  return /(?:\/|%2F)s3(?:\/|%2F)aws4_request\b/i.test(target);
}

/** JSON is asked for, and XML is not asked for before it. */
function prefersJson(accept: string | undefined): boolean {
  const json = accept?.indexOf("application/json") ?? -1;
  if (accept === undefined || json === -1) return false;
  return !accept.slice(0, json).includes("xml");
}

/** A request's parameters, however they came, and what its path says. */
export interface RpcMessage {
  /** The bytes of a JSON or form body, or parameters that were read already. */
  readonly body: Uint8Array | QueryParameters;
  /** Stands in for a QueueUrl that the request itself does not have, where it was sent to a queue's own URL. */
  readonly pathQueueUrl?: string | undefined;
}

/** A service's actions with their codecs, for the protocols that name the action: AWS JSON 1.0 and Query. */
export interface CompiledApi {
  readonly api: Api;
  /**
   * @param onPath whether the request was sent to a resource's own URL.
   * @throws {ServiceError} the service's own words for an action that it does not have, does not offer, or not there.
   */
  find(action: string, protocol: RpcProtocol, onPath: boolean): AnyAction;
  /** @throws {ServiceError} as `find`, or when the message does not fit the action's shape. */
  decode(action: string, protocol: RpcProtocol, message: RpcMessage): unknown;
  encode(action: string, protocol: RpcProtocol, answer: { output: unknown; requestId: string }): HttpResponse;
  error(error: ServiceError, protocol: RpcProtocol, requestId: string): HttpResponse;
}

interface Codec {
  readonly action: AnyAction;
  fromJson(value: unknown): unknown;
  fromQuery(parameters: QueryParameters): unknown;
  toJson(output: unknown): string;
  toXml(output: unknown, requestId: string): string;
  toQueryJson(output: unknown, requestId: string): string;
  readonly takesQueueUrl: boolean;
}

/** Each action of a service is compiled once, when it is first asked for: a server is asked for few of them at first. */
export function compileApi(api: Api): CompiledApi {
  const compiled = compiledWhenAsked(api.actions, (name, action) => compileAction(name, action, api));
  const codecOf = (name: string, protocol: RpcProtocol, onPath: boolean) => {
    const codec = compiled(name);
    const onQueryPath = onPath && protocol !== "json";
    if (onQueryPath && api.notOnResourcePath?.includes(name) === true) throw api.errors.unknownAction(name, true);
    if (codec !== undefined) return codec;
    throw api.notOffered.includes(name) ? api.errors.notOffered(name) : api.errors.unknownAction(name, onQueryPath);
  };
  return {
    api,
    find: (name, protocol, onPath) => codecOf(name, protocol, onPath).action,
    decode(name, protocol, message) {
      const codec = codecOf(name, protocol, message.pathQueueUrl !== undefined);
      return inServiceWords(api.errors, () => (protocol === "json" ? decodeJson(codec, message) : decodeQuery(codec, message)));
    },
    encode(name, protocol, { output, requestId }) {
      const codec = codecOf(name, protocol, false);
      if (protocol === "json") return answer(JSON_CONTENT_TYPE, codec.toJson(output), requestId);
      if (protocol === "query") return answer(QUERY_XML_CONTENT_TYPE, codec.toXml(output, requestId), requestId);
      return answer(QUERY_JSON_CONTENT_TYPE, codec.toQueryJson(output, requestId), requestId);
    },
    error(error, protocol, requestId) {
      if (protocol === "json") return jsonError(error, api, requestId);
      return protocol === "query" ? queryError(error, api, requestId) : queryJsonError(error, requestId);
    },
  };
}

function compiledWhenAsked<C>(actions: Api["actions"], compile: (name: string, action: AnyAction) => C): (name: string) => C | undefined {
  const codecs = new Map<string, C>();
  return (name) => {
    const known = codecs.get(name);
    if (known !== undefined) return known;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) return undefined;
    const codec = compile(name, action);
    codecs.set(name, codec);
    return codec;
  };
}

function compileAction(name: string, action: AnyAction, api: Api): Codec {
  const { operation } = action;
  assert(operation.name === name, `the action ${name} has the shapes of ${operation.name}`);
  const response = compileQueryResponse(operation, api.query?.xmlNamespace ?? "");
  return {
    action,
    fromJson: jsonDecoder(operation.input),
    fromQuery: compileQueryDecoder(operation.input),
    toJson: jsonEncoder(operation.output, true),
    toXml: response.xml,
    toQueryJson: response.json,
    takesQueueUrl: Object.hasOwn(operation.input.members, "QueueUrl"),
  };
}

function decodeJson(codec: Codec, { body, pathQueueUrl }: RpcMessage): unknown {
  assert(body instanceof Uint8Array, "a JSON body comes as bytes");
  const value = parseJson(body);
  if (codec.takesQueueUrl && pathQueueUrl !== undefined && typeof value === "object" && value !== null) {
    const given = value as Record<string, unknown>;
    given["QueueUrl"] ??= pathQueueUrl;
  }
  return codec.fromJson(value);
}

function decodeQuery(codec: Codec, { body, pathQueueUrl }: RpcMessage): unknown {
  const parameters = body instanceof Uint8Array ? parseQuery(body) : body;
  if (!codec.takesQueueUrl || pathQueueUrl === undefined || parameters.has("QueueUrl")) return codec.fromQuery(parameters);
  return codec.fromQuery(new Map([...parameters, ["QueueUrl", pathQueueUrl]]));
}

function answer(contentType: string, body: string, requestId: string): HttpResponse {
  return { status: 200, headers: { "content-type": contentType, "x-amzn-requestid": requestId }, body };
}

/** The same for REST-XML, where method, path and parameters name the action: whoever routes them knows which. */
export interface CompiledRestApi {
  readonly api: Api;
  /** @throws {ServiceError} from `decode`, when the request does not fit the action's shape. */
  codec(action: string): RestCodec;
  error(error: ServiceError, context: S3ErrorContext): HttpResponse;
}

export function compileRestApi(api: Api, options: RestOptions = {}): CompiledRestApi {
  const compiled = compiledWhenAsked(api.actions, (_name, { operation }): RestCodec => {
    const codec: RestCodec = compileRest(operation, options);
    return { ...codec, decode: (request) => inServiceWords(api.errors, () => codec.decode(request)) };
  });
  return {
    api,
    codec(name) {
      const codec = compiled(name);
      if (codec !== undefined) return codec;
      throw api.notOffered.includes(name) ? api.errors.notOffered(name) : api.errors.unknownAction(name, false);
    },
    error: s3Error,
  };
}

function inServiceWords<T>(errors: ApiErrors, decode: () => T): T {
  try {
    return decode();
  } catch (failure) {
    throw failure instanceof WireError ? asServiceError(failure, errors) : failure;
  }
}
