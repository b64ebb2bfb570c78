import { BitsBuilder, type Answer, type Answers, type Bits } from "./filter-bits.ts";

/** A text that others begin or end with, or that they are, and what holds for those. */
export interface Affix {
  readonly text: string;
  readonly bits: Bits;
  /** Only the very text has it. */
  readonly whole: boolean;
}

/** A step in the tree: its characters, what holds for texts that come so far, and for one that ends here. */
interface Step {
  readonly label: string;
  readonly passing: Answer;
  readonly ending: Answer;
  readonly next: ReadonlyMap<number, Step>;
}

export interface AffixTreeOptions {
  readonly answers: Answers;
  /** Endings instead of beginnings. */
  readonly fromEnd?: boolean;
  /** Texts are compared in lower case, in which the affixes are. */
  readonly folded?: boolean;
}

const UPPER_A = 65;
const UPPER_Z = 90;
const TO_LOWER = 32;
const ASCII_MAX = 127;

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
    const turned = fromEnd ? affixes.map((affix) => ({ ...affix, text: reversed(affix.text) })) : affixes;
    this.#root = this.#build(turned, { from: 0, label: "", inherited: new BitsBuilder().done() });
  }

  /** What holds for a text that stands within another. */
  find(text: string, start: number, end: number): Answer {
    if (!this.#folded || isAscii(text, start, end)) return this.#walk(text, start, end);
    const lowered = text.slice(start, end).toLowerCase();
    return this.#walk(lowered, 0, lowered.length);
  }

  #walk(text: string, start: number, end: number): Answer {
    const folded = this.#folded;
    const turn = this.#fromEnd ? -1 : 1;
    let at = this.#fromEnd ? end - 1 : start;
    let step = this.#root;
    for (let left = end - start; left > 0;) {
      const code = text.charCodeAt(at);
      const next = step.next.get(folded ? lower(code) : code);
      if (next === undefined || next.label.length > left) return step.passing;
      const { label } = next;
      for (let used = 1; used < label.length; used += 1) {
        const other = text.charCodeAt(at + used * turn);
        if ((folded ? lower(other) : other) !== label.charCodeAt(used)) return step.passing;
      }
      left -= label.length;
      at += label.length * turn;
      step = next;
    }
    return step.ending;
  }

  /** @param at how far all the texts are the same, and what holds for the shorter ones on the way there. */
  #build(affixes: readonly Affix[], at: { from: number; label: string; inherited: Bits }): Step {
    const passing = new BitsBuilder().add(at.inherited);
    const ends = affixes.filter(({ text }) => text.length === at.from);
    for (const { bits, whole } of ends) if (!whole) passing.add(bits);
    const inherited = passing.done();
    const ending = new BitsBuilder().add(inherited);
    const wholes = ends.filter(({ whole }) => whole);
    for (const { bits } of wholes) ending.add(bits);
    const longer = Map.groupBy(
      affixes.filter(({ text }) => text.length > at.from),
      ({ text }) => text.charCodeAt(at.from),
    );
    const next = new Map<number, Step>();
    for (const [code, group] of longer) {
      const from = endOfShared(group, at.from);
      const label = (group[0]?.text ?? "").slice(at.from, from);
      next.set(code, this.#build(group, { from, label, inherited }));
    }
    const answer = this.#answers.of(inherited);
    return { label: at.label, passing: answer, ending: wholes.length === 0 ? answer : this.#answers.of(ending.done()), next };
  }
}

/** Up to where all of them are the same, knowing that they are up to `from` and one character on. */
function endOfShared(affixes: readonly Affix[], from: number): number {
  const [{ text } = { text: "" }, ...others] = affixes;
  let end = text.length;
  for (const other of others) {
    let same = from + 1;
    while (same < end && text.charCodeAt(same) === other.text.charCodeAt(same)) same += 1;
    end = same;
  }
  return end;
}

/** By code units: what it makes is compared with texts, never shown. */
function reversed(text: string): string {
  let turned = "";
  for (let at = text.length - 1; at >= 0; at -= 1) turned += text[at];
  return turned;
}

function isAscii(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (text.charCodeAt(at) > ASCII_MAX) return false;
  return true;
}

function lower(code: number): number {
  return code >= UPPER_A && code <= UPPER_Z ? code + TO_LOWER : code;
}
