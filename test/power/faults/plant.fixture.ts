import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FAULTS } from "./planted.ts";

/** Loaded before anything else (`node --import`), this plants the fault that the environment names, in memory only. */
const fault = FAULTS.find(({ name }) => name === process.env["MILLRACE_PLANTED_FAULT"]);
if (fault === undefined) throw new TypeError("MILLRACE_PLANTED_FAULT names no fault");
const path = join(import.meta.dirname, "../../..", fault.file);
let spoiled = readFileSync(path, "utf8");
for (const [text, instead] of fault.edits) {
  if (spoiled.split(text).length !== 2) throw new TypeError(`${fault.file} does not have once: ${text}`);
  spoiled = spoiled.replace(text, () => instead);
}
const spoiledUrl = pathToFileURL(path).href;

registerHooks({
  load(url, context, next) {
    return url === spoiledUrl ? { format: "module-typescript", source: spoiled, shortCircuit: true } : next(url, context);
  },
});
