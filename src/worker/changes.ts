/** Lets others wait for a condition over state that changes here and there: whoever changes it says so. */
export class Changes {
  readonly #waiting = new Set<{ readonly holds: () => boolean; readonly resolve: () => void }>();

  /** Resolves as soon as the condition holds; it is looked at now and after every `notify`. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => this.#waiting.add({ holds, resolve }));
  }

  notify(): void {
    for (const waiting of this.#waiting) {
      if (!waiting.holds()) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }
}
