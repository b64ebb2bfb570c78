import { join } from "node:path";
import { seededRandom } from "../../src/kernel/random.ts";
import { KINDS, survivalOf } from "./disk/crash-states.ts";
import { Disk, type CrashState } from "./disk/disk.ts";
import { Materialiser } from "./disk/materialise.ts";
import { placed } from "./disk/page-hash.ts";
import { recover, type Recovered } from "./check/recover.ts";
import { Judge, type Violation } from "./check/verdict.ts";
import type { MarkText } from "./load/marks.ts";
import type { Recording } from "./record/record.ts";

/** Names a state of a recording, with the seed of its exploration. */
export interface StateNumber {
  readonly pass: number;
  /** Power is cut after this change. */
  readonly change: number;
  /** Of `KINDS`. */
  readonly kind: number;
}

export interface Found extends Violation {
  readonly state: StateNumber;
}

export interface Tally {
  states: number;
  /** 64-bit hashes of the states. */
  readonly distinct: Set<string>;
  readonly found: Found[];
}

export interface ExploreOptions {
  readonly seed: number;
  /** Where states are made: best in memory. */
  readonly scratch: string;
  /** Of the moments, this part of so many. */
  readonly part: { readonly number: number; readonly of: number };
  /** Distinct states that are wanted. */
  readonly distinct: number;
  /** Ends with the first so many violations. */
  readonly foundMax?: number;
}

const FOUND_MAX = 20;
/** So many passes bring the states that are wanted, so that all moments have their turn; that part of what is tried is new. */
const PASSES = 6;
const NEW = 0.5;
/** A pass that brings less than this part of its share is the last. */
const NEW_MIN = 0.05;

/** What had been asked and answered at a moment. */
interface Progress {
  began: boolean;
  asked: number;
  answered: number;
  /** Fsyncs so far. */
  syncs: number;
}

/** Makes what power cuts may have left of a recording, and has the engine recover each. */
export class Explorer {
  readonly #recording: Recording;
  readonly #options: ExploreOptions;
  readonly #judge: Judge;
  readonly #materialiser: Materialiser;
  readonly #recovered = new Map<string, Recovered>();
  readonly tally: Tally = { states: 0, distinct: new Set(), found: [] };

  constructor(recording: Recording, options: ExploreOptions) {
    this.#recording = recording;
    this.#options = options;
    this.#judge = new Judge(recording.journal);
    this.#materialiser = new Materialiser(options.scratch);
  }

  /** Tries moments drawn by chance, passing through the recording until there are states enough or hardly any new ones. */
  async explore(): Promise<Tally> {
    const { distinct, seed, part } = this.#options;
    const share = distinct / PASSES / (this.#moments() * KINDS.length * NEW);
    for (let pass = 0, before = -1; this.#goesOn() && this.tally.distinct.size > before * (1 + NEW_MIN / PASSES); pass += 1) {
      before = this.tally.distinct.size;
      const random = seededRandom(mixed(seed, pass, part.number));
      await this.#pass(async (disk, change, progress) => {
        if (progress.syncs % part.of !== part.number || random.fraction() >= share) return;
        for (const kind of KINDS.keys()) if (this.#goesOn()) await this.#try(disk, progress, { pass, change, kind });
      });
    }
    return this.tally;
  }

  #goesOn(): boolean {
    const { distinct, foundMax = FOUND_MAX } = this.#options;
    return this.tally.distinct.size < distinct && this.tally.found.length < foundMax;
  }

  /** One state again: it is left where it was made, as the engine has found it. */
  async again(number: StateNumber): Promise<Found | undefined> {
    await this.#pass(async (disk, change, progress) => {
      if (change !== number.change) return;
      const state = await this.#try(disk, progress, number);
      this.#materialiser.disturbed(this.#recording.data, { all: false });
      this.#materialiser.make(state);
    });
    return this.tally.found[0];
  }

  /** Moments of this part. */
  #moments(): number {
    const { part } = this.#options;
    let moments = 0;
    const progress = newProgress();
    for (const [number, change] of this.#recording.changes.entries()) {
      follow(progress, change);
      if (this.#recording.changes[number + 1]?.do === "mark") continue;
      if (progress.began && progress.syncs % part.of === part.number) moments += 1;
    }
    return Math.max(1, moments);
  }

  async #pass(at: (disk: Disk, change: number, progress: Progress) => Promise<void>): Promise<void> {
    const disk = new Disk();
    for (const change of this.#recording.base) disk.apply(change);
    disk.settle();
    disk.begin();
    const progress = newProgress();
    const { changes } = this.#recording;
    for (const [number, change] of changes.entries()) {
      disk.apply(change);
      follow(progress, change);
      // A mark changes nothing on the disk; behind it more has been answered, so there is the moment to look.
      if (progress.began && changes[number + 1]?.do !== "mark") await at(disk, number, progress);
    }
  }

  async #try(disk: Disk, { asked, answered }: Progress, number: StateNumber): Promise<CrashState> {
    const { seed } = this.#options;
    const kind = KINDS[number.kind];
    if (kind === undefined) throw new RangeError(`there is no kind ${number.kind}`);
    const random = seededRandom(mixed(seed, number.pass, number.change, number.kind));
    const state = disk.crash(survivalOf(kind, disk, random));
    this.tally.states += 1;
    const recovered = await this.#recover(state, asked);
    const violation = this.#judge.verdict(recovered, { answered, asked });
    if (violation !== undefined) this.tally.found.push({ ...violation, state: number });
    return state;
  }

  /** The same bytes are the same again, whatever was answered meanwhile. */
  async #recover(state: CrashState, asked: number): Promise<Recovered> {
    const before = this.#recovered.get(state.key);
    if (before !== undefined) return before;
    this.tally.distinct.add(state.key);
    const { data, journal } = this.#recording;
    this.#materialiser.make(state);
    const recovered = this.#judge.interned(await recover(join(this.#options.scratch, data), journal.timesMs[asked] ?? 0));
    this.#materialiser.disturbed(data, { all: false });
    this.#recovered.set(state.key, recovered);
    return recovered;
  }
}

function newProgress(): Progress {
  return { began: false, asked: 0, answered: 0, syncs: 0 };
}

function follow(progress: Progress, change: Recording["changes"][number]): void {
  if (change.do === "sync") progress.syncs += 1;
  if (change.do !== "mark") return;
  const mark = JSON.parse(change.text) as MarkText;
  if (mark.mark === "begin") progress.began = true;
  if (mark.mark === "asked") progress.asked = mark.unit;
  if (mark.mark === "answered") progress.answered = Math.max(progress.answered, mark.unit);
}

function mixed(...numbers: readonly number[]): number {
  return numbers.reduce((mix, number, index) => placed(mix ^ number, index), 0);
}
