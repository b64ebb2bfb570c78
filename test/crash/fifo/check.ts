import { checkAnswers } from "../check.ts";
import { checkMessages } from "../check-messages.ts";
import { entriesOf, inOrder, type Delete, type Entry, type Receive, type Send, type Violation } from "../history.ts";

/**
 * What a FIFO queue promises beyond what every queue does (`check-messages.ts`, where `early` is the duplicate inside a
 * visibility window). A violation says the rule:
 *
 * - `order`: delivered while an earlier message of its group was there and did not come before it in the same receive.
 * - `sequence`: a SequenceNumber without 20 digits, not rising within the group, or not the same whenever it is told.
 * - `remembered`: a send that was repeated within five minutes was answered as another message.
 */
export function checkFifo(history: readonly Entry[]): Violation[] {
  const crashes = entriesOf(history, "crash");
  const found = [...groupsOf(history).values()].flatMap((messages) =>
    [...outOfOrder(messages), ...wrongSequences(messages), ...forgotten(messages)].map(([rule, what, about]) => ({
      rule,
      what,
      history: inOrder(about.flatMap(entriesAbout), crashes),
    })),
  );
  return [...checkMessages(firstSends(history)), ...found, ...checkAnswers(history)];
}

/** The messages of a group by their number. */
type Group = Map<number, Message>;
type Finding = readonly [rule: string, what: string, about: readonly Message[]];

interface Message {
  readonly name: string;
  readonly number: number;
  readonly sends: Send[];
  readonly receives: { readonly receive: Receive; readonly position: number; readonly sequence: string }[];
  readonly deletes: Delete[];
}

function groupsOf(history: readonly Entry[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  const byId = new Map<string, Message>();
  const of = (group: string, number: number): Message => {
    const messages = groups.get(group) ?? new Map<number, Message>();
    groups.set(group, messages);
    const message = messages.get(number) ?? { name: `message ${number} of ${group}`, number, sends: [], receives: [], deletes: [] };
    messages.set(number, message);
    return message;
  };
  for (const entry of history) {
    if (entry.op === "send" && entry.fifo !== undefined) {
      const message = of(entry.fifo.group, entry.fifo.number);
      message.sends.push(entry);
      if (entry.messageId !== undefined) byId.set(entry.messageId, message);
    }
    if (entry.op === "receive")
      for (const [position, { messageId, fifo }] of entry.deliveries.entries()) {
        if (fifo === undefined) continue;
        const message = of(fifo.group, fifo.number);
        byId.set(messageId, message);
        message.receives.push({ receive: entry, position, sequence: fifo.sequence ?? "" });
      }
  }
  for (const entry of entriesOf(history, "delete")) byId.get(entry.messageId)?.deletes.push(entry);
  return groups;
}

function* outOfOrder(group: Group): Generator<Finding> {
  for (const message of group.values())
    for (const { receive, position } of message.receives)
      for (let number = message.number - 1; number > 0; number -= 1) {
        const earlier = group.get(number);
        if (earlier === undefined || mayComeAfter(earlier, receive, position)) continue;
        yield ["order", `${message.name} was delivered to ${receive.client} although ${earlier.name} was there`, [earlier, message]];
        return;
      }
}

/** Whether a receive may give another message at this position although this one is older. */
function mayComeAfter(earlier: Message, receive: Receive, position: number): boolean {
  if (!earlier.sends.some(({ outcome, completeMs }) => outcome === "done" && completeMs < receive.invokeMs)) return true;
  if (earlier.deletes.some(({ outcome, invokeMs }) => outcome !== "refused" && invokeMs < receive.completeMs)) return true;
  return earlier.receives.some((given) => given.receive === receive && given.position < position);
}

function* wrongSequences(group: Group): Generator<Finding> {
  let before: { message: Message; sequence: string } | undefined;
  for (const message of [...group.values()].sort((a, b) => a.number - b.number)) {
    const told = [...message.sends.flatMap(({ fifo }) => fifo?.sequence ?? []), ...message.receives.map(({ sequence }) => sequence)];
    const [sequence] = told;
    if (sequence === undefined) continue;
    if (told.some((other) => other !== sequence || !/^\d{20}$/.test(other)))
      yield ["sequence", `${message.name} has the sequence numbers ${[...new Set(told)].join(", ")}`, [message]];
    else if (before !== undefined && before.sequence >= sequence)
      yield [
        "sequence",
        `${message.name} has ${sequence}, which does not rise above that of ${before.message.name}`,
        [before.message, message],
      ];
    before = { message, sequence };
  }
}

function* forgotten(group: Group): Generator<Finding> {
  for (const message of group.values()) {
    const ids = new Set(message.sends.flatMap(({ messageId }) => messageId ?? []));
    if (ids.size > 1) yield ["remembered", `${message.name} was accepted ${ids.size} times, as ${[...ids].join(", ")}`, [message]];
  }
}

function entriesAbout({ sends, receives, deletes }: Message): Entry[] {
  return [...sends, ...receives.map(({ receive }) => receive), ...deletes];
}

/** All attempts at a message as one send: begun with the first, done if any was. */
function firstSends(history: readonly Entry[]): Entry[] {
  const sends = Map.groupBy(entriesOf(history, "send"), ({ content }) => content);
  return history.flatMap((entry): Entry[] => {
    if (entry.op !== "send") return [entry];
    const attempts = sends.get(entry.content) ?? [];
    if (attempts[0] !== entry) return [];
    const done = attempts.find(({ outcome }) => outcome === "done");
    const unknown = attempts.find(({ outcome }) => outcome === "unknown");
    return [{ ...(done ?? unknown ?? entry), invokeMs: entry.invokeMs }];
  });
}
