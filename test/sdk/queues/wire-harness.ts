import { test } from "node:test";
import { startTestServer } from "../../../src/testing/index.ts";

type Options = { readonly path?: string; readonly headers?: Record<string, string> };

export interface Ask {
  /** Creates a queue and answers with its path. */
  readonly queue: (name?: string) => Promise<string>;
  readonly json: (action: string, input: object | string, options?: Options) => Promise<Answer>;
  readonly query: (action: string, parameters?: Record<string, string>, options?: Options) => Promise<Answer>;
  readonly get: (pathAndQuery: string, headers?: Record<string, string>) => Promise<Answer>;
  /** A POST of exactly these headers and bytes. */
  readonly post: (path: string, headers: Record<string, string>, body: string | Uint8Array) => Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A test that speaks HTTP by itself, where an SDK would not say what is asked. */
export function onTheWire(name: string, run: (ask: Ask) => Promise<void>): void {
  test(name, { timeout: 20_000 }, async () => {
    await using server = await startTestServer();
    const ask = async (path: string, init?: RequestInit): Promise<Answer> => {
      const response = await fetch(server.endpoint + path, init);
      return { status: response.status, headers: response.headers, text: await response.text() };
    };
    const json: Ask["json"] = (action, input, { path = "/", headers = {} } = {}) =>
      ask(path, {
        method: "POST",
        headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}`, ...headers },
        body: typeof input === "string" ? input : JSON.stringify(input),
      });
    await run({
      json,
      get: (path, headers = {}) => ask(path, { headers }),
      post: (path, headers, body) => ask(path, { method: "POST", headers, body }),
      query: (Action, parameters = {}, { path = "/", headers = {} } = {}) =>
        ask(path, { method: "POST", headers, body: new URLSearchParams({ Action, ...parameters, Version: "2012-11-05" }) }),
      async queue(name = "orders") {
        await json("CreateQueue", { QueueName: name });
        return `/000000000000/${name}`;
      },
    });
  });
}

/** The request id is the one part of an answer that is never the same. */
export const withoutId = (xml: string) => xml.replace(/<RequestId>[0-9a-f-]{36}<\/RequestId>/, "<RequestId/>");

export const typeOf = (text: string) => (JSON.parse(text) as Record<string, string>)["__type"];
