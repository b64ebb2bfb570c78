/** Characters whose first steps stand in a table. */
const TABLE = 128;

/**
 * Texts that are looked for in another one, all together (Aho and Corasick, "Efficient string matching", 1975): each character
 * is looked at once, and twice at the most where a piece nearly stands there, however often that is. To call the platform's
 * search for each piece and each of a hundred thousand texts takes longer.
 *
 * A step is a beginning of pieces; 0 is the empty one.
 */
export class PieceTree {
  readonly #lengths: readonly number[];
  /** Of each step its last character, the first of the steps that are longer by one, and the next such step beside it. */
  readonly #code: Uint16Array;
  readonly #longer: Uint16Array;
  readonly #beside: Uint16Array;
  /** The longest other step with which it ends, and a bit for each piece with which it ends. */
  readonly #again: Uint16Array;
  readonly #ending: Int32Array;
  /** The steps from the empty one by those characters; those by others stand beside each other. */
  readonly #firsts = new Uint16Array(TABLE);
  /** Where a search has come to. */
  at = 0;
  #step = 0;

  /** @param pieces 31 at the most, with fewer than 65,536 characters; an empty one is found nowhere. */
  constructor(pieces: readonly string[]) {
    this.#lengths = pieces.map(({ length }) => length);
    const room = this.#lengths.reduce((sum, length) => sum + length, 1);
    const made = () => new Uint16Array(room);
    [this.#code, this.#longer, this.#beside, this.#again, this.#ending] = [made(), made(), made(), made(), new Int32Array(room)];
    let steps = 1;
    for (const [piece, text] of pieces.entries()) {
      if (text === "") continue;
      let step = 0;
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        step = this.#after(step, code) || this.#add(steps++, step, code);
      }
      this.#ending[step] = (this.#ending[step] ?? 0) | (1 << piece);
    }
    this.#link(steps);
  }

  length(piece: number): number {
    return this.#lengths[piece] ?? 0;
  }

  /** A search begins there. */
  begin(at: number): void {
    this.at = at;
    this.#step = 0;
  }

  /** Goes on to where one of the pieces ends next, which then is `at`. @param awaited a bit for each. @returns those; 0: none. */
  find(codes: Uint16Array, end: number, awaited: number): number {
    const firsts = this.#firsts;
    const longer = this.#longer;
    const beside = this.#beside;
    const last = this.#code;
    const again = this.#again;
    const ending = this.#ending;
    let step = this.#step;
    for (let at = this.at; at < end; at += 1) {
      const code = codes[at] ?? 0;
      let next = 0;
      for (; step !== 0; step = again[step] ?? 0) {
        next = longer[step] ?? 0;
        while (next !== 0 && last[next] !== code) next = beside[next] ?? 0;
        if (next !== 0) break;
      }
      if (next === 0) next = code < TABLE ? (firsts[code] ?? 0) : this.#after(0, code);
      step = next;
      const found = (ending[step] ?? 0) & awaited;
      if (found === 0) continue;
      this.#step = step;
      this.at = at + 1;
      return found;
    }
    return 0;
  }

  /** The step that is longer by that character; 0: there is none. */
  #after(step: number, code: number): number {
    if (step === 0 && code < TABLE) return this.#firsts[code] ?? 0;
    let next = this.#longer[step] ?? 0;
    while (next !== 0 && this.#code[next] !== code) next = this.#beside[next] ?? 0;
    return next;
  }

  #add(step: number, after: number, code: number): number {
    this.#code[step] = code;
    if (after === 0 && code < TABLE) return (this.#firsts[code] = step);
    this.#beside[step] = this.#longer[after] ?? 0;
    return (this.#longer[after] = step);
  }

  /** From shorter steps to longer ones: each goes on where the longest end of it does that is a step, too. */
  #link(steps: number): void {
    const left = Array.from({ length: steps }, (_, step) => step)
      .slice(1)
      .filter((step) => this.#after(0, this.#code[step] ?? 0) === step);
    for (const step of left) {
      this.#ending[step] = (this.#ending[step] ?? 0) | (this.#ending[this.#again[step] ?? 0] ?? 0);
      for (let longer = this.#longer[step] ?? 0; longer !== 0; longer = this.#beside[longer] ?? 0) {
        left.push(longer);
        const code = this.#code[longer] ?? 0;
        let again = this.#again[step] ?? 0;
        while (again !== 0 && this.#after(again, code) === 0) again = this.#again[again] ?? 0;
        this.#again[longer] = this.#after(again, code);
      }
    }
  }
}
