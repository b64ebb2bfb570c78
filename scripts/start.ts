/**
 * `npm start`: the server, the photo service with one server A and one server B, and their addresses. Ctrl-C ends all of it.
 * Environment: `MILLRACE_PORT` (4566), `MILLRACE_DATA`, `PORT` of the photo service (8080).
 */
import { fileURLToPath } from "node:url";
import { Process, photoProcess } from "../examples/photos/src/processes.ts";
import { Supervisor } from "../examples/photos/src/supervisor.ts";

const serverPort = process.env["MILLRACE_PORT"] ?? "4566";
const endpoint = `http://127.0.0.1:${serverPort}`;
const environment = { ...process.env, AWS_ENDPOINT_URL: endpoint };
const complain = (line: string) => console.error(line);
const supervisor = new Supervisor({ say: (text) => console.log(text) });

const server = (): Process => {
  const program = fileURLToPath(new URL("../bin/millrace.js", import.meta.url));
  const args = [program, "serve", "--port", serverPort];
  return new Process({ name: "Millrace server", args, env: process.env, ready: /^Ready\./, onComplaint: complain });
};

const code = await supervisor.run(async () => {
  await supervisor.keep(server);
  for (const kind of ["web", "server-a", "server-b"] as const) await supervisor.keep(() => photoProcess(kind, environment, complain));
  console.log(`
  Photo service    http://127.0.0.1:${process.env["PORT"] ?? "8080"}/
  Console          ${endpoint}/_console/
  AWS endpoint     ${endpoint}

Ready. Ctrl-C stops everything.`);
});
process.exit(code);
