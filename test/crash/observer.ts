import { systemClock } from "../../src/kernel/clock.ts";
import type { Entry, Outcome } from "../checkers/history.ts";
import { HttpClient, NoAnswer, type Answer, type Asked } from "./http-client.ts";

/** When an operation began and ended, and how. */
export interface Observed {
  readonly client: string;
  readonly invokeMs: number;
  readonly completeMs: number;
  readonly outcome: Outcome;
  readonly problem?: string;
  readonly broken?: string;
  readonly failed?: string;
}

export interface Observation {
  readonly timed: Observed;
  /** Undefined where none came. */
  readonly answer: Answer | undefined;
}

const clock = systemClock();
export const nowMs = (): number => clock.monotonicMs();

/** Statuses that the client is ready for beside success; they mean that nothing was done. */
export type Expected = readonly number[];

/** A client that writes down what it does. */
export class Observer {
  readonly name: string;
  readonly #http: HttpClient;
  readonly #history: Entry[];

  constructor(name: string, options: { port: number; history: Entry[] }) {
    this.name = name;
    this.#http = new HttpClient(options.port);
    this.#history = options.history;
  }

  record(...entries: Entry[]): void {
    this.#history.push(...entries);
  }

  async ask(asked: Asked, expected: Expected = []): Promise<Observation> {
    const invokeMs = nowMs();
    try {
      const answer = await this.#http.ask(asked);
      const done = answer.status >= 200 && answer.status < 300;
      const timed = { client: this.name, invokeMs, completeMs: nowMs(), outcome: done ? ("done" as const) : ("refused" as const) };
      if (done || expected.includes(answer.status)) return { timed, answer };
      const said = `${answer.status} ${String(answer.body)}`;
      if (answer.status < 500) return { timed: { ...timed, problem: said }, answer };
      // One that dies slowly may still say that it can do no more.
      return { timed: { ...timed, outcome: "unknown", ...(this.#isDown() ? { failed: said } : { problem: said }) }, answer };
    } catch (failure) {
      if (!(failure instanceof NoAnswer)) throw failure;
      const timed = { client: this.name, invokeMs, completeMs: nowMs(), ...(failure.left ? {} : { broken: failure.message }) };
      return { timed: { ...timed, outcome: failure.refused ? "refused" : "unknown" }, answer: undefined };
    }
  }

  #isDown(): boolean {
    return this.#history.findLast(({ op }) => op === "crash" || op === "up")?.op === "crash";
  }

  close(): void {
    this.#http.close();
  }
}
