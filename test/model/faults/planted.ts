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
    text: "const rows = this.#sql.due.all(queue.id, throughMs, rowsMax);",
    instead: "const rows = this.#sql.due.all(queue.id, throughMs + 1, rowsMax);",
  },
  {
    name: "a batch ignores delays",
    file: `${STORE}/messages.ts`,
    text: "delayMs: message.delayMs ?? settings.delayMs });",
    instead: "delayMs: messages.length > 1 ? 0 : (message.delayMs ?? settings.delayMs) });",
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
    text: "    engine.wakeAt(queue.id, queue.dueMs);\n",
    instead: "",
  },
  {
    name: "who waits longest is served last",
    file: "src/storage/sqlite/waiting.ts",
    text: "return this.#byKey.get(key) ?? [];",
    instead: "return [...(this.#byKey.get(key) ?? [])].reverse();",
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
    text: 'readRedrivePolicy(attributes["RedrivePolicy"]));\n    this.#drop(queue);',
    instead: 'readRedrivePolicy(attributes["RedrivePolicy"]));',
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
    text: "      this.#places.show(queue, [place]);\n      this.#engine.wake(queue.id);",
    instead: "      this.#places.show(queue, [place]);",
  },
  {
    name: "the oldest message does not come first",
    file: `${STORE}/message-statements.ts`,
    text: "sequence <= ? ORDER BY sequence LIMIT ?`);",
    instead: "sequence <= ? ORDER BY receive_count, sequence LIMIT ?`);",
  },
  {
    name: "deduplication is forgotten in a restart",
    file: `${STORE}/fifo-deduplication.ts`,
    text: "    this.#sql = statements(database);",
    instead: '    database.exec("DELETE FROM deduplication");\n    this.#sql = statements(database);',
  },
  {
    name: "deduplication lasts from the last duplicate",
    file: `${STORE}/messages.ts`,
    text: "        results.push({ sent: true, accepted: duplicateOf });\n",
    instead:
      '        const again = { id: "", sequence: this.#sequences.next() };\n' +
      '        this.#deduplication.remember(queue, new Map([["", again], [key ?? "", duplicateOf]]));\n' +
      "        results.push({ sent: true, accepted: duplicateOf });\n",
  },
  {
    name: "deduplication is forgotten when the message is deleted",
    file: `${STORE}/fifo-deduplication.ts`,
    text: "AND queue = ? AND sent_ms > ?",
    instead: "AND queue = ? AND sent_ms > ? AND sequence NOT IN (SELECT sequence FROM dead)",
  },
  {
    name: "a purge leaves what was remembered for deduplication",
    file: `${STORE}/fifo-deduplication.ts`,
    text: "row > queue.voidThrough ?",
    instead: "row > 0 ?",
  },
  {
    name: "a deletion frees its group though others of it are in flight",
    file: `${STORE}/fifo-turns.ts`,
    text: "const serves = oldestVisible !== null && oldestVisible < (oldestHidden ?? NONE);",
    instead: "const serves = oldestVisible !== null && (oldestHidden === null || oldestHidden > 0);",
  },
  {
    name: "a handle that has expired deletes from a FIFO queue",
    file: `${STORE}/messages.ts`,
    text: '    if (!this.#holds(receipt, place)) return "expired";\n    this.takeOut',
    instead: "    this.takeOut",
  },
  {
    name: "a group that was served keeps its turn",
    file: `${STORE}/fifo-turns.ts`,
    text: "WHERE queue = ? AND turn > ? ORDER BY turn LIMIT ?",
    instead: "WHERE queue = ? AND turn > ? ORDER BY id LIMIT ?",
  },
  {
    name: "deduplication is per group whatever the scope",
    file: `${RULES}/fifo.ts`,
    text: "const key = perGroup ? `${groupId} ${id}` : id;",
    instead: "const key = `${groupId} ${id}`;",
  },
  {
    name: "a new delay of a FIFO queue holds for messages to come alone",
    file: `${STORE}/index.ts`,
    text: "      if (after.settings.fifo && after.settings.delayMs !== before.settings.delayMs) delays.begin(after);\n",
    instead: "",
  },
  {
    name: "a message goes to the dead-letter queue before its last receive",
    file: `${RULES}/redrive-policy.ts`,
    text: "return policy !== undefined && receiveCount >= policy.receivesMax;",
    instead: "return policy !== undefined && receiveCount + 1 >= policy.receivesMax;",
  },
  {
    name: "a message goes to the dead-letter queue one receive late",
    file: `${RULES}/redrive-policy.ts`,
    text: "return policy !== undefined && receiveCount >= policy.receivesMax;",
    instead: "return policy !== undefined && receiveCount > policy.receivesMax;",
  },
  {
    name: "the count begins anew in the dead-letter queue",
    file: `${STORE}/moves.ts`,
    text: "messages.putIn(target, { ...state, sentMs }, {",
    instead: "messages.putIn(target, { ...state, sentMs, receiveCount: 1 }, {",
  },
  {
    name: "the retention of every message counts from its move to the dead-letter queue",
    file: `${RULES}/redrive-policy.ts`,
    text: "return isFifoQueueName(queue.name) ? nowMs : sentMs;",
    instead: "return nowMs > sentMs || isFifoQueueName(queue.name) ? nowMs : sentMs;",
  },
  {
    name: "a group whose message was given up goes behind the others",
    file: `${STORE}/fifo-turns.ts`,
    text: "      more &&= count < messagesMax;\n",
    instead: "      more = false;\n",
  },
  {
    name: "a receive is repeated after its attempt has expired",
    file: `${STORE}/fifo-attempts.ts`,
    text: "return this.#engine.nowMs() - RECEIVE_ATTEMPT_MS;",
    instead: "return this.#engine.nowMs() - 2 * RECEIVE_ATTEMPT_MS;",
  },
  {
    name: "a repeated receive gives other handles",
    file: `${STORE}/receives.ts`,
    text: "firstReceivedMs: firstReceivedMs ?? nowMs, receiveCount, receipt }];",
    instead: "firstReceivedMs: firstReceivedMs ?? nowMs, receiveCount, receipt: { ...receipt, receivedMs: nowMs } }];",
  },
  {
    name: "attempts are forgotten in a restart",
    file: `${STORE}/fifo-attempts.ts`,
    text: "    this.#engine = engine;\n",
    instead: '    this.#engine = engine;\n    database.exec("DELETE FROM receive_attempt");\n',
  },
  {
    name: "a receive is repeated although one of its messages was changed",
    file: `${STORE}/receives.ts`,
    text: "const same = place?.visibleMs === given.hiddenUntilMs && place.receiveCount === receipt.receiveCount;",
    instead: "const same = place?.receiveCount === receipt.receiveCount;",
  },
  {
    name: "a receive of an attempt is taken back when its caller has gone",
    file: "src/services/queues/actions/receive-message.ts",
    text: " && args.attemptId === undefined) {",
    instead: ") {",
  },
];
