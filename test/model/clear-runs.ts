import type { Attributes, Command } from "./commands.ts";
import type { Queue } from "./sqs/queue.ts";
import { receivable } from "./sqs/receiving.ts";
import { isGivenUp, nameIn } from "./sqs/redrive.ts";
import type { Sqs } from "./sqs/sqs.ts";

/**
 * What a run leaves out, because nobody could say what must come of it: whoever waits at queues that give up to each other
 * in a circle comes to their messages again and again, or does not, by whatever wakes him.
 * @param together whether others are asked at the same time.
 */
export function modest(sqs: Sqs, command: Command, together = false): Command {
  switch (command.do) {
    case "receive":
      return modestReceive(sqs, command);
    case "create":
    case "set": {
      const target = targetIn(command.attributes);
      if (target === undefined && command.do === "set") return command;
      const targets = targetsOf(sqs);
      if (target !== undefined) targets.set(command.queue, target);
      const waiting = together ? [...targets.keys()] : sqs.waiting.map(({ queue }) => queue.name);
      return waiting.some((name) => isInCircle(name, targets)) ? { do: "look", queue: command.queue } : command;
    }
    case "kill in receive": {
      // Which messages the receive was given nobody could say then.
      const queue = sqs.queues.get(command.queue);
      const isOpen =
        queue === undefined ||
        isWaitedFor(sqs, queue) ||
        choosesItself(queue) ||
        (queue.redrive?.target === queue.name && hasGivenUp(sqs, queue));
      return isOpen ? { do: "restart", killed: true, downMs: 0 } : command;
    }
    case "sources":
      return together ? { do: "look", queue: command.queue } : command; // Its pages are read one after the other.
    default:
      return command;
  }
}

function modestReceive(sqs: Sqs, command: Command & { readonly do: "receive" }): Command {
  const queue = sqs.queues.get(command.queue);
  if (queue === undefined) return command;
  const waits = isInCircle(queue.name, targetsOf(sqs)) ? { wait: 0 } : {};
  if (!choosesItself(queue) || !hasGivenUp(sqs, queue)) return { ...command, ...waits };
  // Which messages it was given, and so which it gave up on the way, a receive whose caller has gone cannot say.
  if (queue.redrive?.target !== queue.name) return { ...command, ...waits, gone: false };
  // Of what such a queue gives up to itself nobody could say whether it has, unless the receive came to all of it.
  if (receivable(sqs, queue).length >= 10) return { do: "look", queue: queue.name };
  return { ...command, ...waits, gone: false, max: 10 };
}

/** Whether a receive could be full before it has come to a message that is to be given up, and whose turn it was nobody could say. */
export function mayBecomeOpen(sqs: Sqs): boolean {
  return [...sqs.queues.values()].some((queue) => choosesItself(queue) && hasGivenUp(sqs, queue));
}

/** Whether a receive from the queue could wake another, there or at a dead-letter queue. */
function isWaitedFor(sqs: Sqs, queue: Queue): boolean {
  const targets = new Set(targetsOf(sqs).values());
  return sqs.waiting.some(({ queue: other }) => other === queue || targets.has(other.name));
}

/** Whether the queue says whose turn it is. */
function choosesItself({ fifo, messages }: Queue): boolean {
  return fifo || messages.some(({ groupId }) => groupId !== undefined);
}

function hasGivenUp(sqs: Sqs, queue: Queue): boolean {
  return queue.messages.some((message) => isGivenUp(sqs, queue, message));
}

function targetIn({ RedrivePolicy: policy = "" }: Attributes): string | undefined {
  return policy === "" ? undefined : nameIn(policy);
}

function targetsOf(sqs: Sqs): Map<string, string> {
  return new Map([...sqs.queues.values()].flatMap(({ name, redrive }) => (redrive === undefined ? [] : [[name, redrive.target] as const])));
}

function isInCircle(name: string, targets: ReadonlyMap<string, string>): boolean {
  let at = targets.get(name);
  for (let steps = 0; at !== undefined && at !== name && steps < targets.size; steps += 1) at = targets.get(at);
  return at === name;
}
