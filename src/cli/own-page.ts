import { CommandFailed } from "./failure.ts";
import type { Sqs } from "./sqs.ts";

interface HttpMessage {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
}

export interface OwnPageRequest {
  /** GET where it is not given. */
  readonly method?: "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What to tell who asks another server than Millrace for it. */
  readonly elsewhere: string;
}

/**
 * Asks for one of Millrace's own pages. The request goes through the SDK's client, which signs, retries and understands
 * refusals: only what is asked and answered is put in place of an action's.
 * @returns the body, as it comes.
 * @throws {CommandFailed} where the server is no Millrace; what the SDK throws for a refusal.
 */
export async function askOwnPage(sqs: Sqs, page: OwnPageRequest, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  if (sqs.isAws) throw noMillrace(sqs, page);
  const command = new sqs.sdk.ListQueuesCommand({});
  let answer: AsyncIterable<Uint8Array> | undefined;
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as HttpMessage;
      const { "content-type": _type, "content-length": _length, "x-amz-target": _target, ...headers } = request.headers;
      Object.assign(request, { method: page.method ?? "GET", path: page.path, query: page.query ?? {}, headers, body: undefined });
      return next(args);
    },
    { step: "build", priority: "low", name: "askOwnPage" },
  );
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array>; headers: Record<string, string> };
      if (!isOwn(response)) throw noMillrace(sqs, page);
      if (response.statusCode >= 300) return result;
      answer = response.body;
      return { ...result, response: { ...response, body: Buffer.from("{}") } };
    },
    { step: "deserialize", priority: "low", name: "takeOwnPage" },
  );
  await sqs.client.send(command, signal === undefined ? {} : { abortSignal: signal });
  return answer ?? nothing();
}

/** Reads one of the pages about a queue. */
export async function readOwnPage(
  sqs: Sqs,
  page: { readonly queueUrl: string; readonly name: string; readonly parameters: Readonly<Record<string, string>> },
  signal?: AbortSignal,
): Promise<unknown> {
  const path = `/_millrace/queues${new URL(page.queueUrl, "http://millrace").pathname}/${page.name}`;
  const chunks: Uint8Array[] = [];
  const asked = { path, query: page.parameters, elsewhere: ONLY_MILLRACE_LOOKS };
  for await (const chunk of await askOwnPage(sqs, asked, signal)) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
}

function isOwn({ statusCode, headers }: { statusCode: number; headers: Record<string, string> }): boolean {
  return statusCode === 204 || /json|octet-stream/.test(headers["content-type"] ?? "");
}

async function* nothing(): AsyncIterable<Uint8Array> {}

const ONLY_MILLRACE_LOOKS =
  "looking at messages without taking them is not part of the API of Amazon SQS. `millrace receive` works there; it hides what it shows and counts the receive.";

function noMillrace({ where }: Sqs, { elsewhere }: OwnPageRequest): CommandFailed {
  return new CommandFailed(`${where} is no Millrace: ${elsewhere}`);
}
