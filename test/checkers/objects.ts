import { entriesOf, inOrder, type Entry, type Read, type Violation, type Write } from "./history.ts";
import type { Rule } from "./rules.ts";

/**
 * Objects as registers: the writes of a key come one after another from one client, so every read can be judged exactly.
 *
 * - `object-invented`: bytes that no PUT of the key ever had; half an object is of this kind.
 * - `object-unwanted`: the bytes of a PUT that was refused or cut off.
 * - `object-lost`: absent or older than a PUT that was acknowledged.
 * - `object-returned`: there after an acknowledged DELETE.
 * - `object-wavered`: a write was seen and later not, or an unanswered one was seen absent and later there.
 * - `object-etag`: the ETag is not that of the bytes.
 */
export function checkObjects(history: readonly Entry[]): Violation[] {
  const crashes = entriesOf(history, "crash");
  return keysOf(history).flatMap((key) =>
    judge(key).findings.map(([rule, what]) => ({ rule, what, history: inOrder([...key.writes, ...key.reads], crashes) })),
  );
}

/** The writes of each key with what the reads tell of the unanswered ones: those become done or refused. */
export function settledWrites(history: readonly Entry[]): Map<string, Write[]> {
  return new Map(
    keysOf(history).map((key) => {
      const { seen, absent } = judge(key);
      const settled = key.writes.map((write, index): Write => {
        if (write.outcome !== "unknown") return write;
        return { ...write, outcome: seen.has(index) ? "done" : absent.has(index) ? "refused" : "unknown" };
      });
      return [key.name, settled];
    }),
  );
}

interface Key {
  readonly name: string;
  /** In their order. */
  readonly writes: readonly Write[];
  /** In order of their beginning. */
  readonly reads: readonly Read[];
}

type Finding = readonly [rule: Rule, what: string];

interface Judged {
  readonly findings: Finding[];
  /** Numbers of unanswered writes that certainly were made, and that certainly were not. */
  readonly seen: ReadonlySet<number>;
  readonly absent: ReadonlySet<number>;
}

/** The state after a write is known by the write's number; before any it is this, and the key is absent. */
const INITIAL = -1;

function keysOf(history: readonly Entry[]): Key[] {
  const writes = Map.groupBy(entriesOf(history, "write"), ({ key }) => key);
  const reads = Map.groupBy(entriesOf(history, "read"), ({ key }) => key);
  return [...new Set([...writes.keys(), ...reads.keys()])].map((name) => ({
    name,
    writes: writes.get(name) ?? [],
    reads: (reads.get(name) ?? []).filter(({ outcome }) => outcome === "done").sort((a, b) => a.invokeMs - b.invokeMs),
  }));
}

/** A read with the states that it can have seen, which are one unless several DELETEs are possible. */
interface Seen {
  readonly read: Read;
  readonly lowest: number;
  readonly highest: number;
}

function judge(key: Key): Judged {
  const findings: Finding[] = [];
  const reads: Seen[] = [];
  for (const read of key.reads) {
    const possible = statesDuring(key.writes, read).filter((state) => key.writes[state]?.content === read.content);
    if (possible.length === 0) findings.push(impossible(key, read));
    else reads.push({ read, lowest: Math.min(...possible), highest: Math.max(...possible) });
    const etag = key.writes.find(({ content }) => content === read.content)?.etag;
    if (etag !== read.etag && possible.length > 0)
      findings.push(["object-etag", `${key.name} was read with the ETag ${read.etag}; that of its bytes is ${etag}`]);
  }
  const unanswered = key.writes.flatMap(({ outcome }, index) => (outcome === "unknown" ? [index] : []));
  const seen = new Set(unanswered.filter((state) => reads.some(({ lowest, highest }) => lowest === state && highest === state)));
  const absent = new Set(
    unanswered.filter((state) =>
      reads.some(({ read, highest }) => highest < state && read.invokeMs > (key.writes[state]?.completeMs ?? 0)),
    ),
  );
  findings.push(...wavering(key, { reads, seen, absent }));
  return { findings, seen, absent };
}

/** The states that a read can see: that of the last write acknowledged before it, and those of all later ones begun before its end. */
function statesDuring(writes: readonly Write[], read: Read): number[] {
  const base = writes.findLastIndex(({ outcome, completeMs }) => outcome === "done" && completeMs < read.invokeMs);
  const states = [base];
  for (let state = base + 1; state < writes.length; state += 1) {
    const write = writes[state];
    if (write !== undefined && write.outcome !== "refused" && write.invokeMs <= read.completeMs) states.push(state);
  }
  return states;
}

function impossible({ name, writes }: Key, read: Read): Finding {
  const base = writes.findLast(({ outcome, completeMs }) => outcome === "done" && completeMs < read.invokeMs);
  if (read.content === undefined) return ["object-lost", `${name} is absent for ${read.client} although a PUT of it was acknowledged`];
  const write = writes.find(({ content }) => content === read.content);
  if (write === undefined) return ["object-invented", `${name} was read by ${read.client} with bytes that no PUT of it had`];
  if (write.outcome === "refused")
    return ["object-unwanted", `${name} was read by ${read.client} with the bytes of a PUT that was refused or cut off`];
  if (base?.content === undefined) return ["object-returned", `${name} was read by ${read.client} after it was deleted`];
  return ["object-lost", `${name} was read by ${read.client} with older bytes than those acknowledged`];
}

function* wavering(
  key: Key,
  known: { reads: readonly Seen[]; seen: ReadonlySet<number>; absent: ReadonlySet<number> },
): Generator<Finding> {
  for (const state of known.seen)
    if (known.absent.has(state)) yield ["object-wavered", `${key.name}: a write without an answer was seen absent and present`];
  const ended = [...known.reads].sort((a, b) => a.read.completeMs - b.read.completeMs);
  let floor = INITIAL;
  let next = 0;
  for (const { read, highest } of known.reads) {
    for (let before = ended[next]; before !== undefined && before.read.completeMs < read.invokeMs; before = ended[next]) {
      floor = Math.max(floor, before.lowest);
      next += 1;
    }
    if (highest < floor) {
      yield ["object-wavered", `${key.name} was read by ${read.client} as it was before a write that had been seen`];
      return;
    }
  }
}
