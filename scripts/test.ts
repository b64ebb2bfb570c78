/**
 * `npm test`: the tests, a process for each file. `npm test -- <file or pattern…>` runs only those; whatever begins with a
 * dash goes to `node --test` (`npm test -- --test-name-pattern=redrive`).
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const EVERYTHING = [
  "src/**/*.test.ts",
  "test/**/*.test.ts",
  "examples/*/src/**/*.test.ts",
  "examples/*/test/**/*.test.ts",
  "console/test/**/*.test.ts",
];
const ROOT = fileURLToPath(new URL("..", import.meta.url));

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("-"));
const named = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));

/**
 * Node itself leaves one processor to whoever runs the tests, and with two has one file run after the other. Some files wait
 * for processes that they have started, so one more than there are processors keeps all of them busy.
 */
const atOnce = availableParallelism() + 1;
// Most of what a file of tests costs is to load what it tests. Stripped and compiled once, that is read from here.
const NODE_COMPILE_CACHE = process.env["NODE_COMPILE_CACHE"] ?? `${ROOT}node_modules/.cache/compiled`;

const run = spawn(
  process.execPath,
  [
    "--conditions=millrace-source",
    "--test",
    "--test-timeout=300000",
    `--test-concurrency=${atOnce}`,
    ...flags,
    ...(named.length > 0 ? named : EVERYTHING),
  ],
  { cwd: ROOT, stdio: "inherit", env: { ...process.env, NODE_COMPILE_CACHE } },
);
run.once("exit", (code) => (process.exitCode = code ?? 1));
