import { assert } from "../../kernel/assert.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Random } from "../../kernel/random.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/units.ts";
import type { Objects } from "../objects.ts";
import { digest } from "../outputs.ts";
import { pause } from "../pause.ts";
import { pauseMs } from "../rules/backoff.ts";
import { failureOf } from "../rules/failure.ts";
import { DUE_ATTRIBUTE, scheduleStep, type ScheduleRecord } from "../rules/schedule.ts";
import type { ScheduleDefinition, StageDefinition } from "./definition.ts";
import { InvalidMessage, type SendOptions } from "./send.ts";

/** For how long one worker has the sending to itself. Longer than any that is alive takes. */
const SENDING_MS = 30 * SECOND_MS;

/** The longest wait between two looks at the calendar, which may be set, or pass while the machine sleeps. */
const LOOK_MS = MINUTE_MS;

const RETRY = { baseMs: SECOND_MS, capMs: 30 * SECOND_MS };

export interface ScheduleParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The calendar's time, epoch milliseconds. */
  readonly wallMs: () => number;
  readonly objects: () => Promise<Objects>;
  readonly send: (body: unknown, options: SendOptions) => Promise<unknown>;
}

/**
 * Sends a stage what its schedule says, whenever it is due. Any number of workers run one of these each: a record in the object
 * store says up to when everything is sent and who is sending the next, and a worker that dies over it is followed by another.
 * Should two send after all, one of them having stood still, their messages have the same identity and the stage runs once.
 */
export class Schedule {
  readonly #stage: StageDefinition;
  readonly #schedule: ScheduleDefinition;
  readonly #parts: ScheduleParts;
  readonly #stopped = new AbortController();
  /** The record as this worker has left it. */
  #ownRun = "";
  #failures = 0;

  /** Starts at once. @param stage one that has a schedule. */
  constructor(stage: StageDefinition, parts: ScheduleParts) {
    assert(stage.schedule !== undefined, `stage ${stage.name} has a schedule`);
    this.#stage = stage;
    this.#schedule = stage.schedule;
    this.#parts = parts;
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const untilMs = await this.#lookAgainMs();
      if (untilMs === undefined) return;
      await this.#waitUntil(untilMs);
    }
  }

  async #waitUntil(untilMs: number): Promise<void> {
    const { clock, wallMs } = this.#parts;
    const { signal } = this.#stopped;
    for (let leftMs = untilMs - wallMs(); leftMs > 0 && !signal.aborted; leftMs = untilMs - wallMs())
      await pause(clock, Math.min(leftMs, LOOK_MS), signal);
  }

  /** Does what is due. @returns when to look again; `undefined` if never. */
  async #lookAgainMs(): Promise<number | undefined> {
    const { random, log, wallMs } = this.#parts;
    try {
      const untilMs = await this.#look();
      this.#failures = 0;
      return untilMs;
    } catch (error) {
      this.#failures += 1;
      const { code, message } = failureOf(error);
      if (this.#failures === 1 && !this.#stopped.signal.aborted)
        log.warn("schedule waits", { stage: this.#stage.name, code, reason: message, action: "trying again until it works" });
      return wallMs() + pauseMs(this.#failures, RETRY, random.fraction());
    }
  }

  async #look(): Promise<number | undefined> {
    const { objects, wallMs } = this.#parts;
    const { next, catchUpMs } = this.#schedule;
    const found = await (await objects()).read(this.#key, this.#stopped.signal);
    const record = found === undefined ? undefined : (JSON.parse(found.text) as ScheduleRecord);
    const nowMs = wallMs();
    const step = scheduleStep(record, { nowMs, catchUpMs, next, isOwn: record !== undefined && record.run === this.#ownRun });
    if (step.do === "wait") return step.untilMs;
    if (step.do === "begin" || record === undefined || found === undefined) {
      // Whoever else begins at the same moment has written as good a record.
      await this.#replace({ doneMs: nowMs }, { ifNone: true });
      return next(nowMs);
    }
    const { dueMs, missed } = step;
    const sending = { dueMs, untilMs: nowMs + SENDING_MS };
    const etag = await this.#replace({ doneMs: record.doneMs, sending }, { ifMatch: found.etag });
    // Somebody else was first; the record says what is left to do.
    if (etag === undefined) return nowMs;
    await this.#send(dueMs, missed);
    await this.#replace({ doneMs: dueMs }, { ifMatch: etag });
    return next(dueMs);
  }

  async #send(dueMs: number, missed: number): Promise<void> {
    const { log, send, wallMs } = this.#parts;
    const { name, names } = this.#stage;
    const about = { stage: name, scheduled: new Date(dueMs).toISOString() };
    const id = digest(JSON.stringify(["scheduled", names.queue, dueMs]));
    const attributes = { [DUE_ATTRIBUTE]: { type: "Number", value: String(dueMs) } };
    let body: unknown;
    try {
      body = this.#schedule.message(new Date(dueMs));
      await send(body, { id, attributes });
      log.info("scheduled message sent", { ...about, lateMs: wallMs() - dueMs, missed });
    } catch (error) {
      // Nobody can send what cannot be made, however often; the next one may be another.
      if (body !== undefined && !(error instanceof InvalidMessage)) throw error;
      log.error("scheduled message cannot be made", { ...about, reason: (error as Error).message });
    }
  }

  /** @returns the new version; `undefined` where the record was not as the condition says. */
  async #replace(
    record: Omit<ScheduleRecord, "run">,
    condition: { readonly ifNone: true } | { readonly ifMatch: string },
  ): Promise<string | undefined> {
    const { objects, random } = this.#parts;
    const run = random.uuid();
    // Where the answer was lost and the write is made again, it meets itself and seems refused; the next look knows it by its run.
    this.#ownRun = run;
    return await (await objects()).write(this.#key, JSON.stringify({ ...record, run }), { condition });
  }

  get #key(): string {
    return `millrace/schedules/${this.#stage.names.queue}.json`;
  }
}
