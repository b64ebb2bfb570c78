/** The value below which the share of the numbers lies, 0 to 1; NaN of none. Sorts in place. */
export function percentile(numbers: number[], share: number): number {
  numbers.sort((a, b) => a - b);
  return numbers[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? NaN;
}

/** The middle one, or the mean of the two in the middle; NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? NaN)) / 2;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spread(numbers: readonly number[]): Spread {
  return { median: median(numbers), least: Math.min(...numbers), most: Math.max(...numbers) };
}

/** The median, and the range where there is one: `45 % (41 % to 48 %)`. */
export function ranged({ median, least, most }: Spread, text: (value: number) => string): string {
  return least === most ? text(median) : `${text(median)} (${text(least)} to ${text(most)})`;
}
