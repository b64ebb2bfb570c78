/** A text in which `*` stands for any characters, also none. */
export interface WildcardPattern {
  /** What stands between the stars, in order; one piece: there is no star. */
  readonly pieces: readonly string[];
}

/** Where a pattern cannot be read: in words behind which the position stands. */
export interface BadWildcard {
  readonly problem: string;
  readonly at: number;
}

/** A backslash takes its meaning from a star, or from another backslash. */
export function readWildcard(text: string): WildcardPattern | BadWildcard {
  const pieces = [""];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "*") {
      if (text[at + 1] === "*") return { problem: "Consecutive wildcard characters", at };
      pieces.push("");
      continue;
    }
    if (character === "\\") {
      at += 1;
      if (text[at] !== "*" && text[at] !== "\\") return { problem: "Invalid escape character", at };
    }
    pieces.push((pieces.pop() ?? "") + (text[at] ?? ""));
  }
  return { pieces };
}

/** A pattern made ready for many texts; each is looked at from its beginning to its end once. */
export class Wildcard {
  readonly #head: string;
  readonly #tail: string;
  readonly #middle: readonly string[];
  readonly #lengthMin: number;
  readonly #exact: boolean;

  constructor({ pieces }: WildcardPattern) {
    this.#exact = pieces.length === 1;
    this.#head = pieces[0] ?? "";
    this.#tail = pieces.at(-1) ?? "";
    this.#middle = pieces.slice(1, -1);
    this.#lengthMin = pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  fits(text: string): boolean {
    if (this.#exact) return text === this.#head;
    if (text.length < this.#lengthMin || !text.startsWith(this.#head) || !text.endsWith(this.#tail)) return false;
    let at = this.#head.length;
    const end = text.length - this.#tail.length;
    for (const piece of this.#middle) {
      const found = text.indexOf(piece, at); // The first place is as good as any: what follows has the more room.
      at = found + piece.length;
      if (found < 0 || at > end) return false;
    }
    return true;
  }
}
