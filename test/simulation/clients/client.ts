import type { Actions, Output } from "../../sdk/queues/protocols.ts";
import type { Chance } from "../world/chance.ts";
import type { Answer, Asked, Exchange, Network } from "../world/network.ts";
import type { Scheduler } from "../world/scheduler.ts";
import type { Protocol } from "./protocols.ts";
import type { Recorder, Shape } from "./recorder.ts";

/** What every client lives in. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly recorder: Recorder;
}

export interface ClientParts extends Surroundings {
  readonly name: string;
  readonly chance: Chance;
  readonly protocol: Protocol;
}

/** As the AWS SDKs try: three times, at random intervals that double. */
const ATTEMPTS_MAX = 3;
const RETRY_MS = 100;
/** A request without a wait that is not answered by then is given up. */
const TIMEOUT_MS = 3000;

export interface Request {
  /** Codes of refusals that may be. */
  readonly expected?: readonly string[];
  /** How it looks in the history; nothing where it is left out. */
  readonly shape?: Shape;
  readonly timeoutMs?: number;
  readonly attemptsMax?: number;
  /** A receive: what has not reached a caller who was known to have gone is taken back. */
  readonly undone?: boolean;
  /** Whether 404 is an answer as good as any. */
  readonly absent?: boolean;
}

/** What the caller was told. */
export type Told<A extends keyof Actions> = { readonly output: Output<A> } | { readonly code: string } | undefined;

/** A client of the server: asks, tries again, and has everything written down. */
export class Client {
  readonly name: string;
  readonly chance: Chance;
  readonly #parts: ClientParts;
  /** Answers are read twice: for the history, and by whoever asked. */
  readonly #read = new WeakMap<Answer, unknown>();

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.chance = parts.chance;
  }

  pause(delayMs: number): Promise<void> {
    return this.#parts.scheduler.pause(delayMs);
  }

  /** An action of SQS. Undefined: nobody answered, or the server could not, however often it was asked. */
  async act<A extends keyof Actions>(action: A, input: Actions[A][0], request: Request = {}): Promise<Told<A>> {
    const { protocol } = this.#parts;
    const asked = { method: "POST", target: "/", headers: protocol.headers(action), body: protocol.body(action, input) };
    const answer = await this.ask(asked, request);
    if (answer === undefined) return undefined;
    if (answer.status === 200) return { output: this.output(action, answer) };
    return { code: answer.body.toString() };
  }

  /** What a success says. */
  output<A extends keyof Actions>(action: A, answer: Answer): Output<A> {
    const before = this.#read.get(answer);
    if (before !== undefined) return before as Output<A>;
    const output = this.#parts.protocol.output(action, answer);
    this.#read.set(answer, output);
    return output;
  }

  /** Any request, tried again while nobody answers or the server cannot. @returns the last answer that is none of a fault. */
  async ask(asked: Omit<Asked, "timeoutMs">, request: Request): Promise<Answer | undefined> {
    const { attemptsMax = ATTEMPTS_MAX, timeoutMs = TIMEOUT_MS } = request;
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const answer = await this.once({ ...asked, timeoutMs }, request).told;
      if (answer !== undefined && answer.status < 500) return answer;
      if (attempt < attemptsMax) await this.pause(this.chance.fraction() * RETRY_MS * 2 ** attempt);
    }
    return undefined;
  }

  /** One attempt. */
  once(asked: Asked, { expected = [], shape, undone = false, absent = false }: Request): Exchange {
    const { network, recorder } = this.#parts;
    const record = (exchange: Exchange, client: string) => {
      if (shape !== undefined) recorder.record(exchange, { client, expected, undone, absent, shape });
    };
    const exchange = network.ask(asked, (copy) => record(copy, `${this.name}, doubled`));
    record(exchange, this.name);
    return exchange;
  }
}
