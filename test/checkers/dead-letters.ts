import type { Finding } from "./finding.ts";
import type { Message } from "./message.ts";
import type { Queues } from "./queues.ts";
import { possibleReceives } from "./visibility.ts";

/** A message is given up when its redrive policy says so, neither sooner nor later, and is then in one queue. */
export function* checkDeadLetters(messages: readonly Message[], queues: Queues): Generator<readonly [Message, Finding]> {
  for (const message of messages) {
    const redrive = queues.of(message.send?.queue).redrive;
    if (redrive === undefined) continue;
    for (const finding of given(message, queues, redrive)) yield [message, finding];
    for (const finding of twoPlaces(message, redrive.deadLetterQueue)) yield [message, finding];
  }
}

function* given(message: Message, queues: Queues, redrive: { deadLetterQueue: string; receivesMax: number }): Generator<Finding> {
  const { name, send, deliveries } = message;
  for (const { receive, receiveCount } of deliveries) {
    if (receive.queue === send?.queue && receiveCount > redrive.receivesMax)
      yield [
        "kept-from-dead-letters",
        `${name} was delivered to ${receive.client} with count ${receiveCount}, at most ${redrive.receivesMax} are allowed`,
      ];
    if (receive.queue !== redrive.deadLetterQueue) continue;
    const receives = possibleReceives(message, queues).filter((invokeMs) => invokeMs <= receive.completeMs).length;
    if (receives < redrive.receivesMax)
      yield ["given-up-early", `${name} is in the dead-letter queue though it was received ${receives} times, of ${redrive.receivesMax}`];
  }
}

/** Messages do not come back from there under the same id. */
function* twoPlaces({ name, send, deliveries }: Message, deadLetterQueue: string): Generator<Finding> {
  const dead = deliveries.find(({ receive }) => receive.queue === deadLetterQueue);
  const back = deliveries.find(({ receive }) => receive.queue === send?.queue && receive.invokeMs > (dead?.receive.completeMs ?? Infinity));
  if (back !== undefined) yield ["two-places", `${name} was delivered to ${back.receive.client} from its queue, which had given it up`];
}
