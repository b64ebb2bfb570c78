import { BitsBuilder, type Bits } from "./filter-bits.ts";

/** A text that others begin or end with, and what holds for those. */
export interface Affix {
  readonly text: string;
  readonly bits: Bits;
}

/** A step in the tree: its characters, and what holds for texts that come so far. */
interface Step {
  readonly label: string;
  readonly bits: Bits;
  readonly next: ReadonlyMap<number, Step>;
}

/** Prefixes (or suffixes) as one tree, so that a text is compared with all of them in the time of the longest that fits. */
export class AffixTree {
  readonly #root: Step;
  readonly #fromEnd: boolean;

  constructor(affixes: readonly Affix[], fromEnd: boolean) {
    this.#fromEnd = fromEnd;
    const turned = fromEnd ? affixes.map(({ text, bits }) => ({ text: reversed(text), bits })) : affixes;
    this.#root = this.#build(turned, { from: 0, label: "", inherited: new BitsBuilder().done() });
  }

  /** What holds for a text. */
  find(text: string): Bits {
    const fromEnd = this.#fromEnd;
    let step = this.#root;
    for (let used = 0; used < text.length; used += step.label.length) {
      const child = step.next.get(text.charCodeAt(fromEnd ? text.length - 1 - used : used));
      if (child === undefined) break;
      const { length } = child.label;
      if (length > 1 && !text.startsWith(child.label, fromEnd ? text.length - used - length : used)) break;
      step = child;
    }
    return step.bits;
  }

  /** @param at how far all the texts are the same, and what holds for the shorter ones on the way there. */
  #build(affixes: readonly Affix[], at: { from: number; label: string; inherited: Bits }): Step {
    const bits = new BitsBuilder().add(at.inherited);
    for (const affix of affixes) if (affix.text.length === at.from) bits.add(affix.bits);
    const inherited = bits.done();
    const longer = Map.groupBy(
      affixes.filter(({ text }) => text.length > at.from),
      ({ text }) => text.charCodeAt(at.from),
    );
    const next = new Map<number, Step>();
    for (const [code, group] of longer) {
      const from = endOfShared(group, at.from);
      const label = (group[0]?.text ?? "").slice(at.from, from);
      next.set(code, this.#build(group, { from, label: this.#fromEnd ? reversed(label) : label, inherited }));
    }
    return { label: at.label, bits: inherited, next };
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
