/** Results go to standard output, everything else that is said to standard error, so that results can be piped. */

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One JSON object a line. */
export function printJson(value: object): void {
  print(JSON.stringify(value));
}

export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A line that the next one replaces, where somebody watches; nothing is said to a file. */
export function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line}`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
}

// oxlint-disable-next-line eslint/no-control-regex -- Control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Text from strangers as a terminal may show it: control characters could move the cursor or more. Files get it as it is. */
export function shown(text: string): string {
  if (!process.stdout.isTTY) return text;
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Columns under their titles; numbers to the right. */
export function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [titles, ...rows.map((row) => row.map((cell) => (typeof cell === "number" ? counted(cell) : cell)))];
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = titles.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (isNumber[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  "),
  );
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** `1,234,567` */
export function counted(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

export function plural(count: number, thing: string): string {
  return `${counted(count)} ${thing}${count === 1 ? "" : "s"}`;
}

/** `just now`, `12 s`, `3 min`, `5 h`, `2 d`: as much as a glance takes in. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** `512 B`, `12 kB`, `3.4 MB`: decimal, three digits. */
export function size(bytes: number): string {
  const [unit, divisor] = ([
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ].find(([, divisor]) => bytes >= (divisor as number)) as [string, number]) ?? ["B", 1];
  return `${divisor === 1 ? bytes : Number((bytes / divisor).toPrecision(3))} ${unit}`;
}
