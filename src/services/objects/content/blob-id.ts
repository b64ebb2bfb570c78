import type { Random } from "../../../kernel/random.ts";

/**
 * Blob ids, 32 hex digits:
 *
 *     <24 random><8 generation>
 *
 * The generation is the number of the server's start in which the blob was written. Random digits come first, since they
 * spread files over directories.
 */
export function newBlobId(random: Random, generation: number): string {
  return random.bytes(12).toString("hex") + generation.toString(16).padStart(8, "0");
}

export function generationOf(id: string): number {
  return Number.parseInt(id.slice(24), 16);
}
