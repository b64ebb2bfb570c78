import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Failure } from "./rules/failure.ts";

const DOWN_TEXT: Readonly<Record<Failure["kind"], string>> = {
  unreachable: "server unreachable",
  throttled: "server throttles requests",
  server: "server fails",
  denied: "server denies access",
  client: "requests cannot be made",
  refused: "server refuses requests",
};

/** Whether the server answers, said once at each change: a server that is away for an hour is two lines in the log. */
export class Connection {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #queue: string;
  #down: { readonly kind: Failure["kind"]; readonly sinceMs: number } | undefined;

  constructor(parts: { clock: Clock; log: Logger; queue: string }) {
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#queue = parts.queue;
  }

  get isUp(): boolean {
    return this.#down === undefined;
  }

  up(): void {
    if (this.#down === undefined) return;
    this.#log.info("server reachable again", { queue: this.#queue, afterMs: Math.round(this.#clock.monotonicMs() - this.#down.sinceMs) });
    this.#down = undefined;
  }

  down(failure: Failure): void {
    if (this.#down?.kind === failure.kind) return;
    this.#down = { kind: failure.kind, sinceMs: this.#down?.sinceMs ?? this.#clock.monotonicMs() };
    this.#log.warn(DOWN_TEXT[failure.kind], {
      queue: this.#queue,
      code: failure.code,
      reason: failure.message,
      action: "trying again until it works",
    });
  }
}
