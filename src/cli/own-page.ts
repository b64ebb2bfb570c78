import { CommandFailed } from "./failure.ts";
import type { Sqs } from "./sqs.ts";

interface HttpMessage {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
}

/**
 * Reads one of Millrace's own pages about a queue. The request goes through the SDK's client, which signs, retries and
 * understands refusals: only what is asked and answered is put in place of an action's.
 * @throws {CommandFailed} where the server is no Millrace; what the SDK throws for a refusal.
 */
export async function readOwnPage(
  sqs: Sqs,
  page: { readonly queueUrl: string; readonly name: string; readonly parameters: Readonly<Record<string, string>> },
  signal?: AbortSignal,
): Promise<unknown> {
  if (sqs.isAws) throw onlyMillrace(sqs);
  const command = new sqs.sdk.ListQueuesCommand({});
  let text = "";
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as HttpMessage;
      const { "content-type": _type, "content-length": _length, "x-amz-target": _target, ...headers } = request.headers;
      const path = `/_millrace/queues${new URL(page.queueUrl, "http://millrace").pathname}/${page.name}`;
      Object.assign(request, { method: "GET", path, query: page.parameters, headers, body: undefined });
      return next(args);
    },
    { step: "build", priority: "low", name: "askOwnPage" },
  );
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array>; headers: Record<string, string> };
      const isJson = response.headers["content-type"]?.includes("json") === true;
      if (!isJson) throw onlyMillrace(sqs);
      if (response.statusCode >= 300) return result;
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      text = Buffer.concat(chunks).toString();
      return { ...result, response: { ...response, body: Buffer.from("{}") } };
    },
    { step: "deserialize", priority: "low", name: "takeOwnPage" },
  );
  await sqs.client.send(command, signal === undefined ? {} : { abortSignal: signal });
  return JSON.parse(text) as unknown;
}

function onlyMillrace({ where }: Sqs): CommandFailed {
  return new CommandFailed(
    `${where} is no Millrace: looking at messages without taking them is not part of the API of Amazon SQS. \`millrace receive\` works there; it hides what it shows and counts the receive.`,
  );
}
