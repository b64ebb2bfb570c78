import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { assertOurs, securityHeaders } from "./guard.ts";
import { HttpError, jsonAnswer, jsonOf, matchPath } from "./http.ts";
import type { Answer, Route } from "./http.ts";

export interface WebServerOptions {
  readonly routes: readonly Route[];
  /** A function, because the port is known only once the server listens. */
  readonly hosts: () => readonly string[];
  readonly browserEndpoint: string;
}

export function webServer(options: WebServerOptions): Server {
  const headers = securityHeaders(options.browserEndpoint);
  return createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer(options, request, response).then(
      (found) => found !== undefined && write(response, found, request.method === "HEAD"),
      (failure: unknown) => refuse(response, failure),
    );
  });
}

async function answer(
  { routes, hosts }: WebServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer | undefined> {
  assertOurs(request, hosts());
  const url = URL.parse(request.url ?? "/", "http://here");
  if (url === null) throw new HttpError(400, "The path cannot be understood.");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const matching = routes.flatMap((route) => {
    const params = matchPath(route.path, url.pathname);
    return params === undefined ? [] : [{ route, params }];
  });
  const found = matching.find(({ route }) => route.method === method);
  if (found === undefined)
    throw matching.length > 0 ? new HttpError(405, "Not with this method.") : new HttpError(404, "There is nothing here.");
  const webRequest = {
    params: found.params,
    query: url.searchParams,
    raw: request,
    json: <T>(schema: Parameters<typeof jsonOf<T>>[1]) => jsonOf(request, schema),
  };
  return await found.route.handle(webRequest, response);
}

function write(response: ServerResponse, { status, headers = {}, body = "" }: Answer, isHead: boolean): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(isHead ? undefined : body);
}

function refuse(response: ServerResponse, failure: unknown): void {
  if (!(failure instanceof HttpError)) console.error("A request failed:", failure);
  // A stream that breaks off is cut, so that nobody takes a half archive for a whole one.
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = failure instanceof HttpError ? failure.status : 503;
  const text = failure instanceof HttpError ? failure.message : "The service cannot do that at the moment. Please try again.";
  // What is left of a body that was refused is not read.
  response.setHeader("connection", "close");
  write(response, jsonAnswer(status, { error: text }), false);
}
