import { BitsBuilder, NO_BITS, NOTHING, type Answer, type Answers, type Bits } from "./filter-bits.ts";
import { foldedCodes, foldedText } from "./filter-case.ts";

/** A text that others begin or end with, or that they are, and what holds for those. */
export interface Affix {
  readonly text: string;
  readonly bits: Bits;
  /** Only the very text has it. */
  readonly whole: boolean;
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
 * and where it stands: to cut it out and to hash it takes several times as long. The steps from one step follow each other
 * by their first characters, in typed arrays: to go from object to object takes longer, too.
 */
export class AffixTree {
  readonly #folds: Uint16Array | undefined;
  readonly #fromEnd: boolean;
  /** Of each step what stands at those places, `SIZE` in all. */
  readonly #steps: Int32Array;
  /** The characters of all steps. */
  readonly #labels: Uint16Array;
  /** Steps by their first characters: the least of these, how many there are from it to the most, and so many steps; 0: none. */
  readonly #tables: Int32Array;
  /** What holds for texts that come so far, and for one that ends there. */
  readonly #passing: readonly Answer[];
  readonly #ending: readonly Answer[];

  constructor(affixes: readonly Affix[], { answers, fromEnd = false, folded = false }: AffixTreeOptions) {
    this.#folds = folded ? foldedCodes() : undefined;
    this.#fromEnd = fromEnd;
    const made = (text: string) => codesOf(folded ? foldedText(text) : text, fromEnd);
    const steps = stepsOf(
      affixes.map(({ text, bits, whole }) => ({ codes: made(text), bits, whole })),
      answers,
    );
    const tables: number[] = [];
    let [label, next] = [0, 1];
    this.#steps = new Int32Array(SIZE * steps.length);
    for (const [
      step,
      {
        label: { length },
        count,
      },
    ] of steps.entries()) {
      const after = steps.slice(next, next + count).map(({ label: [code = 0] }) => code);
      this.#steps.set([label, length, next, count, count === 1 ? (after[0] ?? 0) : addTable(after, { next, tables })], SIZE * step);
      label += length;
      next += count;
    }
    this.#tables = Int32Array.from(tables);
    this.#labels = Uint16Array.from(steps.flatMap(({ label: codes }) => [...codes]));
    this.#passing = steps.map(({ passing }) => passing);
    this.#ending = steps.map(({ ending }) => ending);
  }

  /** What holds for the text that stands there. */
  find(codes: Uint16Array, start: number, end: number): Answer {
    const folds = this.#folds;
    const labels = this.#labels;
    const steps = this.#steps;
    const turn = this.#fromEnd ? -1 : 1;
    let at = this.#fromEnd ? end - 1 : start;
    let step = 0;
    for (let left = end - start; left > 0;) {
      const count = steps[SIZE * step + COUNT] ?? 0;
      if (count === 0) return this.#passing[step] ?? NOTHING;
      const code = folds === undefined ? (codes[at] ?? 0) : (folds[codes[at] ?? 0] ?? 0);
      const next = count === 1 ? (steps[SIZE * step + TABLE] === code ? (steps[SIZE * step + NEXT] ?? 0) : 0) : this.#nextOf(step, code);
      const length = steps[SIZE * next + LENGTH] ?? 0;
      if (next === 0 || length > left) return this.#passing[step] ?? NOTHING;
      const label = steps[SIZE * next + LABEL] ?? 0;
      for (let used = 1; used < length; used += 1) {
        const other = codes[at + used * turn] ?? 0;
        if ((folds === undefined ? other : folds[other]) !== labels[label + used]) return this.#passing[step] ?? NOTHING;
      }
      left -= length;
      at += length * turn;
      step = next;
    }
    return this.#ending[step] ?? NOTHING;
  }

  /** Of several steps that follow the one that does by that character; 0, which follows none: there is no such step. */
  #nextOf(step: number, code: number): number {
    const steps = this.#steps;
    const table = steps[SIZE * step + TABLE] ?? 0;
    if (table >= 0) {
      const beyond = code - (this.#tables[table] ?? 0);
      return beyond >= 0 && beyond < (this.#tables[table + 1] ?? 0) ? (this.#tables[table + 2 + beyond] ?? 0) : 0;
    }
    let low = steps[SIZE * step + NEXT] ?? 0;
    let high = low + (steps[SIZE * step + COUNT] ?? 0);
    const firstOf = (one: number) => this.#labels[steps[SIZE * one + LABEL] ?? 0] ?? 0;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (firstOf(middle) <= code) low = middle;
      else high = middle;
    }
    return firstOf(low) === code ? low : 0;
  }
}

/**
 * Of each step: where its characters begin and how many they are, the first of those that come after it and how many they
 * are, and if it is one its first character, if they are several where their table stands; -1: they are found by halving.
 */
const LABEL = 0;
const LENGTH = 1;
const NEXT = 2;
const COUNT = 3;
const TABLE = 4;
const SIZE = 5;

/** Places in a table for each step that stands there. */
const TABLE_ROOM = 8;

/** Where characters stand close to each other, a table has room for all between them. @returns where it stands; -1: there is none. */
function addTable(codes: readonly number[], { next, tables }: { next: number; tables: number[] }): number {
  const [least = 0, most = 0] = [codes[0], codes.at(-1)];
  if (most - least >= TABLE_ROOM * codes.length) return -1;
  const at = tables.push(least, most - least + 1) - 2;
  for (let code = least, place = 0; code <= most; code += 1) tables.push(codes[place] === code ? next + place++ : 0);
  return at;
}

/** A step in the tree: its characters, what holds for texts that come so far, and how many steps come after it. */
interface Step {
  readonly label: Uint16Array;
  readonly passing: Answer;
  readonly ending: Answer;
  readonly count: number;
}

/** Level by level, so that the steps after one stand together, sorted by their first characters; the root is the first. */
function stepsOf(affixes: readonly AffixCodes[], answers: Answers): Step[] {
  const steps: Step[] = [];
  const left = [{ affixes, from: 0, label: NO_CODES, inherited: NO_BITS }];
  for (const { affixes: all, from, label, inherited } of left) {
    const passing = new BitsBuilder().add(inherited);
    const ends = all.filter(({ codes }) => codes.length === from);
    for (const { bits, whole } of ends) if (!whole) passing.add(bits);
    const passed = passing.done();
    const wholes = ends.filter(({ whole }) => whole);
    for (const { bits } of wholes) passing.add(bits);
    const longer = Map.groupBy(
      all.filter(({ codes }) => codes.length > from),
      ({ codes }) => codes[from] ?? 0,
    );
    for (const [, group] of [...longer].toSorted(([one], [other]) => one - other)) {
      const end = endOfShared(group, from);
      left.push({ affixes: group, from: end, label: (group[0]?.codes ?? NO_CODES).slice(from, end), inherited: passed });
    }
    const answer = answers.of(passed);
    steps.push({ label, passing: answer, ending: wholes.length === 0 ? answer : answers.of(passing.done()), count: longer.size });
  }
  return steps;
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

function codesOf(text: string, fromEnd: boolean): Uint16Array {
  const codes = Uint16Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  return fromEnd ? codes.reverse() : codes;
}
