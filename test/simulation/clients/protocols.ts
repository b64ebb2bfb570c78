import type { Actions, Output } from "../../sdk/queues/protocols.ts";
import { formOf, readQueryAnswer } from "../../sdk/queues/query-protocol.ts";
import type { Answer } from "../world/network.ts";

/** How a request of an action is written, and its answer read. */
export interface Protocol {
  readonly headers: (action: string) => Readonly<Record<string, string>>;
  readonly body: (action: string, input: object) => string;
  /** Of a success. */
  readonly output: <A extends keyof Actions>(action: A, answer: Answer) => Output<A>;
}

export const json: Protocol = {
  headers: (action) => ({ "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` }),
  body: (_action, input) => JSON.stringify(input),
  output: (_action, { body }) => JSON.parse(body.toString() || "{}") as never,
};

export const query: Protocol = {
  headers: () => ({ "content-type": "application/x-www-form-urlencoded" }),
  body: (action, input) => formOf(action, input).toString(),
  output: (action, { status, body }) => readQueryAnswer(action, status, body.toString()),
};
