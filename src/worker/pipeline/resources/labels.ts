/** What names are called where fewer characters may stand in them: no two the same, though names may differ in the others alone. */
export class Labels {
  readonly #labels = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #shortened: (name: string, kind: string) => string;

  /** @param shortened a name of a kind without the characters that may not stand there. */
  constructor(shortened: (name: string, kind: string) => string) {
    this.#shortened = shortened;
  }

  /** The same at each call. */
  of(kind: string, name: string): string {
    const known = this.#labels.get(`${kind} ${name}`);
    if (known !== undefined) return known;
    const base = this.#shortened(name, kind);
    let label = base;
    for (let count = 2; this.#taken.has(`${kind} ${label}`); count += 1) label = `${base}${count}`;
    this.#taken.add(`${kind} ${label}`);
    this.#labels.set(`${kind} ${name}`, label);
    return label;
  }
}
