import type { Message } from "./message.ts";

/** The messages of each group of each FIFO queue, by their number in the group. */
export function groupsOf(messages: readonly Message[]): Message[][] {
  const numbered = messages.filter(({ send }) => send?.fifo !== undefined);
  const groups = Map.groupBy(numbered, ({ send }) => `${send?.queue} ${send?.fifo?.group}`);
  const number = ({ send }: Message) => send?.fifo?.number ?? 0;
  return [...groups.values()].map((group) => group.sort((a, b) => number(a) - number(b)));
}

/** When a message was surely the first of its group: all earlier ones had been deleted. Those that may never have been are left out. */
export function firstOfGroup(messages: readonly Message[]): Map<Message, number> {
  const first = new Map<Message, number>();
  for (const group of groupsOf(messages)) {
    let fromMs = -Infinity;
    for (const [index, message] of group.entries()) {
      // One whose number is missing may be there, although nobody knows of it.
      if (message.send?.fifo?.number !== index + 1) break;
      first.set(message, fromMs);
      const deletedMs = Math.min(...message.deletes.filter(({ outcome }) => outcome === "done").map(({ completeMs }) => completeMs));
      if (deletedMs === Infinity) break;
      fromMs = Math.max(fromMs, deletedMs);
    }
  }
  return first;
}
