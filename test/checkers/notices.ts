import { settledWrites } from "./objects.ts";
import { entriesOf, inOrder, type Entry, type Notice, type Violation, type Write } from "./history.ts";

/**
 * Messages about objects exist exactly for the writes that were committed: for each key they are, in the order of their
 * sequencers, those of its writes; an unanswered write that no read has settled may have one or not.
 */
export function checkNotices(history: readonly Entry[]): Violation[] {
  const crashes = entriesOf(history, "crash");
  const writes = settledWrites(history);
  const notices = Map.groupBy(entriesOf(history, "notice"), ({ key }) => key);
  return [...new Set([...writes.keys(), ...notices.keys()])].flatMap((key) => {
    const ofKey = { writes: writes.get(key) ?? [], notices: bySequencer(notices.get(key) ?? []) };
    const what = mismatch(ofKey.writes, ofKey.notices);
    return what === undefined
      ? []
      : [{ rule: "notice", what: `${key}: ${what}`, history: inOrder([...ofKey.writes, ...ofKey.notices], crashes) }];
  });
}

function bySequencer(notices: readonly Notice[]): Notice[] {
  const value = ({ sequencer }: Notice) => BigInt(`0x${sequencer}`);
  return [...notices].sort((a, b) => (value(a) < value(b) ? -1 : 1));
}

/** Walks through the writes and keeps every number of notices that can be used up by then. */
function mismatch(writes: readonly Write[], notices: readonly Notice[]): string | undefined {
  let used = new Set([0]);
  for (const [index, write] of writes.entries()) {
    const told = new Set([...used].filter((count) => tells(notices[count], write)).map((count) => count + 1));
    const before = used;
    if (write.outcome === "done") used = told;
    if (write.outcome === "unknown") used = new Set([...used, ...told]);
    if (used.size === 0)
      return `write ${index + 1} of ${writes.length} was made and the next message does not tell of it (${describe(notices[Math.max(...before)])})`;
  }
  if (used.has(notices.length)) return undefined;
  return `a message tells of a write that was not made (${describe(notices[Math.max(...used)])})`;
}

function tells(notice: Notice | undefined, write: Write): boolean {
  if (notice === undefined) return false;
  return write.content === undefined
    ? notice.name === "ObjectRemoved:Delete"
    : notice.name.startsWith("ObjectCreated:") && notice.etag === write.etag;
}

function describe(notice: Notice | undefined): string {
  return notice === undefined ? "there is none" : `${notice.name} ${notice.etag ?? ""} ${notice.messageId}`;
}
