import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Timer } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import type { ListedObject, Objects } from "../objects.ts";
import { isResting, keptMs, nextPage, REST_MS, RETENTION_MS_MAX, ROUND_BEGINS, TURN_MS, type SweepState } from "../rules/retention.ts";
import { errorText } from "../rules/settle.ts";
import { claimsFolder, partsFolderOf } from "./claims.ts";
import type { PipelineParts } from "./clients.ts";
import type { PipelineDefinition, StageDefinition } from "./definition.ts";
import { queuesOf } from "./stage-queues.ts";

/** So many pages of a thousand records are looked at in one turn, which keeps what a turn costs the same however many there are. */
const PAGES_MAX = 100;

/** Joins whose parts are looked for at a time. */
const JOINS_AT_ONCE = 8;

/**
 * Removes claim records that no message can ask for any more, and what joins have left of their parts. Every process that
 * works on a pipeline takes turns at it; conditional writes of one object say whose turn it is and how far the round has come.
 *
 * What is old is decided by the object store's own time of a record's last write against the store's own time now. A worker whose
 * clock is wrong removes nothing too soon.
 */
export class Sweeper {
  readonly #definition: PipelineDefinition;
  readonly #parts: PipelineParts;
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;

  /** Starts at once; its first turn comes within `TURN_MS`. */
  constructor(definition: PipelineDefinition, parts: PipelineParts) {
    this.#definition = definition;
    this.#parts = parts;
    this.#wait(parts.random.fraction() * TURN_MS);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#stopping.abort();
  }

  #wait(delayMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#parts.clock.after(delayMs, () => void this.#turn());
  }

  async #turn(): Promise<void> {
    try {
      await this.#sweep();
      this.#wait(TURN_MS);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      // Records that stay for a day longer harm nobody; a worker that may not list or remove them says so once a day.
      this.#parts.log.warn("old claim records not removed", { pipeline: this.#definition.name, reason: errorText(error as Error) });
      this.#wait(REST_MS);
    }
  }

  async #sweep(): Promise<void> {
    const { clients, clock, random, log } = this.#parts;
    const { name, bucket } = this.#definition;
    const { signal } = this.#stopping;
    const objects = await clients.objects(bucket);
    const stateKey = `millrace/sweeps/${name}.json`;
    const found = await objects.read(stateKey, signal);
    const state = found === undefined ? ROUND_BEGINS : (JSON.parse(found.text) as SweepState);
    if (isResting(state, clock.nowMs())) return;
    const write = async (next: SweepState, etag: string | undefined) => {
      const condition = etag === undefined ? ({ ifNone: true } as const) : { ifMatch: etag };
      return await objects.write(stateKey, JSON.stringify({ ...next, run: random.uuid() }), { condition, signal });
    };
    const taken = await write(state, found?.etag);
    // It is somebody else's turn.
    if (taken === undefined) return;
    const [own] = (await objects.page(stateKey, "", signal)).objects;
    if (own === undefined) return;
    const { next, removed } = await this.#look(objects, state, own.modifiedMs);
    await write(next, taken);
    if (removed > 0) log.info("old claim records removed", { pipeline: name, removed });
  }

  /** @param nowMs the store's time. @returns where the next turn begins. */
  async #look(objects: Objects, state: SweepState, nowMs: number): Promise<{ next: SweepState; removed: number }> {
    const { stages, routes } = this.#definition;
    const names = [...stages.keys()];
    const kept = keptMs(names, routes, await lifeMs(this.#parts.clients.sqs, [...stages.values()]));
    let removed = 0;
    let at = stages.has(state.stage) ? state : { stage: names[0] ?? "", after: "" };
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      this.#stopping.signal.throwIfAborted();
      const stage = stages.get(at.stage);
      if (stage === undefined) return { next: ROUND_BEGINS, removed };
      const { join, names: of } = stage;
      const { objects: listed, isLast } = await objects.page(claimsFolder(of.queue), at.after, this.#stopping.signal);
      // What asks after its time whether a join has fired must find that it has.
      const keptHereMs = (kept.get(at.stage) ?? Number.POSITIVE_INFINITY) + (join?.withinMs ?? 0);
      const isOld = ({ modifiedMs }: ListedObject) => modifiedMs + keptHereMs <= nowMs;
      const old = listed.filter(isOld);
      // A record that somebody writes meanwhile stays. Its parts go first: without their record they would fire anew.
      if (join !== undefined) await removeParts(objects, old, isOld);
      removed += await objects.removeVersions(old);
      const next = nextPage(names, at, { isLast, lastKey: listed.at(-1)?.key ?? "" });
      if (next === undefined) return { next: { ...ROUND_BEGINS, restUntilMs: this.#parts.clock.nowMs() + REST_MS }, removed };
      at = next;
    }
    return { next: { restUntilMs: 0, stage: at.stage, after: at.after }, removed };
  }
}

/** A part that has come since is of new messages under the same key: it waits for the others of its own time. */
async function removeParts(objects: Objects, claims: readonly ListedObject[], isOld: (part: ListedObject) => boolean): Promise<void> {
  for (let from = 0; from < claims.length; from += JOINS_AT_ONCE)
    await Promise.all(
      claims.slice(from, from + JOINS_AT_ONCE).map(async ({ key }) => {
        const folder = partsFolderOf(key);
        for (let page = await objects.page(folder, ""); ; page = await objects.page(folder, page.objects.at(-1)?.key ?? "")) {
          await objects.removeVersions(page.objects.filter(isOld));
          if (page.isLast) return;
        }
      }),
    );
}

/** The longest that a message of the pipeline can stay in a stage's queue and then among its dead letters, as the queues are set now. */
async function lifeMs(sqs: SQSClient, stages: readonly StageDefinition[]): Promise<number> {
  const lives = stages.map(async (stage) => {
    const [dead = 0, ...own] = await Promise.all(
      [stage.names.deadLetterQueue, ...queuesOf(stage)].map(async (queue) => await retentionMs(sqs, queue)),
    );
    return Math.max(...own) + dead;
  });
  return Math.max(...(await Promise.all(lives)));
}

async function retentionMs(sqs: SQSClient, QueueName: string): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["MessageRetentionPeriod"] }));
  const seconds = Number(Attributes?.["MessageRetentionPeriod"]);
  return Number.isFinite(seconds) ? seconds * SECOND_MS : RETENTION_MS_MAX;
}
