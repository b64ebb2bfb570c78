import { BitsBuilder, type Answer, type Answers, type Bits } from "./filter-bits.ts";
import { foldedCodes, foldedText } from "./filter-case.ts";

/** A text that others begin or end with, or that they are, and what holds for those. */
export interface Affix {
  readonly text: string;
  readonly bits: Bits;
  /** Only the very text has it. */
  readonly whole: boolean;
}

/** Places in a table for each step that stands there. */
const TABLE_ROOM = 12;

/** A step in the tree: its characters, what holds for texts that come so far, and for one that ends here. */
class Step {
  readonly label: Uint16Array;
  readonly length: number;
  readonly passing: Answer;
  readonly ending: Answer;
  readonly #code: number;
  readonly #only: Step | undefined;
  /** Several, from the least character on, where these stand close to each other; otherwise by their characters. */
  readonly #least: number;
  readonly #table: readonly (Step | undefined)[] | undefined;
  readonly #all: ReadonlyMap<number, Step>;

  /** @param next the steps that follow, by their first characters: one, in long chains, or many. */
  constructor(label: Uint16Array, { passing, ending }: Pick<Step, "passing" | "ending">, next: ReadonlyMap<number, Step>) {
    const [[code, only] = [-1, undefined]] = next;
    this.label = label;
    this.length = label.length;
    this.passing = passing;
    this.ending = ending;
    const codes = [...next.keys()];
    this.#least = Math.min(...codes);
    const room = Math.max(...codes) - this.#least + 1;
    this.#table =
      next.size > 1 && room <= TABLE_ROOM * next.size ? Array.from({ length: room }, (_, at) => next.get(this.#least + at)) : undefined;
    this.#all = next;
    this.#code = next.size === 1 ? code : -1;
    this.#only = only;
  }

  at(code: number): Step | undefined {
    if (this.#code === code) return this.#only;
    const table = this.#table;
    if (table === undefined) return this.#code === -1 ? this.#all.get(code) : undefined;
    const beyond = code - this.#least;
    return beyond >= 0 && beyond < table.length ? table[beyond] : undefined;
  }
}

export interface AffixTreeOptions {
  readonly answers: Answers;
  /** Endings instead of beginnings. */
  readonly fromEnd?: boolean;
  /** Texts are compared whatever the case of their letters. */
  readonly folded?: boolean;
}

/**
 * Texts, prefixes or suffixes as one tree, so that a text is compared with all of them in the time of the longest that fits,
 * and where it stands: to cut it out and to hash it takes several times as long.
 */
export class AffixTree {
  readonly #root: Step;
  readonly #answers: Answers;
  readonly #fromEnd: boolean;
  readonly #folded: boolean;

  constructor(affixes: readonly Affix[], { answers, fromEnd = false, folded = false }: AffixTreeOptions) {
    this.#answers = answers;
    this.#fromEnd = fromEnd;
    this.#folded = folded;
    const made = (text: string) => codesOf(folded ? foldedText(text) : text);
    const turned = affixes.map(({ text, bits, whole }) => ({ codes: fromEnd ? made(text).reverse() : made(text), bits, whole }));
    this.#root = this.#build(turned, { from: 0, label: NO_CODES, inherited: new BitsBuilder().done() });
  }

  /** What holds for the text that stands there. */
  find(codes: Uint16Array, start: number, end: number): Answer {
    const folds = this.#folded ? foldedCodes() : undefined;
    const turn = this.#fromEnd ? -1 : 1;
    let at = this.#fromEnd ? end - 1 : start;
    let step = this.#root;
    for (let left = end - start; left > 0;) {
      const code = codes[at] ?? 0;
      const next = step.at(folds === undefined ? code : (folds[code] ?? 0));
      if (next === undefined || next.length > left) return step.passing;
      const { label, length } = next;
      for (let used = 1; used < length; used += 1) {
        const other = codes[at + used * turn] ?? 0;
        if ((folds === undefined ? other : folds[other]) !== label[used]) return step.passing;
      }
      left -= length;
      at += length * turn;
      step = next;
    }
    return step.ending;
  }

  /** @param at how far all the texts are the same, and what holds for the shorter ones on the way there. */
  #build(affixes: readonly AffixCodes[], at: { from: number; label: Uint16Array; inherited: Bits }): Step {
    const passing = new BitsBuilder().add(at.inherited);
    const ends = affixes.filter(({ codes }) => codes.length === at.from);
    for (const { bits, whole } of ends) if (!whole) passing.add(bits);
    const inherited = passing.done();
    const ending = new BitsBuilder().add(inherited);
    const wholes = ends.filter(({ whole }) => whole);
    for (const { bits } of wholes) ending.add(bits);
    const longer = Map.groupBy(
      affixes.filter(({ codes }) => codes.length > at.from),
      ({ codes }) => codes[at.from] ?? 0,
    );
    const next = new Map<number, Step>();
    for (const [code, group] of longer) {
      const from = endOfShared(group, at.from);
      const label = (group[0]?.codes ?? NO_CODES).slice(at.from, from);
      next.set(code, this.#build(group, { from, label, inherited }));
    }
    const answer = this.#answers.of(inherited);
    const ended = wholes.length === 0 ? answer : this.#answers.of(ending.done());
    return new Step(at.label, { passing: answer, ending: ended }, next);
  }
}

interface AffixCodes {
  readonly codes: Uint16Array;
  readonly bits: Bits;
  readonly whole: boolean;
}

const NO_CODES = new Uint16Array(0);

/** Up to where all of them are the same, knowing that they are up to `from` and one character on. */
function endOfShared(affixes: readonly AffixCodes[], from: number): number {
  const [{ codes } = { codes: NO_CODES }, ...others] = affixes;
  let end = codes.length;
  for (const other of others) {
    let same = from + 1;
    while (same < end && codes[same] === other.codes[same]) same += 1;
    end = same;
  }
  return end;
}

export function codesOf(text: string): Uint16Array {
  return Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}
