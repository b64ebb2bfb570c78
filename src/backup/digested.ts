import { createHash } from "node:crypto";
import { Damaged, type ManifestFile } from "./manifest.ts";
import type { Bytes } from "./place.ts";

/** Bytes on their way, and what they add up to once they have all gone by. */
export class Digested {
  readonly bytes: Bytes;
  readonly #digest = createHash("sha256");
  #count = 0;
  #sha256: string | undefined;

  constructor(bytes: Bytes) {
    this.bytes = this.#passing(bytes);
  }

  get count(): number {
    return this.#count;
  }

  /** Hex. */
  get sha256(): string {
    this.#sha256 ??= this.#digest.digest("hex");
    return this.#sha256;
  }

  async *#passing(bytes: Bytes): Bytes {
    for await (const piece of bytes) {
      this.#count += piece.length;
      this.#digest.update(piece);
      yield piece;
    }
  }
}

/** The same bytes; behind the last of them it throws unless they are the file's. @throws {Damaged} */
export async function* verified(bytes: Bytes, { path, bytes: expected, sha256 }: ManifestFile): Bytes {
  const digested = new Digested(bytes);
  for await (const piece of digested.bytes) {
    if (digested.count > expected) break; // Not a byte more than it should have goes anywhere.
    yield piece;
  }
  if (digested.count !== expected)
    throw new Damaged(path, `it has ${digested.count > expected ? "more than " : `${digested.count} bytes instead of `}${expected} bytes`);
  if (digested.sha256 !== sha256) throw new Damaged(path, "its SHA-256 is another");
}
