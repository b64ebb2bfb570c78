import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";

const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** An answer other than the one hoped for. The text is for a person. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  constructor(status: number, text: string) {
    super(text);
    this.status = status;
  }
}

export interface WebRequest {
  /** What the `:name` parts of the route's path stand for. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly raw: IncomingMessage;
  /** Reads the body as JSON and checks it. @throws {HttpError} 400, 413 or 415. */
  json<T>(schema: z.ZodType<T>): Promise<T>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Answers the request, or streams into `response` itself and returns nothing. */
export type Handler = (request: WebRequest, response: ServerResponse) => Promise<Answer | undefined>;

export interface Route {
  readonly method: "GET" | "POST";
  /** `/api/batches/:batchId` */
  readonly path: string;
  readonly handle: Handler;
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: JSON.stringify(value),
  };
}

/** @returns the values of the path's parameters, or `undefined` where the path is another one. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":") && value !== "") params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

async function bodyOf(raw: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new HttpError(413, `The request is larger than ${BODY_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function jsonOf<T>(raw: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  // A form of another site can send text, but not this type without asking first.
  if (!/^application\/json\b/i.test(raw.headers["content-type"] ?? "")) throw new HttpError(415, "Send JSON.");
  let value: unknown;
  try {
    value = JSON.parse((await bodyOf(raw)).toString("utf8"));
  } catch (failure) {
    if (failure instanceof HttpError) throw failure;
    throw new HttpError(400, "The request is not JSON.");
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new HttpError(400, `${issue?.message ?? "The request cannot be understood."} (${issue?.path.join(".") ?? ""})`);
}
