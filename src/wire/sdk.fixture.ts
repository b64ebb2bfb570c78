import { Readable } from "node:stream";
import { HttpResponse as SdkResponse } from "@smithy/protocol-http";
import type { HttpResponse } from "./http.ts";

/** What the SDK's serializers produced: headers in lower case, the body as text. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** Stands in for the network: the SDK's own protocol code runs on both sides of it. */
export class Wire {
  sent: Sent | undefined;
  readonly #answer: (sent: Sent) => HttpResponse;

  constructor(answer: (sent: Sent) => HttpResponse) {
    this.#answer = answer;
  }

  async handle(request: {
    method: string;
    path: string;
    query?: Record<string, string | string[] | null>;
    headers: Record<string, string>;
    body?: unknown;
  }) {
    const query = new Map(Object.entries(request.query ?? {}).map(([name, value]) => [name, String(value ?? "")]));
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
    this.sent = { method: request.method, path: request.path, query, headers, body: await textOf(request.body) };
    const { status, headers: answered, body } = this.#answer(this.sent);
    return {
      response: new SdkResponse({
        statusCode: status,
        headers: answered,
        body: Readable.from(typeof body === "string" ? [Buffer.from(body)] : []),
      }),
    };
  }
}

/** All of a body, whichever form the SDK gave it. */
export async function textOf(body: unknown): Promise<string> {
  if (body === undefined) return "";
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** For every client; nothing listens there. */
export const ACCOUNT = {
  region: "us-east-1",
  credentials: { accessKeyId: "AK", secretAccessKey: "secret" },
  endpoint: "http://127.0.0.1:1",
  maxAttempts: 1,
};

/** Without prototypes and kinds of byte arrays, which the SDK and the codecs choose differently. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}
