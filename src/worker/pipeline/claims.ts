import { hash } from "node:crypto";
import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Random } from "../../kernel/random.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import type { Objects, StoredText, WriteCondition } from "../objects.ts";
import { claimStep, type Claim, type Claimant } from "../rules/claim.ts";
import { Cancelled, LeaseLost } from "../verdicts.ts";
import type { KeptOutput } from "./kept-output.ts";

type ClaimRecord = Claim<KeptOutput>;

/** What a record holds before its token is added. */
type Unmarked = ClaimRecord extends infer One ? (One extends ClaimRecord ? Omit<One, "run"> : never) : never;

export interface ClaimsOptions {
  readonly objects: Objects;
  readonly clock: Clock;
  readonly random: Random;
  /** For how long a key is held without being renewed. */
  readonly leaseMs: number;
}

/** What came of asking for a key. */
export type Asked =
  | { readonly is: "taken"; readonly hold: ClaimHold }
  | { readonly is: "committed"; readonly hold: ClaimHold; readonly outputs: readonly KeptOutput[] }
  | { readonly is: "let-go" }
  | { readonly is: "cancelled"; readonly reason: string };

/** What came of a write: where the record was not as its condition says, `found` is how it is. */
type Replaced = { readonly is: "written" } | { readonly is: "refused"; readonly found: StoredText | undefined };

/** How soon after a record was written its progress is written again, where there is news: often enough for who watches. */
const PROGRESS_MS = 5 * SECOND_MS;

/** Races are between the few workers that hold copies of one message; each round one of them wins. */
const ROUNDS_MAX = 20;

/** The object that holds the claim record of a key at the stage of a queue. Keys are any text; a name in the object store is not. */
export function claimKey(queue: string, key: string): string {
  return `${claimsFolder(queue)}${hash("sha256", key)}.json`;
}

/** Where all claim records of a stage are: by its queue, since several pipelines may have one bucket, and stages of one name. */
export function claimsFolder(queue: string): string {
  return `millrace/claims/${queue}/`;
}

/** Where a join keeps the parts of the key that has this claim record. */
export function partsFolderOf(claim: string): string {
  return claim.replace(/^millrace\/claims\//, "millrace/joins/").replace(/\.json$/, "/");
}

/** Asks for a key, as often as others change its record in between. @throws what the object store throws. */
export async function askFor(key: string, claimant: Claimant, options: ClaimsOptions & { readonly signal: AbortSignal }): Promise<Asked> {
  const { clock, signal } = options;
  // Most keys have never been asked for; these cost one request.
  let hold = new ClaimHold(key, { claimant, etag: "" }, options);
  let condition: WriteCondition = { ifNone: true };
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const taken = await hold.take(condition);
    if (taken.is === "written") return { is: "taken", hold };
    signal.throwIfAborted();
    const { found } = taken;
    if (found === undefined) {
      condition = { ifNone: true };
      continue;
    }
    const record = JSON.parse(found.text) as ClaimRecord;
    const step = claimStep(record, claimant, clock.nowMs());
    if (step === "let-go") return { is: "let-go" };
    if (step === "cancelled") return { is: "cancelled", reason: record.state === "cancelled" ? record.reason : "" };
    hold = new ClaimHold(key, { claimant, etag: found.etag }, options);
    if (step === "publish-again") return { is: "committed", hold, outputs: record.state === "done" ? record.outputs : [] };
    condition = { ifMatch: found.etag };
  }
  throw new Error(`the claim at ${key} was changed by others ${ROUNDS_MAX} times in a row`);
}

/** A key that is held: the only one who may replace its record as it is now. */
export class ClaimHold {
  readonly #key: string;
  readonly #claimant: Claimant;
  readonly #options: ClaimsOptions;
  #etag: string;
  #timer: Timer | undefined;
  /** Monotonic milliseconds when the key was taken or last renewed. */
  #renewedMs = 0;
  #renewing: Promise<void> | undefined;
  #isRenewing = false;
  #lost: (reason: Error) => void = () => {};
  #progress: { fraction: number; text?: string | undefined } | undefined;
  /** Whether there is progress that the record does not show. */
  #hasNews = false;

  constructor(key: string, held: { claimant: Claimant; etag: string }, options: ClaimsOptions) {
    this.#key = key;
    this.#claimant = held.claimant;
    this.#options = options;
    this.#etag = held.etag;
  }

  /** Keeps the key while its handler runs. `lost` is called once when somebody else has it, or it was cancelled. */
  keep(lost: (reason: Error) => void): void {
    this.#lost = lost;
    this.#renewedMs = this.#options.clock.monotonicMs();
    this.#renewLater();
  }

  /** Shown to who looks at the record, within some seconds. */
  progress(fraction: number, text: string | undefined): void {
    if (this.#progress?.fraction === fraction && this.#progress.text === text) return;
    this.#progress = { fraction, text };
    if (this.#hasNews) return;
    this.#hasNews = true;
    // While the record is being renewed, or not kept any more, there is no timer to bring forward.
    if (this.#timer !== undefined && !this.#isRenewing) this.#renewLater();
  }

  /** The result is final from here on. @throws {LeaseLost} when somebody else has the key: the result is theirs to make. */
  async commit(outputs: readonly KeptOutput[]): Promise<void> {
    await this.#rest();
    // Nothing to publish is as good as published.
    const done: Unmarked = { ...this.#holding("done"), isPublished: outputs.length === 0, outputs };
    const { is } = await this.#replace(done, { ifMatch: this.#etag });
    if (is === "refused") throw new LeaseLost("another worker has taken the key over");
  }

  /** Every output is with its queue; who comes later need not send it again, and the record forgets it. */
  async published(): Promise<void> {
    await this.#replace({ ...this.#holding("done"), isPublished: true, outputs: [] }, { ifMatch: this.#etag });
  }

  /** An attempt has failed: whoever receives the message next may begin at once. @param isDead it was the last; for who looks at the record. */
  async release(isDead: boolean): Promise<void> {
    await this.#rest();
    await this.#replace({ state: "open", ...(isDead ? { isDead } : {}) }, { ifMatch: this.#etag });
  }

  /** Takes the key, where its record is as the condition says. */
  async take(condition: WriteCondition): Promise<Replaced> {
    return await this.#replace(this.#holding("running"), condition);
  }

  async #replace(record: Unmarked, condition: WriteCondition): Promise<Replaced> {
    const { objects, random } = this.#options;
    const text = JSON.stringify({ ...record, run: random.uuid() });
    const etag = await objects.write(this.#key, text, { condition });
    if (etag !== undefined) {
      this.#etag = etag;
      return { is: "written" };
    }
    // A write whose answer was lost is made again by the client, and then meets itself.
    const found = await objects.read(this.#key);
    if (found?.text !== text) return { is: "refused", found };
    this.#etag = found.etag;
    return { is: "written" };
  }

  #holding<State extends "running" | "done">(state: State): { state: State; messageId: string; untilMs: number } {
    const { clock, leaseMs } = this.#options;
    return { state, messageId: this.#claimant.messageId, untilMs: clock.nowMs() + leaseMs };
  }

  async #rest(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#renewing;
  }

  #renewLater(): void {
    const { clock, leaseMs } = this.#options;
    const dueMs = this.#renewedMs + Math.min(leaseMs / 3, this.#hasNews ? PROGRESS_MS : Number.POSITIVE_INFINITY);
    this.#timer?.cancel();
    this.#timer = clock.after(Math.max(0, dueMs - clock.monotonicMs()), () => {
      this.#renewing = this.#renew();
    });
  }

  async #renew(): Promise<void> {
    this.#isRenewing = true;
    this.#hasNews = false;
    const progress = this.#progress === undefined ? {} : { progress: this.#progress };
    const record: Unmarked = { ...this.#holding("running"), ...progress };
    try {
      const replaced = await this.#replace(record, { ifMatch: this.#etag });
      if (replaced.is === "refused") {
        const { found } = replaced;
        const now = found === undefined ? undefined : (JSON.parse(found.text) as ClaimRecord);
        this.#lost(now?.state === "cancelled" ? new Cancelled(now.reason) : new LeaseLost("another worker has taken the key over"));
        return;
      }
    } catch {
      // The store is away. Whether the key is still ours is decided when the result is committed.
    }
    this.#isRenewing = false;
    if (this.#timer !== undefined) this.keep(this.#lost);
  }
}
