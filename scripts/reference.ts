import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { refreshedClients, SNAPSHOT } from "./reference/clients.ts";
import { referencePages } from "./reference/pages.ts";

/** Writes docs/reference/ from the code; `test/docs.test.ts` fails while the two differ. */
const root = join(import.meta.dirname, "..");
writeFileSync(join(root, SNAPSHOT), refreshedClients());
for (const [path, text] of Object.entries(referencePages())) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(path);
}
