import { join } from "node:path";
import { seededRandom } from "../../src/kernel/random.ts";
import { blobsIn, contentsOf, rememberedContents, type Contents } from "./check/contents.ts";
import { recover, type Recovered } from "./check/recover.ts";
import { Judge, type Violation } from "./check/verdict.ts";
import { KINDS } from "./disk/crash-states.ts";
import type { CrashState } from "./disk/disk.ts";
import { Materialiser } from "./disk/materialise.ts";
import type { Recording } from "./record/record.ts";
import { crashStateOf, mixed, momentsOf, type Moment, type Progress, type StateNumber } from "./replay.ts";

export interface Found extends Violation {
  readonly state: StateNumber;
  /** States tried by then, this one too; 0: it was wrong in the recording itself. */
  readonly after: number;
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
  /** Ends with the first violation of this kind. */
  readonly until?: Violation["kind"] | undefined;
}

/** In one of so many states the server goes on from there. */
const SERVED_EVERY = 128;
/** Ends with so many violations. */
const FOUND_MAX = 20;
/** So many passes bring the states that are wanted, so that all moments have their turn; that part of what is tried is new. */
const PASSES = 6;
const NEW = 0.5;
/** A pass of whose states less than this part is new is the last. */
const NEW_MIN = 0.1;

/** Makes what power cuts may have left of a recording, and has the engine recover each. */
export class Explorer {
  readonly #recording: Recording;
  readonly #options: ExploreOptions;
  readonly #judge: Judge;
  readonly #materialiser: Materialiser;
  readonly #contents: Contents;
  readonly #recovered = new Map<string, Recovered>();
  readonly tally: Tally = { states: 0, distinct: new Set(), found: [] };

  constructor(recording: Recording, options: ExploreOptions) {
    this.#recording = recording;
    this.#options = options;
    this.#judge = new Judge(recording.journal);
    for (const what of recording.journal.problems)
      this.tally.found.push({ kind: "never so", what, state: { pass: 0, change: 0, kind: 0 }, after: 0 });
    this.#materialiser = new Materialiser(options.scratch);
    const { data } = recording;
    const mark = (blob: string) => this.#materialiser.mark(`${data}/blobs/${blob.slice(0, 2)}/${blob}`);
    this.#contents = rememberedContents(contentsOf(blobsIn(join(options.scratch, data))), mark);
  }

  /** Tries moments drawn by chance, passing through the recording until there are states enough or hardly any new ones. */
  async explore(): Promise<Tally> {
    const { distinct, seed, part } = this.#options;
    const { tally } = this;
    const moments = Math.max(1, [...this.#moments()].length);
    const share = distinct / PASSES / (moments * KINDS.length * NEW);
    for (let pass = 0; this.#goesOn(); pass += 1) {
      const before = { states: tally.states, distinct: tally.distinct.size };
      const random = seededRandom(mixed(seed, pass, part.number));
      for (const moment of this.#moments()) {
        if (random.fraction() >= share) continue;
        for (const kind of KINDS.keys()) if (this.#goesOn()) await this.#try(moment, { pass, change: moment.change, kind });
      }
      if (tally.states > before.states && tally.distinct.size - before.distinct < NEW_MIN * (tally.states - before.states)) break;
    }
    return tally;
  }

  /** One state again: it is left where it was made, as the engine has found it. */
  async again(number: StateNumber): Promise<Found | undefined> {
    for (const moment of momentsOf(this.#recording)) {
      if (moment.change !== number.change) continue;
      const state = await this.#try(moment, number);
      this.#materialiser.forget(this.#recording.data);
      this.#materialiser.make(state);
    }
    return this.tally.found[0];
  }

  #goesOn(): boolean {
    const { distinct, until } = this.#options;
    const { found } = this.tally;
    return this.tally.distinct.size < distinct && found.length < FOUND_MAX && !found.some(({ kind }) => kind === until);
  }

  /** Those of this part: whole stretches between two fsyncs, since it is there that states are alike. */
  *#moments(): Iterable<Moment> {
    const { part } = this.#options;
    for (const moment of momentsOf(this.#recording)) if (moment.progress.syncs % part.of === part.number) yield moment;
  }

  async #try({ disk, progress }: Moment, number: StateNumber): Promise<CrashState> {
    const state = crashStateOf(disk, number, this.#options.seed);
    this.tally.states += 1;
    const violation = this.#judge.verdict(await this.#recover(state, progress), progress);
    if (violation !== undefined) this.tally.found.push({ ...violation, state: number, after: this.tally.states });
    return state;
  }

  /** The same bytes are the same again, whatever was answered meanwhile. */
  async #recover(state: CrashState, { asked, answered }: Progress): Promise<Recovered> {
    const before = this.#recovered.get(state.key);
    if (before !== undefined) return before;
    this.tally.distinct.add(state.key);
    const { data, journal } = this.#recording;
    this.#materialiser.make(state);
    const told = Number.parseInt(state.key, 16) % SERVED_EVERY === 0 ? { journal, answered } : undefined;
    const options = { nowMs: journal.timesMs[asked] ?? 0, contents: this.#contents, told };
    const recovered = this.#judge.interned(await recover(join(this.#options.scratch, data), options));
    if (told !== undefined) this.#materialiser.forget(data);
    else this.#materialiser.disturbed(data);
    this.#recovered.set(state.key, recovered);
    return recovered;
  }
}
