import { setTimeout as pause } from "node:timers/promises";
import { killAgainAndAgain, type CampaignOptions, type Report } from "../campaign.ts";
import { entriesOf, type Entry, type Violation } from "../../checkers/history.ts";
import { nowMs, Observer } from "../observer.ts";
import { ServerProcess } from "../server-process.ts";
import { check } from "../../checkers/check.ts";
import { createFifoQueue, FifoClient } from "./client.ts";
import { read, write, type Place } from "./load.ts";

type FifoCampaignOptions = Pick<
  CampaignOptions,
  "kills" | "seed" | "data" | "writers" | "readers" | "loadMs" | "operations" | "preload" | "onKill"
> & {
  readonly groups?: number;
};

const VISIBILITY_SECONDS = [2, 3, 4, 5];
const DRAINERS = 8;
const LOOK_AGAIN_MS = 100;

/** The campaign of standard queues, upon one FIFO queue: kills, clients that go on, a drain, and a verdict. */
export async function fifoCampaign(options: FifoCampaignOptions): Promise<Report> {
  const { writers = 16, readers = 16, groups = 1000, seed } = options;
  const server = new ServerProcess(options.data, options);
  const history: Entry[] = [];
  try {
    server.start();
    await server.up;
    const { port } = server;
    const keeper = new Observer("keeper", { port, history });
    const queueUrl = await createFifoQueue(keeper, "crash.fifo");
    keeper.close();
    let going = true;
    const place: Place = {
      queueUrl,
      groups,
      writers,
      seed,
      visibilitySeconds: VISIBILITY_SECONDS,
      up: () => server.up,
      running: () => going,
    };
    const ended = Promise.all([
      ...Array.from({ length: writers }, (_, number) => write(new Observer(`writer ${number}`, { port, history }), number, place)),
      ...Array.from({ length: readers }, (_, number) => read(new Observer(`reader ${number}`, { port, history }), number, place)),
    ]);
    ended.catch(() => {}); // Thrown below.
    await killAgainAndAgain(server, options, history);
    going = false;
    await ended;
    const left = await drain(queueUrl, { port, history });
    return { history, violations: [...check(history), ...left] };
  } finally {
    await server.kill();
  }
}

/** Receives and deletes until the queue says that nothing is in it; what it does not hand out in time is a violation. */
async function drain(queueUrl: string, { port, history }: { port: number; history: Entry[] }): Promise<Violation[]> {
  const quietMsMax = Math.max(...VISIBILITY_SECONDS) * 1000 + 1000;
  let lastMs = nowMs();
  let left: number | undefined = Infinity;
  const take = async (observer: Observer) => {
    const queue = new FifoClient(observer, queueUrl);
    while (left !== 0 && nowMs() - lastMs < quietMsMax) {
      const held = await queue.receive({ max: 10, visibilitySeconds: 30, waitSeconds: 0, final: true });
      if (held.length > 0) {
        await queue.delete(held);
        lastMs = nowMs();
        continue;
      }
      left = await queue.count();
      await pause(LOOK_AGAIN_MS);
    }
    observer.close();
  };
  await Promise.all(Array.from({ length: DRAINERS }, (_, number) => take(new Observer(`drainer ${number}`, { port, history }))));
  if (left === 0) return [];
  return [{ rule: "not-drained", what: `the queue says that it holds ${left} messages and does not hand them out`, history: [] }];
}

/** One line: what was done, and what was found. */
export function fifoSummary({ history, violations }: Report): string {
  const sends = entriesOf(history, "send");
  const done = sends.filter(({ outcome }) => outcome === "done");
  const messages = new Set(done.map(({ content }) => content)).size;
  const received = entriesOf(history, "receive").reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  const groups = new Set(sends.map(({ fifo }) => fifo?.group)).size;
  const byRule = [...Map.groupBy(violations, ({ rule }) => rule)].map(([rule, found]) => `${found.length} ${rule}`);
  return [
    `${entriesOf(history, "crash").length} kills`,
    `${messages} messages of ${groups} groups acknowledged by ${done.length} sends, ${received} received`,
    violations.length === 0 ? "no violation" : `VIOLATIONS: ${byRule.join(", ")}`,
  ].join("; ");
}
