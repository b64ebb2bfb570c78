import { kindOf, SIDES, type Job, type Shape } from "./shapes.ts";

/** A message of a ledger. */
export interface Entry {
  readonly id: string;
  readonly job: Job;
}

export interface Ended {
  readonly shape: Shape;
  /** Keys that were sent, in their order. */
  readonly keys: readonly string[];
  readonly ledger: readonly Entry[];
  /** Messages that are in any other queue of the pipeline. */
  readonly stuck: number;
}

/** What is wrong; nothing, where all is well. */
export function judge({ shape, keys, ledger, stuck }: Ended): string[] {
  const found: string[] = [];
  const sides = SIDES[kindOf(shape)];
  const effects = new Map<string, Entry[]>();
  for (const entry of ledger) {
    const name = `${entry.job.key}/${entry.job.side}`;
    const copies = effects.get(name);
    if (copies === undefined) effects.set(name, [entry]);
    else copies.push(entry);
  }
  for (const key of keys) found.push(...wrongWith(shape, key, effects));
  const expected = new Set(keys.flatMap((key) => sides.map((side) => `${key}/${side}`)));
  for (const name of effects.keys()) if (!expected.has(name)) found.push(`${shape}: ${name} was never sent`);
  if (stuck > 0) found.push(`${shape}: ${stuck} messages are stuck`);
  if (shape.endsWith("-fifo")) found.push(...disorder(shape, { keys, ledger }));
  return found;
}

/** Of one job: each of its effects is there, as one message, which is there once where order is kept. */
function wrongWith(shape: Shape, key: string, effects: ReadonlyMap<string, readonly Entry[]>): string[] {
  const found: string[] = [];
  const sides = SIDES[kindOf(shape)];
  for (const side of sides) {
    const copies = effects.get(`${key}/${side}`) ?? [];
    if (copies.length === 0) found.push(`${shape}: ${key}/${side} is missing`);
    if (new Set(copies.map(({ id }) => id)).size > 1) found.push(`${shape}: ${key}/${side} has several ids`);
    if (shape.endsWith("-fifo") && copies.length > 1) found.push(`${shape}: ${key}/${side} is there ${copies.length} times`);
    // What a command says itself has no claim before it: its run may be repeated, under the same ids.
    if (side !== "said" && new Set(copies.map(({ job }) => job.runs.join())).size > 1)
      found.push(`${shape}: ${key}/${side} comes of several runs`);
  }
  if (kindOf(shape) === "exec") return found;
  const all = sides.flatMap((side) => effects.get(`${key}/${side}`) ?? []);
  if (new Set(all.map(({ job }) => job.runs[0])).size > 1)
    found.push(`${shape}: the results of ${key} come of several runs of its first stage`);
  if (all.some(({ job }) => job.runs.length !== 2)) found.push(`${shape}: a result of ${key} was joined of parts of several runs`);
  return found;
}

/** Of each group and side, the ledger has the keys in the order in which they were sent. */
function disorder(shape: Shape, { keys, ledger }: Pick<Ended, "keys" | "ledger">): string[] {
  const place = new Map(keys.map((key, index) => [key, index]));
  const last = new Map<string, number>();
  const found: string[] = [];
  for (const { job } of ledger) {
    const line = `${job.group}/${job.side}`;
    const at = place.get(job.key) ?? -1;
    if (at < (last.get(line) ?? -1)) found.push(`${shape}: ${job.key} came out of order in group ${job.group}`);
    last.set(line, at);
  }
  return found;
}
