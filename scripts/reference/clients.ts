import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./markdown.ts";

/** What one client did over one protocol: behaviours that it showed, and those at which it failed. */
interface ClientResult {
  readonly client: string;
  readonly version: string;
  readonly protocol: string;
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

/** A line that a client's script writes for each thing it tried. */
interface Line {
  readonly client: string;
  readonly version: string;
  readonly protocol: string;
  readonly behaviour: string;
  readonly passed: boolean;
}

const ROOT = join(import.meta.dirname, "../..");
/** What the clients have written when they last ran here; nobody commits it. */
const WRITTEN = "node_modules/.cache/compat/*.jsonl";
/** What of it is kept, so that the page can be made again where the clients are not installed. */
export const SNAPSHOT = "docs/reference/clients.json";

/** The snapshot with what the clients have written since: of a client that ran again, only what it did this time. */
export function refreshedClients(): string {
  const results = new Map(snapshot().map((result) => [keyOf(result), result]));
  for (const result of written()) results.set(keyOf(result), result);
  return `${JSON.stringify(
    [...results.values()].toSorted((a, b) => keyOf(a).localeCompare(keyOf(b), "en")),
    undefined,
    2,
  )}\n`;
}

/** How the snapshot is shown. */
export function clientsSection(): string[] {
  const results = snapshot();
  if (results.length === 0) return [];
  const behaviours = [...new Set(results.flatMap(({ passed, failed }) => [...passed, ...failed]))].toSorted((a, b) =>
    a.localeCompare(b, "en"),
  );
  return [
    "## Clients and programs",
    "What ran against a Millrace server with the client as its maker ships it; `test/clients/run.sh` runs them again where they are installed.",
    table(
      ["Client", "Version", "Protocol", "Worked", "Failed"],
      results.map(({ client, version, protocol, passed, failed }) => [
        client,
        version,
        protocol,
        String(passed.length),
        failed.join(", ") || "nothing",
      ]),
    ),
    "### What each did",
    table(
      ["Behaviour", "Clients"],
      behaviours.map((behaviour) => [behaviour, doers(results, behaviour)]),
    ),
  ];
}

function doers(results: readonly ClientResult[], behaviour: string): string {
  const name = ({ client, protocol }: ClientResult) => `${client} (${protocol})`;
  const passed = results.filter((result) => result.passed.includes(behaviour)).map(name);
  const failed = results.filter((result) => result.failed.includes(behaviour)).map((result) => `**not ${name(result)}**`);
  return [...passed, ...failed].join(", ");
}

function snapshot(): readonly ClientResult[] {
  const path = join(ROOT, SNAPSHOT);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ClientResult[]) : [];
}

function written(): ClientResult[] {
  const lines = globSync(WRITTEN, { cwd: ROOT })
    .toSorted()
    .flatMap((path) => readFileSync(join(ROOT, path), "utf8").split("\n"))
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Line);
  const byClient = Map.groupBy(lines, keyOf);
  return [...byClient.values()].map((of) => {
    // In every mode of the server: what failed in one of them did not work.
    const all = Map.groupBy(of, ({ behaviour }) => behaviour);
    const names = (worked: boolean) =>
      [...all]
        .filter(([, lines]) => lines.every(({ passed }) => passed) === worked)
        .map(([name]) => name)
        .toSorted((a, b) => a.localeCompare(b, "en"));
    const { client, protocol } = of[0] as Line;
    return { client, version: of.at(-1)?.version ?? "", protocol, passed: names(true), failed: names(false) };
  });
}

function keyOf({ client, protocol }: { readonly client: string; readonly protocol: string }): string {
  return `${client} ${protocol}`;
}
