/**
 * `npm test`: all the tests but those that need a machine for themselves (`test/scale/run.sh`). Files that share nothing with
 * the world are run together, some in each process; the others have one of their own. `npm test -- <file or pattern…>` runs
 * only those, each alone; whatever begins with a dash goes to `node --test` (`npm test -- --test-name-pattern=redrive`).
 */
import { spawn, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { arranged } from "./tests/arranged.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TIMEOUT_MS = 300_000;
const SOURCE = "--conditions=millrace-source";

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));

/**
 * Node itself leaves one processor to whoever runs the tests, and with two has one file run after the other. Some files wait
 * for processes that they have started, so one more than there are processors keeps all of them busy.
 */
const concurrency = availableParallelism() + 1;
// Much of what a process of tests costs is to load what it tests. Stripped and compiled once, by `warm-up.ts`, that is read from here.
process.env["NODE_COMPILE_CACHE"] ??= join(ROOT, "node_modules/.cache/compiled");

if (flags.length + named.length === 0) runAll();
else runSome();

function runAll(): void {
  spawnSync(process.execPath, [SOURCE, join(ROOT, "scripts/tests/warm-up.ts")], { cwd: ROOT, stdio: "inherit" });
  const tests = run({ files: arranged(ROOT), concurrency, timeout: TIMEOUT_MS, cwd: ROOT, execArgv: [SOURCE] });
  let failed = true;
  tests.on("test:summary", ({ file, success }) => {
    if (file === undefined) failed = !success;
  });
  process.once("beforeExit", () => {
    if (failed) process.exitCode = 1;
  });
  tests.compose(spec).pipe(process.stdout);
}

function runSome(): void {
  const files = named.length > 0 ? named : [...arranged(ROOT)];
  const options = ["--test", `--test-timeout=${TIMEOUT_MS}`, `--test-concurrency=${concurrency}`];
  const child = spawn(process.execPath, [SOURCE, ...options, ...flags, ...files], { cwd: ROOT, stdio: "inherit" });
  child.once("exit", (code) => (process.exitCode = code ?? 1));
}
