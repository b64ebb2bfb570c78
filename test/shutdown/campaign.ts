import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { seededRandom } from "../../src/kernel/random.ts";
import { between, campaign, startAgain, worked, type CampaignOptions, type Report } from "../crash/campaign.ts";
import { nowMs } from "../crash/observer.ts";
import type { ServerProcess } from "../crash/server-process.ts";
import type { Entry } from "../checkers/history.ts";
import { FileSystem, type Kind } from "./file-system.ts";

export interface ShutdownOptions extends Pick<CampaignOptions, "preload" | "env"> {
  readonly kind: Kind;
  readonly cycles: number;
  readonly seed: number;
  /** Where the image is made. */
  readonly within: string;
}

/** How the servers ended under which the file system was shut down. */
export interface Ends {
  /** By themselves, with exit code 1. */
  failedStop: number;
  /** By SIGBUS: a page of the file that SQLite shares between its threads could not be had. */
  bus: number;
  killed: number;
}

/** What is lost is looked for, not what is late. */
const PROMPT_MS = 10_000;
/** Small, so that what a cycle costs is the start of a server. */
const CLIENTS = 8;
/** Of all clients, before the file system is shut down. */
const OPERATIONS = [5, 120] as const;
/** So often the file system is shut down while the server starts. */
const AT_START = 0.1;
const START_MS = 400;
/** So often the server is left to find out by itself, and so long. */
const LEFT_ALONE = 0.5;
const ALONE_MS = 2000;
/** After the last start. */
const AT_END_MS = 200;

/**
 * Shuts the file system down under a server that works, again and again, mounts it anew and has the next server go on;
 * takes out at the end what is there, and judges what all clients saw.
 */
export async function shutdownCampaign(options: ShutdownOptions): Promise<Report & { ends: Ends }> {
  const { kind, cycles, seed, within, ...server } = options;
  const fileSystem = new FileSystem(kind, within);
  const ends: Ends = { failedStop: 0, bus: 0, killed: 0 };
  try {
    await fileSystem.make();
    const report = await campaign({
      ...server,
      kills: 0,
      seed,
      data: join(fileSystem.directory, "data"),
      writers: CLIENTS,
      readers: CLIENTS,
      visibilitySeconds: [1, 2, 3],
      objects: 0.4,
      promptMs: PROMPT_MS,
      misfortune: (server, history) => shutAgainAndAgain(server, history, { cycles, seed, fileSystem, ends }),
    });
    return { ...report, ends };
  } finally {
    await fileSystem.remove();
  }
}

async function shutAgainAndAgain(
  server: ServerProcess,
  history: Entry[],
  { cycles, seed, fileSystem, ends }: { cycles: number; seed: number; fileSystem: FileSystem; ends: Ends },
): Promise<void> {
  const random = seededRandom(seed);
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    if (cycle > 1 && random.fraction() < AT_START) await pause(random.fraction() * START_MS);
    else {
      await server.up;
      await worked(history, between(OPERATIONS, random.fraction()));
    }
    history.push({ op: "crash", atMs: nowMs() });
    server.mayEnd();
    // An fsync that is under way when the file system is shut down may answer success for what is lost.
    await server.standStill();
    await fileSystem.shutdown();
    const isLeftAlone = random.fraction() < LEFT_ALONE;
    if (isLeftAlone) server.signal("SIGCONT");
    const end = await server.kill(isLeftAlone ? ALONE_MS : 0);
    if (end === 1) ends.failedStop += 1;
    else if (end === "SIGBUS") ends.bus += 1;
    else if (end === "SIGKILL") ends.killed += 1;
    else throw new Error(`on a file system that was shut down the server ended with ${end}: ${server.lastWords}`);
    await fileSystem.unmount();
    await fileSystem.mount();
    startAgain(server, history);
  }
  await server.up;
  await pause(AT_END_MS);
}
