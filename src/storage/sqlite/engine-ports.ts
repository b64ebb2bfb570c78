import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { sentError } from "../../kernel/sent-error.ts";
import type { Engine } from "./engine.ts";
import type { Answer, Item } from "./port-messages.ts";

/**
 * The engine's side of all ports: units of every thread that asks join the same groups, in the order in which they come
 * in. The engine does not know where a unit is from.
 */
export class EnginePorts {
  readonly #engine: Engine;
  readonly #ports = new Set<Carrier>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** From now on a port's units are carried to the engine, and their answers back. */
  serve(port: MessagePort): void {
    this.#ports.add(new Carrier(port, this.#engine));
    for (const [name, value] of this.#engine.report) port.postMessage({ report: [name, value] });
  }

  /** Tells all who ask of a figure that has changed: some of them look at it before they ask. */
  report(name: string, value: number): void {
    for (const { port } of this.#ports) port.postMessage({ report: [name, value] });
  }

  /** Answers what was sent before, ends all waits, stops the engine and closes the ports. */
  async stop(): Promise<void> {
    for (const port of this.#ports) port.takeRest();
    await this.#engine.stop();
    for (const port of this.#ports) port.close();
  }
}

class Carrier {
  readonly port: MessagePort;
  readonly #engine: Engine;
  readonly #cancels = new Map<number, () => void>();
  #answers: Answer[] = [];
  #batches = 0;
  #scheduled = false;

  constructor(port: MessagePort, engine: Engine) {
    this.port = port;
    this.#engine = engine;
    port.on("message", (message: unknown) => {
      if (typeof message === "string") this.#takeBatch(message);
    });
  }

  /** What the other side has sent is here; it may not have been read yet. */
  takeRest(): void {
    for (let rest = receiveMessageOnPort(this.port); rest !== undefined; rest = receiveMessageOnPort(this.port))
      if (typeof rest.message === "string") this.#takeBatch(rest.message);
  }

  close(): void {
    this.#flush();
    this.port.close();
  }

  #takeBatch(text: string): void {
    for (const item of JSON.parse(text) as Item[]) this.#take(item);
    this.#batches += 1;
    // The engine has just planned its group for this turn; this comes behind it.
    this.#flushSoon();
  }

  #take(item: Item): void {
    if (typeof item === "number") return this.#cancels.get(item)?.();
    const [id, calls] = item;
    const refused = (reason: unknown) => this.#answer([id, null, sentError(reason)]);
    this.#cancels.set(
      id,
      this.#engine.submit(calls, (results) => this.#answer([id, results]), refused),
    );
  }

  #answer(answered: Answer): void {
    this.#cancels.delete(answered[0]);
    this.#answers.push(answered);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (!this.#scheduled) setImmediate(() => this.#flush());
    this.#scheduled = true;
  }

  #flush(): void {
    this.#scheduled = false;
    const text = JSON.stringify([this.#batches, this.#answers]);
    this.#answers = [];
    this.#batches = 0;
    this.port.postMessage(text);
  }
}
