/** The process that copies a database: its work is told as JSON lines on standard output. */
import { setPriority } from "node:os";
import { systemClock } from "../../../kernel/clock.ts";
import { copyDatabase } from "./copying.ts";
import { describeDatabase } from "./description.ts";
import type { CopyMessage } from "./start.ts";

/** Nobody waits for a copy as they do for an answer. */
const NICE = 10;

/** Between two messages about progress. */
const TELL_EVERY_MS = 100;

const [from = "", to = "", logBytesMax = ""] = process.argv.slice(2);
const clock = systemClock();

function tell(message: CopyMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function copy(): Promise<void> {
  setPriority(NICE);
  let toldMs = 0;
  await copyDatabase({
    from,
    to,
    logBytesMax: Number(logBytesMax),
    onPinned: () => tell({ pinned: true }),
    onProgress(copiedBytes) {
      if (clock.monotonicMs() - toldMs < TELL_EVERY_MS) return;
      toldMs = clock.monotonicMs();
      tell({ copiedBytes });
    },
  });
  tell({ done: describeDatabase(to) });
}

// The server is gone that wanted it.
// oxlint-disable-next-line unicorn/no-process-exit -- Half a copy is nobody's; there is nothing to finish.
process.stdin.on("end", () => process.exit(1)).resume();
try {
  await copy();
  process.exitCode = 0;
} catch (error) {
  tell({ failed: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
process.stdin.destroy();
