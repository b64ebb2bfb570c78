import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../src/kernel/random.ts";
import { check } from "../checkers/check.ts";
import { drainMessages, drainNotices, readObjects } from "./drain.ts";
import { entriesOf, type Entry, type Violation } from "../checkers/history.ts";
import { allKeys, read, write, type Place } from "./load.ts";
import { createBucket } from "./object-client.ts";
import { nowMs, Observer } from "./observer.ts";
import { createQueue } from "./queue-client.ts";
import { ServerProcess } from "./server-process.ts";

export interface CampaignOptions {
  readonly kills: number;
  readonly seed: number;
  /** An empty directory. */
  readonly data: string;
  readonly writers?: number;
  readonly readers?: number;
  /** In place of a process of its own, where it is not killed. */
  readonly server?: Subject;
  /** Time under load before a kill: from, to. */
  readonly loadMs?: readonly [number, number];
  /** Instead of a time, so many operations of all clients that have ended: from, to. However fast the machine is, as much was done. */
  readonly operations?: readonly [number, number] | undefined;
  readonly visibilitySeconds?: readonly number[];
  /** Part of the operations that concern objects and not messages, 0 to 1. */
  readonly objects?: number;
  /** Puts something between the clients and the server at this port. */
  readonly between?: (port: number) => Promise<{ port: number; close: () => void }>;
  /** A module that spoils the server, loaded before its own. */
  readonly preload?: string;
  /** Further flags of `millrace serve`. */
  readonly flags?: readonly string[];
  /** The load after the last kill goes on until this holds. */
  readonly until?: (history: readonly Entry[]) => boolean;
  readonly onKill?: (kill: number, history: readonly Entry[]) => void;
  /** As in `CheckOptions`, where promptness is not what is looked at, and the machine may have much else to do. */
  readonly promptMs?: number;
  /** Further variables of the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What happens to the server instead of kills, while clients work; it serves when this resolves. */
  readonly misfortune?: Misfortune;
}

export type Misfortune = (server: ServerProcess, history: Entry[]) => Promise<void>;

/** What is asked, and killed. */
export type Subject = Pick<ServerProcess, "start" | "up" | "port" | "kill">;

export interface Report {
  readonly history: readonly Entry[];
  readonly violations: readonly Violation[];
}

/** Hundreds of operations; what a kill can show is what happens in its moment. */
const LOAD_MS: readonly [number, number] = [100, 400];
const QUEUE = "crash";
const NOTICES = "crash-notices";
const BUCKET = "crash";
/** So often the server is killed again before it is ready. */
const KILL_AT_START = 0.15;
const START_MS = 400;
const LOOK_MS = 2;

/**
 * Kills the server again and again while clients work, lets them go on with the next one, takes out at the end what is
 * there, and judges what all of them saw.
 */
export async function campaign(options: CampaignOptions): Promise<Report> {
  const { writers = 16, readers = 16, visibilitySeconds = [2, 3, 4, 5], objects = 0.25, promptMs } = options;
  const process = new ServerProcess(options.data, options);
  const server = options.server ?? process;
  const history: Entry[] = [];
  let between: { port: number; close: () => void } | undefined;
  try {
    server.start();
    await server.up;
    between = await options.between?.(server.port);
    const port = between?.port ?? server.port;
    const observer = new Observer("keeper", { port, history });
    const place = { queueUrl: await createQueue(observer, QUEUE), bucket: BUCKET, writers, seed: options.seed, visibilitySeconds, objects };
    const noticesUrl = await createQueue(observer, NOTICES);
    await createBucket(observer, BUCKET, NOTICES);

    const load = startLoad({ ...place, up: () => server.up }, { port, history, readers });
    const { misfortune } = options;
    await (misfortune === undefined ? killAgainAndAgain(server, options, history) : misfortune(process, history));
    await load.stop();

    const visibilityMsMax = Math.max(...visibilitySeconds) * 1000;
    const left = await drainMessages(place.queueUrl, { port, history, quietMsMax: visibilityMsMax });
    const unlisted = await readObjects(observer, BUCKET, allKeys(writers));
    await drainNotices(observer, noticesUrl);
    observer.close();
    return { history, violations: [...check(history, promptMs === undefined ? {} : { promptMs }), ...left, ...unlisted] };
  } finally {
    between?.close();
    await server.kill();
  }
}

function startLoad(
  place: Omit<Place, "running">,
  { port, history, readers }: { port: number; history: Entry[]; readers: number },
): { stop: () => Promise<void> } {
  let going = true;
  const there: Place = { ...place, running: () => going };
  const clients = [
    ...Array.from({ length: place.writers }, (_, number) => write(new Observer(`writer ${number}`, { port, history }), number, there)),
    ...Array.from({ length: readers }, (_, number) => read(new Observer(`reader ${number}`, { port, history }), there)),
  ];
  const ended = Promise.all(clients);
  ended.catch(() => {}); // Thrown by whoever stops them.
  return {
    async stop() {
      going = false;
      await ended;
    },
  };
}

/** Kills it under whatever load there is, and ends a while after the last start. */
export async function killAgainAndAgain(
  server: Subject,
  options: Pick<CampaignOptions, "kills" | "seed" | "loadMs" | "operations" | "until" | "onKill">,
  history: Entry[],
): Promise<void> {
  const [fromMs, toMs] = options.loadMs ?? LOAD_MS;
  const { operations } = options;
  const random = seededRandom(options.seed);
  for (let kill = 1; kill <= options.kills; kill += 1) {
    if (kill > 1 && random.fraction() < KILL_AT_START) await pause(random.fraction() * START_MS);
    else {
      await server.up;
      const part = random.fraction();
      await (operations === undefined ? pause(between([fromMs, toMs], part)) : worked(history, between(operations, part)));
    }
    history.push({ op: "crash", atMs: nowMs() });
    await server.kill();
    startAgain(server, history);
    options.onKill?.(kill, history);
  }
  await server.up;
  do await pause(fromMs);
  while (options.until?.(history) === false);
}

/** @param part of the way, 0 to 1. */
export function between([from, to]: readonly [number, number], part: number): number {
  return from + part * (to - from);
}

/** Resolves when so many more operations have ended. */
export async function worked(history: readonly Entry[], operations: number): Promise<void> {
  const wanted = history.length + operations;
  while (history.length < wanted) await pause(LOOK_MS);
}

/** Without waiting for it; whoever waits for `up` is told if it ends by itself. */
export function startAgain(server: Subject, history: Entry[]): void {
  server.start();
  server.up.then(
    () => history.push({ op: "up", atMs: nowMs() }),
    () => {},
  );
}

/** One line: what was done, and what was found. */
export function summary(report: Report): string {
  return `${entriesOf(report.history, "crash").length} kills; ${loadSummary(report)}`;
}

/** The same without what was done to the server. */
export function loadSummary({ history, violations }: Report): string {
  const done = (op: Entry["op"]) => history.filter((entry) => entry.op === op && "outcome" in entry && entry.outcome === "done").length;
  const unknown = history.filter((entry) => "outcome" in entry && entry.outcome === "unknown").length;
  const received = entriesOf(history, "receive").reduce((sum, { deliveries }) => sum + deliveries.length, 0);
  const puts = entriesOf(history, "write").filter(({ outcome, content }) => outcome === "done" && content !== undefined).length;
  const byRule = [...Map.groupBy(violations, ({ rule }) => rule)].map(([rule, found]) => `${found.length} ${rule}`);
  return [
    `${done("send")} sends acknowledged, ${received} messages received, ${done("delete")} deleted`,
    `${puts} objects put, ${done("write") - puts} deleted, ${done("read")} read, ${entriesOf(history, "notice").length} events`,
    `${unknown} operations without an answer`,
    violations.length === 0 ? "no violation" : `VIOLATIONS: ${byRule.join(", ")}`,
  ].join("; ");
}
