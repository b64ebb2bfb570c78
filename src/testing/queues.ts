import { assert } from "../kernel/assert.ts";
import { DEAD_LETTER_ATTRIBUTE, type Issue } from "../worker/index.ts";

/** A message that was given up, and why. */
export interface DeadLetter {
  readonly body: string;
  readonly cause: "rejected" | "invalid" | "exhausted";
  readonly reason: string;
  readonly issues: readonly Issue[];
  readonly receiveCount: number;
}

/** An action of SQS, past the network that tests disturb. @returns its output. */
export async function callQueues(endpoint: string, action: string, input: object): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
  const response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(input) });
  const answer = (await response.json()) as Record<string, unknown>;
  assert(response.status === 200, `${action}: ${String(answer["message"])}`);
  return answer;
}

interface Page {
  readonly messages: readonly { readonly body: string; readonly attributes: Readonly<Record<string, { readonly value: string }>> }[];
}

/** What is in a dead-letter queue, without taking it. */
export async function deadLetters(endpoint: string, queue: string): Promise<DeadLetter[]> {
  const response = await fetch(`${endpoint}/_millrace/queues/000000000000/${queue}/messages?limit=1000`);
  const { messages } = (await response.json()) as Page;
  return messages.map(({ body, attributes }) => {
    const note = JSON.parse(attributes[DEAD_LETTER_ATTRIBUTE]?.value ?? "{}") as Omit<DeadLetter, "body">;
    return { body, cause: note.cause, reason: note.reason, issues: note.issues, receiveCount: note.receiveCount };
  });
}
