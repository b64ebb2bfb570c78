/** The whole photo service against a server that runs already: web tier, one server A, one server B. */
import { photoProcess } from "./processes.ts";
import { Supervisor } from "./supervisor.ts";

const supervisor = new Supervisor({ say: (text) => console.log(text) });
const code = await supervisor.run(async () => {
  for (const kind of ["web", "server-a", "server-b"] as const)
    console.log(await supervisor.keep(() => photoProcess(kind, process.env, (complaint) => console.error(complaint))));
  console.log("Ready. Ctrl-C stops everything.");
});
process.exit(code);
