/**
 * A worker that stops itself, as SIGSTOP from outside would: while its handler runs, or when its outputs are published and
 * nothing is deleted yet. Tells its events on standard output, a line each.
 *
 *     AWS_ENDPOINT_URL=… node zombie.fixture.ts handler|published
 */
import { silentLogger } from "../kernel/logger.ts";
import { consume } from "./consume.ts";

const [, , moment] = process.argv;

function stopHere(): void {
  process.stdout.write("stopping\n");
  process.kill(process.pid, "SIGSTOP");
}

const worker = consume("jobs", {
  lease: "1s",
  outputs: { done: "done" },
  logger: silentLogger,
  run: (_, ctx) => {
    if (moment === "handler") stopHere();
    ctx.emit("done", { by: "the one that was stopped" });
  },
});
worker.on("published", () => {
  if (moment === "published") stopHere();
});
for (const name of ["succeeded", "lease-lost", "retried"] as const) worker.on(name, () => process.stdout.write(`${name}\n`));
