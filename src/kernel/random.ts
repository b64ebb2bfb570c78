import { randomBytes, randomUUID } from "node:crypto";

/** Chance comes through this port only, so that a seed replays a run. */
export interface Random {
  bytes(count: number): Buffer;
  /** A version 4 UUID in lower case. */
  uuid(): string;
  /** A number from 0 up to, and not including, 1. */
  fraction(): number;
}

/** Cryptographically strong randomness. */
export const systemRandom: Random = {
  bytes: (count) => randomBytes(count),
  uuid: () => randomUUID(),
  fraction: () => Math.random(),
};

/**
 * Repeatable pseudo-randomness for tests; never for secrets. The generator is mulberry32 (public domain, T. Ettinger).
 * @param seed any 32-bit number; the same seed gives the same sequence.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const bytes = (count: number) => Buffer.from(Array.from({ length: count }, () => Math.floor(fraction() * 256)));
  const uuid = () => {
    const hex = bytes(16).toString("hex");
    const variant = "89ab"[Math.floor(fraction() * 4)];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
  return { bytes, uuid, fraction };
}
