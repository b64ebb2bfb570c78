import { seededRandom } from "../../src/kernel/random.ts";
import type { Change } from "./disk/change.ts";
import { KINDS, survivalOf } from "./disk/crash-states.ts";
import { Disk, type CrashState, type RememberedHashes } from "./disk/disk.ts";
import { placed } from "./disk/page-hash.ts";
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

/** What had been asked and answered at a moment. */
export interface Progress {
  /** Power is cut from here on. */
  began: boolean;
  asked: number;
  answered: number;
  /** Fsyncs so far. */
  syncs: number;
  /** Ids of backups that somebody was told of, and that nobody has given up since. */
  backups: readonly string[];
}

/** A moment of a recording: how the disk is, after which change, and what had been told. */
export interface Moment {
  readonly disk: Disk;
  readonly change: number;
  readonly progress: Readonly<Progress>;
}

/**
 * All moments at which power may be cut, in order. The disk is the same one throughout.
 * @param hashes is given to the disk, for the next replay of the recording.
 */
export function* momentsOf({ base, changes }: Recording, hashes?: RememberedHashes): Iterable<Moment> {
  const disk = new Disk(hashes);
  for (const change of base) disk.apply(change);
  disk.settle();
  disk.begin();
  for (const place of placesOf({ changes })) {
    while (disk.changes <= base.length + place.change) disk.apply(changes[disk.changes - base.length] as Change);
    yield { disk, ...place };
  }
}

/** The same without the disk. */
export function* placesOf({ changes }: Pick<Recording, "changes">): Iterable<Omit<Moment, "disk">> {
  const progress: Progress = { began: false, asked: 0, answered: 0, syncs: 0, backups: [] };
  for (const [number, change] of changes.entries()) {
    if (change.do === "sync") progress.syncs += 1;
    if (change.do === "mark") follow(progress, change.text);
    // A mark changes nothing on the disk; behind it more has been answered, so there is the moment to look.
    if (progress.began && changes[number + 1]?.do !== "mark") yield { change: number, progress };
  }
}

/** What a power cut has left, the same whenever it is asked for. The bytes are good until the next one is. */
export function crashStateOf(disk: Disk, number: StateNumber, seed: number): CrashState {
  const kind = KINDS[number.kind];
  if (kind === undefined) throw new RangeError(`there is no kind ${number.kind}`);
  return disk.crash(survivalOf(kind, disk, seededRandom(mixed(seed, number.pass, number.change, number.kind))));
}

function follow(progress: Progress, text: string): void {
  const mark = JSON.parse(text) as MarkText;
  if (mark.mark === "begin") progress.began = true;
  if (mark.mark === "asked") progress.asked = mark.unit;
  if (mark.mark === "answered") progress.answered = Math.max(progress.answered, mark.unit);
  if (mark.mark === "backed up") progress.backups = [...progress.backups, mark.id];
  if (mark.mark === "given up") progress.backups = progress.backups.filter((id) => id !== mark.id);
}

/** A seed of several numbers. */
export function mixed(...numbers: readonly number[]): number {
  return numbers.reduce((mix, number, index) => placed(mix ^ number, index), 0);
}
