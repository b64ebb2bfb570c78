import { checkAnswers, checkClock, checkHealing, checkStarts } from "./answers.ts";
import { checkAttempts } from "./attempts.ts";
import { checkQueueCounts, checkReceiveCounts } from "./counts.ts";
import { checkDeadLetters } from "./dead-letters.ts";
import { checkFifo } from "./fifo.ts";
import { violationsOf } from "./finding.ts";
import { CHECK_OPTIONS, type CheckOptions, type Entry, type Violation } from "./history.ts";
import { messagesOf } from "./message.ts";
import { checkNotices } from "./notices.ts";
import { checkObjects } from "./objects.ts";
import { Queues } from "./queues.ts";
import { checkTotal } from "./total-queue.ts";
import { checkHidden } from "./visibility.ts";
import { checkWaiting } from "./waiting.ts";

/**
 * All that is wrong with a history; it must end with a complete drain.
 * @param changes what differs from `CHECK_OPTIONS`.
 */
export function check(history: readonly Entry[], changes: Partial<CheckOptions> = {}): Violation[] {
  const options = { ...CHECK_OPTIONS, ...changes };
  const queues = new Queues(history);
  const messages = messagesOf(history);
  const aboutMessages = [
    ...checkTotal(messages, queues, options),
    ...checkHidden(messages, options),
    ...checkReceiveCounts(messages, queues),
    ...checkFifo(messages, queues),
    ...checkDeadLetters(messages, queues),
  ];
  return [
    ...violationsOf(history, aboutMessages),
    ...checkWaiting(history, messages, { queues, options }),
    ...checkAttempts(history, messages),
    ...checkQueueCounts(history, messages, { queues, options }),
    ...checkObjects(history),
    ...checkNotices(history),
    ...checkAnswers(history),
    ...checkHealing(history, options),
    ...checkClock(history, options),
    ...checkStarts(history),
  ];
}
