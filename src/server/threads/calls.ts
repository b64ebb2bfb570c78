import type { Transferable } from "node:worker_threads";
import { receivedError, sentError, type SentError } from "../../kernel/sent-error.ts";

/** What one side offers the other: functions of one plain argument. */
// oxlint-disable-next-line typescript/no-explicit-any -- The constraint of a generic: each side names its own types.
export type Offered<T> = { [K in keyof T]: (args: any) => unknown };

/** A thread's end of the line to another: a `Worker`, or what a worker has of its parent. */
export interface Line {
  postMessage(message: unknown, transfer: Transferable[]): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- As Node declares it: what comes is what the other side has sent.
  on(event: "message", listener: (message: any) => void): unknown;
}

type Sent =
  | { readonly call: number; readonly name: string; readonly args: unknown }
  | { readonly told: string; readonly args: unknown }
  | { readonly answer: number; readonly value?: unknown; readonly error?: SentError };

interface Asker {
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

/** Calls between two threads in both directions, over one line. Arguments and results are plain data. */
export class Calls<Mine extends Offered<Mine>, Theirs extends Offered<Theirs>> {
  readonly #line: Line;
  readonly #mine: Mine;
  readonly #asked = new Map<number, Asker>();
  #lastId = 0;
  #failure: Error | undefined;

  constructor(line: Line, mine: Mine) {
    this.#line = line;
    this.#mine = mine;
    line.on("message", (sent: Sent) => this.#received(sent));
  }

  /** @throws what the other side has thrown, or `fail` was given. */
  ask<K extends keyof Theirs & string>(
    name: K,
    args: Parameters<Theirs[K]>[0],
    transfer: Transferable[] = [],
  ): Promise<Awaited<ReturnType<Theirs[K]>>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#lastId += 1;
    const call = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#asked.set(call, { resolve, reject });
      this.#line.postMessage({ call, name, args } satisfies Sent, transfer);
    });
  }

  /** The same for what needs no answer. */
  tell<K extends keyof Theirs & string>(name: K, args: Parameters<Theirs[K]>[0]): void {
    this.#line.postMessage({ told: name, args } satisfies Sent, []);
  }

  /** The other side is gone: whatever it was asked, and will be, fails. */
  fail(reason: Error): void {
    this.#failure ??= reason;
    for (const { reject } of this.#asked.values()) reject(this.#failure);
    this.#asked.clear();
  }

  #received(sent: Sent): void {
    if ("answer" in sent) return this.#answered(sent);
    if ("told" in sent) return void this.#run(sent.told, sent.args);
    // An operation that fails at once is answered like one that fails later.
    void (async () => this.#run(sent.name, sent.args))().then(
      (value) => this.#line.postMessage({ answer: sent.call, value } satisfies Sent, []),
      (error: unknown) => this.#line.postMessage({ answer: sent.call, error: sentError(error) } satisfies Sent, []),
    );
  }

  #run(name: string, args: unknown): unknown {
    return this.#mine[name as keyof Mine](args);
  }

  #answered({ answer, value, error }: Extract<Sent, { answer: number }>): void {
    const asker = this.#asked.get(answer);
    this.#asked.delete(answer);
    if (error === undefined) asker?.resolve(value as never);
    else asker?.reject(receivedError(error));
  }
}
