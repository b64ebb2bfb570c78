/** Something that was started and must be stopped. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Stops what was started in the opposite order. What fails to stop does not keep the rest from stopping; the first
 * failure is thrown at the end.
 */
export class Stack implements Stoppable {
  readonly #stops: (() => Promise<void> | void)[] = [];

  add(stop: () => Promise<void> | void): void {
    this.#stops.push(stop);
  }

  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await stop();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Keeps the process alive until the returned function is called; the timers of `Clock` do not. */
export function holdProcess(): () => void {
  const handle = setInterval(() => {}, 2 ** 31 - 1);
  return () => clearInterval(handle);
}
