/** The whole photo service against a server that runs already: web tier, one server A, one server B. */
import { photoProcess } from "./processes.ts";
import { Supervisor } from "./supervisor.ts";

const supervisor = new Supervisor({ say: (text) => console.log(text) });
for (const kind of ["web", "server-a", "server-b"] as const) {
  const line = await supervisor.keep(() => photoProcess(kind, process.env, (complaint) => console.error(complaint)));
  console.log(line);
}
console.log("Ready.");
process.exit(await supervisor.untilSignal());
