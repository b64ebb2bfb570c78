import type { Rule } from "../../checkers/rules.ts";
import type { Fault } from "../../model/faults/planted.ts";

/** A mistake that somebody could have made, and the promise that it breaks. */
export interface BreakingFault extends Fault {
  readonly breaks: Rule;
}

const STORE = "src/services/queues/store/sqlite";
const ENGINE = "src/storage/sqlite/engine.ts";

/** Whoever changes such a line changes it here, too: `faults.test.ts` says where. */
export const FAULTS: readonly BreakingFault[] = [
  {
    name: "three groups of four are answered before they are committed",
    breaks: "lost",
    file: "src/storage/sqlite/database.ts",
    text: "  exec(sql: string): void {\n",
    instead: `  held = 0;
  exec(sql: string): void {
    if (sql === "BEGIN IMMEDIATE" && this.held > 0) return;
    if (sql === "COMMIT" && (this.held = (this.held + 1) % 4) > 0) return;
    if (sql === "ROLLBACK") this.held = 0;
    if (sql.startsWith("PRAGMA wal_checkpoint") && this.held > 0) return;
`,
  },
  {
    name: "a commit is answered before it is fsynced",
    breaks: "lost",
    file: "src/storage/sqlite/open.ts",
    text: '"PRAGMA wal_autocheckpoint = 0"',
    instead: '"PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL"',
  },
  {
    name: "the receive count is told and not kept",
    breaks: "count",
    file: `${STORE}/receives.ts`,
    text: "const state = { ...before, receiveCount, firstReceivedMs };",
    instead: "const state = { ...before, firstReceivedMs };",
  },
  {
    name: "a message is visible a millisecond early",
    breaks: "early",
    file: `${STORE}/receives.ts`,
    text: "const hiddenUntilMs = nowMs + visibilityMs;",
    instead: "const hiddenUntilMs = nowMs + Math.max(0, visibilityMs - 1);",
  },
  {
    name: "a wait ends by the wall clock",
    breaks: "hasty",
    file: "src/storage/sqlite/deadlines.ts",
    text: "const nowMs = this.#clock.nowMs();",
    instead: "const nowMs = Math.max(this.#clock.nowMs(), Date.now());",
  },
  {
    name: "engine time follows the wall clock",
    breaks: "early",
    file: "src/kernel/clock.ts",
    text: "nowMs: () => Math.floor(epochMs + source.monotonicMs() - startedMs),",
    instead: "nowMs: () => Math.floor(Math.max(floorMs, source.wallMs())),",
  },
  {
    name: "engine time begins at the wall clock alone",
    breaks: "clock",
    file: "src/kernel/clock.ts",
    text: "const epochMs = Math.max(floorMs, source.wallMs());",
    instead: "const epochMs = source.wallMs();",
  },
  {
    name: "the high-water mark of time is not saved",
    breaks: "clock",
    file: ENGINE,
    text: "      if (saves) this.#saveHighWater.run(this.#nowMs);\n",
    instead: "",
  },
  {
    name: "nobody is woken by what was hidden before a restart",
    breaks: "unwoken",
    file: `${STORE}/queue-table.ts`,
    text: "      dueMs: 0,\n",
    instead: "      dueMs: Infinity,\n",
  },
  {
    name: "who waits longest is served last",
    breaks: "overtaken",
    file: "src/storage/sqlite/waiting.ts",
    text: "return this.#byKey.get(key) ?? [];",
    instead: "return [...(this.#byKey.get(key) ?? [])].reverse();",
  },
  {
    name: "deduplication is kept in memory alone",
    breaks: "remembered",
    file: `${STORE}/fifo-deduplication.ts`,
    text: "    this.#sql = statements(database);",
    instead: '    database.exec("DELETE FROM deduplication");\n    this.#sql = statements(database);',
  },
  {
    name: "a receive that nobody took is not taken back",
    breaks: "missed",
    file: "src/services/queues/actions/receive-message.ts",
    text: "if (call.signal.aborted && messages.length > 0 && args.attemptId === undefined) {",
    instead: 'if (call.action === "" && messages.length > 0) {',
  },
  {
    name: "a receive that was taken back stays counted",
    breaks: "overcounted",
    file: `${STORE}/receives.ts`,
    text: "const receiveCount = place.receiveCount - 1;",
    instead: "const receiveCount = place.receiveCount;",
  },
  {
    name: "what was kept in memory outlives a rollback",
    breaks: "miscounted",
    file: ENGINE,
    text: "    for (const store of this.#stores) store.forget?.();\n",
    instead: "",
  },
  {
    name: "places in the order are given again after a restart",
    breaks: "lost",
    file: `${STORE}/sequences.ts`,
    text: "this.#sql.save.run(this.#last);",
    instead: "this.#sql.save.run(this.#last - 1);",
  },
  {
    name: "an object is acknowledged before its bytes are on the disk",
    breaks: "answer",
    file: "src/services/objects/content/receive.ts",
    text: "await writer?.finish();",
    instead: "void writer?.finish().catch(() => {});",
  },
  {
    name: "a message is received once more than its redrive policy allows",
    breaks: "kept-from-dead-letters",
    file: "src/services/queues/rules/redrive-policy.ts",
    text: "receiveCount >= policy.receivesMax",
    instead: "receiveCount > policy.receivesMax",
  },
  {
    name: "a repeated receive is a new one",
    breaks: "replayed",
    file: `${STORE}/receives.ts`,
    text: "const again = attemptId === undefined ? [] : this.#giveAgain(queue, attemptId, visibilityMs);",
    instead: "const again: ReceivedMessage[] = [];",
  },
];
