import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Clock } from "../../kernel/clock.ts";

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly clock: Clock;
  readonly connectMs: number;
  /** From the first byte to the end of the answer. */
  readonly answerMs: number;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  /** The beginning of its body. */
  readonly text: string;
}

/** What of an answer is kept: a failure is read by people. */
const TEXT_CHARACTERS_MAX = 500;

/**
 * Posts once, on a connection of its own: one that was kept could be closed by the application in the very moment.
 * @throws where there is no connection or no answer in time, or the signal was aborted.
 */
export async function post(asked: PostRequest): Promise<PostAnswer> {
  const { url, headers, body, clock, signal } = asked;
  const bytes = Buffer.from(body, "utf8");
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, {
    method: "POST",
    agent: false,
    headers: { ...headers, "Content-Length": String(bytes.byteLength), Connection: "close" },
    signal,
  });
  const noAnswer = clock.after(asked.answerMs, () => request.destroy(new Error(`no answer within ${asked.answerMs / 1000} s`)));
  limitConnecting(request, asked);
  const answered = Promise.withResolvers<PostAnswer>();
  request.on("error", (error) => answered.reject(error));
  request.once("response", (response: IncomingMessage) => readAnswer(response, answered));
  request.end(bytes);
  try {
    return await answered.promise;
  } finally {
    noAnswer.cancel();
    request.destroy();
  }
}

function limitConnecting(request: ClientRequest, { clock, connectMs, url }: PostRequest): void {
  const timer = clock.after(connectMs, () => request.destroy(new Error(`no connection within ${connectMs / 1000} s`)));
  request.once("socket", (socket) => socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => timer.cancel()));
  request.once("close", () => timer.cancel());
}

function readAnswer(response: IncomingMessage, answered: { resolve: (answer: PostAnswer) => void; reject: (error: Error) => void }): void {
  let text = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => (text = (text + chunk).slice(0, TEXT_CHARACTERS_MAX)));
  response.once("end", () => answered.resolve({ status: response.statusCode ?? 0, text: text.trim() }));
  response.on("error", (error) => answered.reject(error));
}
