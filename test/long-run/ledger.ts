import { existsSync, readFileSync } from "node:fs";

/** One round of one layer: a line of JSON in the ledger. */
export interface Round {
  readonly layer: string;
  readonly seed: number;
  readonly seeds: number;
  /** `2026-11-21` */
  readonly date: string;
  readonly commit: string;
  readonly seconds: number;
  /** Its exit code was 0. */
  readonly passed: boolean;
  readonly figures: Readonly<Record<string, number>>;
}

/** What is there; a last line that a kill has cut is not. */
export function readLedger(file: string): Round[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Round);
}

/** The first seed of a layer that no round has used. @param first the first of all. */
export function nextSeed(rounds: readonly Round[], layer: string, first: number): number {
  return rounds.filter((round) => round.layer === layer).reduce((next, { seed, seeds }) => Math.max(next, seed + seeds), first);
}

/** @returns the figures that an output has; undefined for a layer that did not come to its end. */
export function figuresOf(output: string, patterns: Readonly<Record<string, RegExp>>): Record<string, number> | undefined {
  const figures: Record<string, number> = {};
  for (const [name, pattern] of Object.entries(patterns)) {
    const found = pattern.exec(output)?.[1];
    if (found === undefined) return undefined;
    figures[name] = Number(found);
  }
  return figures;
}

/** A line for each layer: what all its rounds have done together. */
export function totals(rounds: readonly Round[]): string[] {
  return [...Map.groupBy(rounds, ({ layer }) => layer)].map(([layer, all]) => {
    const sums = new Map<string, number>();
    for (const { figures } of all) for (const [name, figure] of Object.entries(figures)) sums.set(name, (sums.get(name) ?? 0) + figure);
    const dates = [...new Set(all.map(({ date }) => date))].sort();
    const commits = [...new Set(all.map(({ commit }) => commit))];
    const seeds = `${Math.min(...all.map(({ seed }) => seed))} to ${Math.max(...all.map(({ seed, seeds: count }) => seed + count - 1))}`;
    const hours = all.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
    return [
      `${layer}: ${[...sums].map(([name, sum]) => `${sum} ${name}`).join(", ")}`,
      `${all.length} rounds of ${hours.toFixed(1)} hours, ${all.filter(({ passed }) => !passed).length} failed`,
      `seeds ${seeds}`,
      `${dates.join(", ")} at ${commits.join(", ")}`,
    ].join("; ");
  });
}
