/** What the engine and the stores tell of themselves, by name; whoever watches is told of each change. */
export class Figures extends Map<string, number> {
  readonly #onChange: ((name: string, value: number) => void) | undefined;

  constructor(onChange?: (name: string, value: number) => void) {
    super();
    this.#onChange = onChange;
  }

  override set(name: string, value: number): this {
    if (this.get(name) === value) return this;
    super.set(name, value);
    this.#onChange?.(name, value);
    return this;
  }
}
