import { isDeepStrictEqual } from "node:util";
import type { Actions, Output } from "../../sdk/queues/protocols.ts";

/** What a caller must be told instead of a result; the code is that of the Query protocol. A pattern where the contract has no text. */
export interface Refusal {
  readonly code: string;
  readonly message: string | RegExp;
}

/** What the product said to one request. */
export type Answer<A extends keyof Actions> = { readonly output: Output<A> } | { readonly refusal: Refusal & { readonly message: string } };

/** The product said what the contract does not allow. */
export class Difference extends Error {
  override readonly name = "Difference";
}

/** The request must be refused, with one of these. */
export function mustRefuse(answer: Answer<keyof Actions>, ...allowed: readonly Refusal[]): void {
  const wanted = allowed.map(({ code, message }) => `${code}: ${String(message)}`).join(" or ");
  if ("output" in answer) throw new Difference(`was accepted, but must be refused with ${wanted}`);
  const { code, message } = answer.refusal;
  if (!allowed.some((refusal) => refusal.code === code && fits(refusal.message, message)))
    throw new Difference(`was refused with ${code}: ${message}\nbut must be refused with ${wanted}`);
}

function fits(wanted: string | RegExp, message: string): boolean {
  return typeof wanted === "string" ? wanted === message : wanted.test(message);
}

/** The request must be accepted. @returns its output. */
export function mustAccept<A extends keyof Actions>(answer: Answer<A>): Output<A> {
  if ("refusal" in answer) throw new Difference(`was refused with ${answer.refusal.code}: ${answer.refusal.message}\nbut must be accepted`);
  return answer.output;
}

/** A value in an answer must be this one. */
export function mustBe(what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Difference(`${what}: ${show(actual)}\nbut must be ${show(expected)}`);
}

export function show(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}
