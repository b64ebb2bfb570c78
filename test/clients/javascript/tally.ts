import { appendFileSync } from "node:fs";

export interface Told {
  readonly client: string;
  readonly version: string;
  readonly protocol: string;
}

/** Runs steps, says which of them failed and why, counts, and appends each outcome to the file that MILLRACE_RESULTS names. */
export class Tally {
  #passed = 0;
  #failed = 0;
  #told: Told;

  constructor(told: Told) {
    this.#told = told;
    process.stdout.write(`${told.client} ${told.version}, over ${told.protocol}\n`);
  }

  /** From here on the steps are told of as this protocol's. */
  speaking(protocol: string): void {
    this.#told = { ...this.#told, protocol };
  }

  async step(name: string, run: () => Promise<void>): Promise<void> {
    let passed = false;
    try {
      await run();
      passed = true;
      this.#passed += 1;
    } catch (failure) {
      this.#failed += 1;
      process.stdout.write(`  failed: ${name}\n    ${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}\n`);
    }
    this.#record(name, passed);
  }

  #record(behaviour: string, passed: boolean): void {
    const path = process.env["MILLRACE_RESULTS"];
    if (path === undefined) return;
    appendFileSync(path, `${JSON.stringify({ ...this.#told, mode: process.env["MILLRACE_MODE"], behaviour, passed })}\n`);
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
