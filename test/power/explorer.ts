import { hash as digestOf } from "node:crypto";
import { join } from "node:path";
import { seededRandom } from "../../src/kernel/random.ts";
import { BackupCheck, type PlaceSeen } from "./check/backups.ts";
import { blobsIn, contentsOf, rememberedContents, type Contents } from "./check/contents.ts";
import { recover, type Recovered } from "./check/recover.ts";
import { Judge, type Violation } from "./check/verdict.ts";
import { KINDS } from "./disk/crash-states.ts";
import type { CrashState, RememberedHashes } from "./disk/disk.ts";
import { Materialiser } from "./disk/materialise.ts";
import type { Recording } from "./record/record.ts";
import { PLACE } from "./load/backups.ts";
import { crashStateOf, mixed, momentsOf, placesOf, type Moment, type Progress, type StateNumber } from "./replay.ts";

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
/** Outcomes that are tried at a moment in one pass; that part of them is new. */
const KINDS_AT_ONCE = 3;
const NEW = 0.5;
const SHARE_MIN = 0.1;
/** A pass of whose states less than this part is new is the last. */
const NEW_MIN = 0.1;

/** Makes what power cuts may have left of a recording, and has the engine recover each. */
export class Explorer {
  readonly #recording: Recording;
  readonly #options: ExploreOptions;
  readonly #judge: Judge;
  readonly #materialiser: Materialiser;
  readonly #contents: Contents;
  readonly #backups: BackupCheck;
  readonly #recovered = new Map<string, Recovered>();
  /** What was found at a place of backups, by what is there. */
  readonly #places = new Map<string, PlaceSeen>();
  /** By what the database was after it was opened, and all else. */
  readonly #seen = new Map<string, Recovered>();
  /** Of this part: how many there are, and the change of the last one. */
  readonly #moments: { readonly count: number; readonly last: number | undefined };
  readonly #hashes: RememberedHashes = new Map();
  readonly tally: Tally = { states: 0, distinct: new Set(), found: [] };

  constructor(recording: Recording, options: ExploreOptions) {
    this.#recording = recording;
    this.#options = options;
    this.#judge = new Judge(recording.journal);
    this.#backups = new BackupCheck(recording.journal, `${options.scratch}-restored`);
    for (const what of recording.journal.problems)
      this.tally.found.push({ kind: "never so", what, state: { pass: 0, change: 0, kind: 0 }, after: 0 });
    this.#materialiser = new Materialiser(options.scratch);
    const { data } = recording;
    const mark = (blob: string) => this.#materialiser.mark(`${data}/blobs/${blob.slice(0, 2)}/${blob}`);
    this.#moments = this.#countMoments();
    this.#contents = rememberedContents(contentsOf(blobsIn(join(options.scratch, data))), mark);
  }

  /**
   * Passes through the recording until there are states enough or hardly any new ones: at every moment some kinds of outcome,
   * at the next one those that come after them, in the next pass others. All kinds at one moment would be alike too often.
   */
  async explore(): Promise<Tally> {
    const { tally } = this;
    const { last } = this.#moments;
    for (let pass = 0; this.#goesOn(); pass += 1) {
      const before = { states: tally.states, distinct: tally.distinct.size };
      const share = this.#share();
      const random = seededRandom(mixed(this.#options.seed, pass, this.#options.part.number));
      let turn = pass;
      for (const moment of momentsOf(this.#recording, this.#hashes)) {
        if (!this.#isMine(moment.progress)) continue;
        // At the last one all was told that ever is: it has its turn in any case, with every kind.
        const isLast = moment.change === last;
        if (!isLast && random.fraction() >= share) continue;
        for (let count = 0; count < (isLast ? KINDS.length : KINDS_AT_ONCE); count += 1, turn += 1)
          if (this.#goesOn()) await this.#try(moment, { pass, change: moment.change, kind: turn % KINDS.length });
      }
      if (tally.states > before.states && tally.distinct.size - before.distinct < NEW_MIN * (tally.states - before.states)) break;
    }
    return tally;
  }

  /** The part of all moments that a pass goes to, so that what is wanted comes from all over the recording. */
  #share(): number {
    const left = this.#options.distinct - this.tally.distinct.size;
    return Math.max(SHARE_MIN, left / (Math.max(1, this.#moments.count) * KINDS_AT_ONCE * NEW));
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

  #countMoments(): { count: number; last: number | undefined } {
    let [count, last]: [number, number | undefined] = [0, undefined];
    for (const { change, progress } of placesOf(this.#recording)) if (this.#isMine(progress)) [count, last] = [count + 1, change];
    return { count, last };
  }

  /** A part is whole stretches between two fsyncs, since it is there that states are alike. */
  #isMine({ syncs }: Progress): boolean {
    const { part } = this.#options;
    return syncs % part.of === part.number;
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
    const seen = { recovered: this.#seen, besides: markBelow(state, `${data}/blobs/`) };
    const options = { nowMs: journal.timesMs[asked] ?? 0, contents: this.#contents, told, seen };
    const recovered = this.#judge.interned(await this.#withBackups(await recover(join(this.#options.scratch, data), options), state));
    if (told !== undefined) this.#materialiser.forget(data);
    else this.#materialiser.disturbed(data);
    this.#recovered.set(state.key, recovered);
    return recovered;
  }

  /** Where backups were made, what is at their place is looked at, too. */
  async #withBackups(recovered: Recovered, state: CrashState): Promise<Recovered> {
    if ("corrupt" in recovered || this.#recording.journal.backups.length === 0) return recovered;
    const mark = markBelow(state, `${PLACE}/`);
    let backups = this.#places.get(mark);
    if (backups === undefined) this.#places.set(mark, (backups = await this.#backups.look(join(this.#options.scratch, PLACE))));
    return "damaged" in backups ? { corrupt: backups.damaged } : { ...recovered, backups: backups.ids };
  }
}

/** The same for the same bytes under the same names in a part of the tree. */
function markBelow({ directories, files }: CrashState, top: string): string {
  const marks = directories.filter((path) => path.startsWith(top));
  for (const { path, bytes, hash } of files) if (path.startsWith(top)) marks.push(`${path} ${bytes.length} ${hash.high} ${hash.low}`);
  return digestOf("sha1", marks.sort().join("\n"));
}
