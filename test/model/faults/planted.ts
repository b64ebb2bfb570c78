/** A mistake that somebody could have made: other text in one file of the product, while it is loaded for a test. */
export interface Fault {
  readonly name: string;
  /** From the root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly instead: string;
}

const STORE = "src/services/queues/store/sqlite";
const RULES = "src/services/queues/rules";

/** Whoever changes such a line changes it here, too: `faults.test.ts` says where. */
export const FAULTS: readonly Fault[] = [
  {
    name: "the receive count stays at one",
    file: `${STORE}/receives.ts`,
    text: "const receiveCount = before.receiveCount + 1;",
    instead: "const receiveCount = 1;",
  },
  {
    name: "a message is visible a millisecond early",
    file: `${STORE}/messages.ts`,
    text: "const rows = this.#sql.due.all(queue.id, nowMs, PROMOTED_MAX);",
    instead: "const rows = this.#sql.due.all(queue.id, nowMs + 1, PROMOTED_MAX);",
  },
  {
    name: "a batch ignores delays",
    file: `${STORE}/messages.ts`,
    text: "const delayMs = message.delayMs ?? settings.delayMs;",
    instead: "const delayMs = messages.length > 1 ? 0 : (message.delayMs ?? settings.delayMs);",
  },
  {
    name: "a purge leaves the count of messages in flight",
    file: `${STORE}/queue-table.ts`,
    text: "this.count(queue, { visible: -queue.visible, inFlight: -queue.inFlight, delayed: -queue.delayed });",
    instead: "this.count(queue, { visible: -queue.visible, delayed: -queue.delayed });",
  },
  {
    name: "a purge leaves the newest message",
    file: `${STORE}/queue-table.ts`,
    text: "this.#sql.markPurged.run(nowMs, lastSequence, queue.id);",
    instead: "this.#sql.markPurged.run(nowMs, lastSequence - 1, queue.id);",
  },
  {
    name: "a handle still works after a purge",
    file: `${STORE}/places.ts`,
    text: "    if (sequence <= queue.voidThrough) return undefined;\n",
    instead: "",
  },
  {
    name: "retention counts from the first receive",
    file: `${STORE}/messages.ts`,
    text: "hasExpired(queue: Queue, { sentMs }: State): boolean {\n    return sentMs <=",
    instead: "hasExpired(queue: Queue, { sentMs, firstReceivedMs }: State): boolean {\n    return (firstReceivedMs ?? sentMs) <=",
  },
  {
    name: "timeouts count in the time of the wall clock",
    file: `${STORE}/receives.ts`,
    text: "const hiddenUntilMs = nowMs + visibilityMs;",
    instead: "const hiddenUntilMs = Date.now() + visibilityMs;",
  },
  {
    name: "a receive that waits is not woken by the end of a delay or timeout that began before",
    file: `${STORE}/receives.ts`,
    text: "    this.#engine.wakeAt(queue.id, queue.nextVisibleMs);\n",
    instead: "",
  },
  {
    name: "who waits longest is served last",
    file: "src/storage/sqlite/waiting.ts",
    text: "return this.#byKey.get(key)?.keys() ?? [];",
    instead: "return [...(this.#byKey.get(key)?.keys() ?? [])].reverse();",
  },
  {
    name: "an older handle takes the message from its new holder",
    file: `${STORE}/messages.ts`,
    text: "const held = place.visibleMs !== null && place.visibleMs > nowMs;",
    instead: "const held = false;",
  },
  {
    name: "what a change of visibility has moved is lost to handles",
    file: `${STORE}/places.ts`,
    text: "    this.#sql.relocate.run(state.sequence, untilMs);\n",
    instead: "",
  },
  {
    name: "places in the order are given again after a restart",
    file: `${STORE}/sequences.ts`,
    text: "this.#sql.save.run(this.#last);",
    instead: "this.#sql.save.run(this.#last - 1);",
  },
  {
    name: "counts are kept in memory alone",
    file: `${STORE}/queue-table.ts`,
    text: "    for (const queue of this.#changed) this.#saveCounts(queue);\n",
    instead: "",
  },
  {
    name: "a receive that nobody took stays counted",
    file: `${STORE}/receives.ts`,
    text: "const receiveCount = place.receiveCount - 1;",
    instead: "const receiveCount = place.receiveCount;",
  },
  {
    name: "a changed attribute holds from the next start",
    file: `${STORE}/queue-table.ts`,
    text: "    this.#sql.setAttributes.run(JSON.stringify(attributes), this.#engine.nowMs(), queue.id);\n    this.#drop(queue);",
    instead: "    this.#sql.setAttributes.run(JSON.stringify(attributes), this.#engine.nowMs(), queue.id);",
  },
  {
    name: "twelve hours are a second short",
    file: `${RULES}/visibility.ts`,
    text: "elapsedMs + visibilityMs > VISIBILITY_MS_MAX",
    instead: "elapsedMs + visibilityMs >= VISIBILITY_MS_MAX",
  },
  {
    name: "the name of a deleted queue rests a millisecond longer",
    file: `${RULES}/cool-down.ts`,
    text: "nowMs - deletedMs < NAME_REST_MS",
    instead: "nowMs - deletedMs <= NAME_REST_MS",
  },
  {
    name: "who waits is not told of a change of visibility to 0",
    file: `${STORE}/messages.ts`,
    text: "      this.#places.show(queue, place);\n      this.#engine.wake(queue.id);",
    instead: "      this.#places.show(queue, place);",
  },
  {
    name: "the oldest message does not come first",
    file: `${STORE}/message-statements.ts`,
    text: "ORDER BY sequence LIMIT ?`),\n    deleteReadyRange",
    instead: "ORDER BY receive_count, sequence LIMIT ?`),\n    deleteReadyRange",
  },
];
