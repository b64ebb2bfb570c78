import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rows } from "./catalogue.ts";

/** Writes the table of planted faults into RELIABILITY.md: `node test/planted/write.ts`. */
const path = join(import.meta.dirname, "../../RELIABILITY.md");
const text = readFileSync(path, "utf8");
const table = /(\| Planted fault \|.*\n\|[-|]+\n)(?:\|.*\n)*/;
if (!table.test(text)) throw new Error("RELIABILITY.md has no table of planted faults");
writeFileSync(
  path,
  text.replace(table, (_, head: string) => `${head}${rows().join("\n")}\n`),
);
