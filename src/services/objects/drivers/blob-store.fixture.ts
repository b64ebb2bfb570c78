/** A blob's id for tests: the number, spread over directories. */
export function blobIdOf(number: number): string {
  return `${(number % 256).toString(16).padStart(2, "0")}${number.toString(16).padStart(30, "0")}`;
}
