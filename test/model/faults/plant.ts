import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Fault } from "./planted.ts";

/** Plants the fault that the environment names, in memory only; to be called before the file is loaded. */
export function plant(faults: readonly Fault[]): void {
  const fault = faults.find(({ name }) => name === process.env["MILLRACE_PLANTED_FAULT"]);
  if (fault === undefined) throw new TypeError("MILLRACE_PLANTED_FAULT names no fault");
  const path = join(import.meta.dirname, "../../..", fault.file);
  const source = readFileSync(path, "utf8");
  if (source.split(fault.text).length !== 2) throw new TypeError(`${fault.file} does not have once: ${fault.text}`);
  const spoiled = source.replace(fault.text, () => fault.instead);
  const spoiledUrl = pathToFileURL(path).href;
  registerHooks({
    load(url, context, next) {
      return url === spoiledUrl ? { format: "module-typescript", source: spoiled, shortCircuit: true } : next(url, context);
    },
  });
}
