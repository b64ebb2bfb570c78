import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FAULTS as OF_MOVES, KILLS as KILLS_OF_MOVES } from "../crash/dead-letters/planted.ts";
import { FAULTS as OF_PIPELINES } from "../crash/pipelines/planted.ts";
import { CAMPAIGNS_MAX, FAULTS as OF_TOPICS, KILLS as KILLS_OF_TOPICS } from "../crash/topics/planted.ts";
import { BY_KILLS, BY_KILLS_OF_FIFO, BY_PROXY } from "../crash/planted.ts";
import { FAULTS as OF_MODEL } from "../model/faults/planted.ts";
import { FAULTS as OF_POWER } from "../power/faults/planted.ts";
import { FAULTS as OF_SIMULATION } from "../simulation/faults/planted.ts";

/** Layers that look for faults by seeds, and so can say after how much each was found. */
export type CountingLayer = "model" | "simulation" | "power";

/** A mistake that is planted, and what finds it. */
export interface Planted {
  readonly name: string;
  readonly layer: CountingLayer | "crash";
  /** What it was seen to break. */
  readonly as: string;
  /** After how much; undefined: nobody has noted it yet. */
  readonly after: string | undefined;
}

type Found = Readonly<Record<CountingLayer, Readonly<Record<string, number>>>>;

const FOUND = join(import.meta.dirname, "found.json");
const COUNTED: Readonly<Record<CountingLayer, string>> = { model: "commands", simulation: "seeds", power: "states" };

/** Commands, seeds or crash states after which each fault was found when its layer was last told to note it. */
export function found(): Found {
  return JSON.parse(readFileSync(FOUND, "utf8")) as Found;
}

/** Keeps what a layer has counted, for the table in RELIABILITY.md: `find.ts --write`, `campaign.ts --write`. */
export function note(layer: CountingLayer, counts: ReadonlyMap<string, number>): void {
  const before = found();
  const after = { ...before, [layer]: { ...before[layer], ...Object.fromEntries(counts) } };
  writeFileSync(FOUND, `${JSON.stringify(after, null, 2)}\n`);
}

/** Where a search begins: a seed, and one of its runs where it has several. */
export interface Beginning {
  readonly seed: number;
  readonly run?: number;
}

export const FIRST: Beginning = { seed: 1 };

/** Layers that look for a fault from where it was found when they last looked from the first seed. */
type BegunLayer = "model" | "simulation";
type Beginnings = Readonly<Record<BegunLayer, Readonly<Record<string, Beginning>>>>;

const BEGINNINGS = join(import.meta.dirname, "beginnings.json");

/** Where each fault was found, by layer. */
export function beginnings(): Beginnings {
  return JSON.parse(readFileSync(BEGINNINGS, "utf8")) as Beginnings;
}

/** Where to look for a fault; for a new one from the first seed. */
export function beginningOf(layer: BegunLayer, name: string): Beginning {
  return beginnings()[layer][name] ?? FIRST;
}

/** Keeps where a layer has found its faults. */
export function noteBeginnings(layer: BegunLayer, found: ReadonlyMap<string, Beginning>): void {
  const before = beginnings();
  const after = { ...before, [layer]: { ...before[layer], ...Object.fromEntries(found) } };
  writeFileSync(BEGINNINGS, `${JSON.stringify(after, null, 2)}\n`);
}

/** Every fault that a layer of the tests plants and must find. */
export function planted(): Planted[] {
  const counts = found();
  const counted = (layer: CountingLayer, { name }: { name: string }, as: string): Planted => {
    const count = counts[layer][name];
    return {
      name,
      layer,
      as,
      after: count === undefined ? undefined : count === 0 ? "the recording itself" : `${count} ${COUNTED[layer]}`,
    };
  };
  const killed = (name: string, as: string, kills: number): Planted => ({
    name,
    layer: "crash",
    as,
    after: kills === 1 ? "1 kill" : `at most ${kills} kills`,
  });
  return [
    ...OF_MODEL.map((fault) => counted("model", fault, "another answer than the model's")),
    ...OF_SIMULATION.map((fault) => counted("simulation", fault, `\`${fault.breaks}\``)),
    ...OF_POWER.map((fault) => counted("power", fault, fault.shows)),
    ...BY_PROXY.map(({ name, breaks, treated }): Planted => {
      const after = treated === 0 ? "the end" : `${treated} requests treated wrongly`;
      return { name, layer: "crash", as: `\`${breaks}\``, after };
    }),
    ...[...BY_KILLS, ...BY_KILLS_OF_FIFO].map(({ name, breaks, kills }) =>
      killed(name, breaks.map((rule) => `\`${rule}\``).join(" or "), kills),
    ),
    ...OF_MOVES.map(({ name, shows }) => killed(name, shows, KILLS_OF_MOVES)),
    ...OF_TOPICS.map(({ name, shows }) => killed(name, shows, KILLS_OF_TOPICS * CAMPAIGNS_MAX)),
    ...OF_PIPELINES.map(({ name, shows }) => killed(name, `an effect that ${shows}`, 1)),
  ];
}

/** The rows of the table in RELIABILITY.md. */
export function rows(): string[] {
  return planted().map(({ name, layer, as, after }) => `| ${name} | ${layer} | ${as} | ${after ?? "never noted"} |`);
}
