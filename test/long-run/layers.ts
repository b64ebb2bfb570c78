/** A layer that a long run plays again and again: a program that is given a seed, and says at its end what it has done. */
export interface Layer {
  readonly name: string;
  /** A round uses so many seeds from its first on. */
  readonly seeds: number;
  /** Arguments of Node. */
  readonly program: (seed: number) => readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its output has each figure, as the pattern's only group. */
  readonly figures: Readonly<Record<string, RegExp>>;
}

/** A process is at its quickest after a hundred. */
const SEEDS_OF_SIMULATION = 500;
/** Sooner after a start than in other runs: what a kill costs is the start. */
const HASTY = ["--operations", "10-200"];
const KILLS = "200";
/** Of each set of recordings, which cost as much as six thousand of them. */
const STATES = "40000";
const SHUTDOWNS = "25";

const OF_KILLS = { kills: /(\d+) kills; /, sends: /(\d+) sends acknowledged/, received: /(\d+) messages received/ };

export const LAYERS: readonly Layer[] = [
  {
    name: "simulation",
    seeds: SEEDS_OF_SIMULATION,
    program: (seed) => [
      "--max-semi-space-size=64",
      "--conditions=millrace-source",
      "test/simulation/campaign.ts",
      "--brief",
      "--seeds",
      String(SEEDS_OF_SIMULATION),
      "--first",
      String(seed),
    ],
    figures: { seeds: /"seeds":(\d+)/, events: /"events":(\d+)/, faults: /"faults":(\d+)/, starts: /"starts":(\d+)/ },
  },
  {
    name: "power cuts",
    seeds: 1,
    program: (seed) => [
      "--conditions=millrace-source",
      "test/power/campaign.ts",
      "--no-faults",
      "--states",
      STATES,
      "--seed",
      String(seed),
    ],
    figures: { states: /: (\d+) crash states/, distinct: /crash states, (\d+) distinct/ },
  },
  {
    name: "kill -9",
    seeds: 1,
    program: (seed) => ["test/crash/kill.ts", "--kills", KILLS, ...HASTY, "--seed", String(seed)],
    environment: { MILLRACE_STORAGE_THREAD: "off" },
    figures: OF_KILLS,
  },
  {
    name: "kill -9, storage thread",
    seeds: 1,
    program: (seed) => ["test/crash/kill.ts", "--kills", KILLS, ...HASTY, "--seed", String(seed)],
    environment: { MILLRACE_STORAGE_THREAD: "on" },
    figures: OF_KILLS,
  },
  {
    name: "kill -9, FIFO",
    seeds: 1,
    program: (seed) => ["test/crash/fifo/kill.ts", "--kills", KILLS, ...HASTY, "--seed", String(seed)],
    figures: { kills: /(\d+) kills; /, messages: /(\d+) messages of/, received: /acknowledged by \d+ sends, (\d+) received/ },
  },
  ...["ext4", "xfs"].map((fileSystem) => ({
    name: `shutdown, ${fileSystem}`,
    seeds: 1,
    program: (seed: number) => ["test/shutdown/shut.ts", "--on", fileSystem, "--cycles", SHUTDOWNS, "--seed", String(seed)],
    figures: { shutdowns: /(\d+) shutdowns of /, sends: /(\d+) sends acknowledged/, received: /(\d+) messages received/ },
  })),
];
