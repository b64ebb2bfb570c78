import { readFileSync } from "node:fs";

/** The same from the sources and from the published package: both are two folders below the root. */
export function version(): string {
  return (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
