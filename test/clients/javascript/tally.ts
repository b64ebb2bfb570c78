/** Runs steps, says which of them failed and why, and counts. */
export class Tally {
  #passed = 0;
  #failed = 0;

  async step(name: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.#passed += 1;
    } catch (failure) {
      this.#failed += 1;
      process.stdout.write(`  failed: ${name}\n    ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}\n`);
    }
  }

  /** The last line; the exit code says the same. */
  conclude(): void {
    process.stdout.write(`${this.#passed} passed, ${this.#failed} failed\n`);
    if (this.#failed > 0 || this.#passed === 0) process.exitCode = 1;
  }
}

/** The name of the error that a call is refused with, or `none`. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "none",
    (failure: unknown) => (failure instanceof Error ? failure.name : String(failure)),
  );
}
