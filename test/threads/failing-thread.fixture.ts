import { existsSync } from "node:fs";
import * as threads from "node:worker_threads";

/**
 * Loaded into the server before its own code (`node --import`), and into each of its threads: those that answer requests
 * beside the first throw when a file appears, or end as if they had been told to.
 */
const file = process.env["MILLRACE_FAIL_WHEN_THERE_IS"] ?? "";
const { threadName } = threads as { threadName?: string };
if (threadName?.startsWith("millrace-http-") === true)
  setInterval(() => {
    if (!existsSync(file)) return;
    if (file.endsWith("exit")) process.exit(3);
    throw new Error("a planted failure");
  }, 20);
