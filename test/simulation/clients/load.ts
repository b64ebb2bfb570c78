import type { Plan, QueueKind } from "../plan.ts";
import type { Chance } from "../world/chance.ts";
import type { Client } from "./client.ts";
import type { BucketClient } from "./objects.ts";
import { QueueClient, type Held, type Outgoing, type QueuePlace } from "./queue.ts";

export interface Load {
  readonly plan: Plan;
  readonly kind: QueueKind;
  readonly queue: QueuePlace;
  readonly running: () => boolean;
}

const BATCH_MAX = 10;
const GROUPS = 3;
/** Tries of what had no answer, after which even a writer of a FIFO queue gives up. */
const TRIES_MAX = 200;

/** Sends messages that nobody else sends, at random intervals, alone and in batches. */
export async function write(client: Client, number: number, { plan, kind, queue, running }: Load): Promise<void> {
  const queues = new QueueClient(client, queue);
  const { chance } = client;
  const pauseMs = (plan.safetyMs * 2) / plan.messagesMax;
  let made = 0;
  const next = new Map<string, number>();
  const message = (): Outgoing => {
    made += 1;
    const group = groupOf(kind, { writer: number, group: chance.below(GROUPS) });
    const inGroup = group === undefined || !queue.fifo ? undefined : (next.get(group) ?? 0) + 1;
    if (group !== undefined && inGroup !== undefined) next.set(group, inGroup);
    const pad = chance.is(0.05) ? "x".repeat(chance.below(20_000)) : "";
    return {
      body: `#${inGroup ?? made} of ${client.name} ${group ?? ""} ${pad}`,
      ...(group === undefined ? {} : { group }),
      ...(inGroup === undefined ? {} : { number: inGroup }),
      ...(!queue.fifo && chance.is(0.1) ? { delaySeconds: chance.between(0, 8) } : {}),
    };
  };
  while (running() && made < plan.messagesMax) {
    const messages = Array.from({ length: chance.is(0.4) ? chance.between(2, BATCH_MAX) : 1 }, message);
    // The next of a group is sent when the one before is acknowledged, else the order would be nobody's.
    for (let tries = 0; !(await queues.send(messages)) && queue.fifo && tries < TRIES_MAX; tries += 1) await client.pause(100);
    await client.pause(chance.below(pauseMs * messages.length));
    if (queue.fifo && chance.is(0.05)) await queues.send(messages);
  }
}

function groupOf(kind: QueueKind, { writer, group }: { writer: number; group: number }): string | undefined {
  if (kind === "fifo" || kind === "grouped-fifo") return `g${writer}-${group}`;
  return kind === "fair" ? `t${group}` : undefined;
}

/** Receives and mostly deletes, as workers do that are sometimes slow, change their minds, or die. */
export async function read(client: Client, { plan, queue, running }: Load, onDeath: () => void): Promise<void> {
  const queues = new QueueClient(client, queue);
  const { chance } = client;
  let attempts = 0;
  while (running()) {
    const waitSeconds = chance.pick([0, 1, 2, 5, 20]);
    const leaves = waitSeconds > 0 && chance.is(plan.leaves) ? { leavesAfterMs: chance.between(1, waitSeconds * 1000) } : {};
    attempts += 1;
    const attempt = queue.fifo && chance.is(0.3) ? { attemptId: `${client.name}-${attempts}`.replaceAll(" ", "-") } : {};
    const visibilitySeconds = chance.pick(plan.visibilitySeconds);
    const held = await queues.receive({ max: chance.between(1, BATCH_MAX), visibilitySeconds, waitSeconds, ...leaves, ...attempt });
    if (held === undefined || held.length === 0) {
      await client.pause(chance.between(50, 1000));
      continue;
    }
    await client.pause(chance.below(chance.is(0.2) ? visibilitySeconds * 1500 : 200));
    if (chance.is(plan.dies)) onDeath();
    else await settle(queues, held, { chance, plan });
  }
}

async function settle(queues: QueueClient, held: readonly Held[], { chance, plan }: { chance: Chance; plan: Plan }): Promise<void> {
  if (chance.is(plan.changes)) {
    const seconds = chance.pick([0, 0, 1, 3, 10]);
    if (held.length > 1 && chance.is(0.5)) return queues.changeBatch(held, seconds);
    for (const message of held) await queues.change(message, seconds);
    if (seconds === 0) return;
  }
  if (held.length > 1 && chance.is(0.6)) await queues.deleteBatch(held);
  else for (const message of held) await queues.delete(message);
}

/** Keys of one writer; nobody else writes them. */
export const KEYS = 4;

/** Writes objects that it alone writes, and reads them. */
export async function writeObjects(client: Client, bucket: BucketClient, { plan, running }: Pick<Load, "plan" | "running">): Promise<void> {
  const { chance } = client;
  for (let written = 1; running() && written <= plan.messagesMax; written += 1) {
    const key = `o${chance.below(KEYS)}`;
    const choice = chance.fraction();
    const body = `${client.name} ${written} ${"y".repeat(chance.is(0.1) ? chance.below(100_000) : chance.below(300))}`;
    if (choice < 0.2) await bucket.remove(key);
    else await bucket.put(key, body, choice > 0.95);
    if (chance.is(0.5)) await bucket.get(key);
    await client.pause(chance.below(plan.safetyMs / plan.messagesMax));
  }
}
