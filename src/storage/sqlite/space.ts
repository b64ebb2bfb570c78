import type { Clock, Timer } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import type { Admission } from "./admission.ts";

/** The disk of the data directory and the file that holds some of it back; `ballast.ts`, or a test's. */
export interface Disk {
  /** Bytes that can still be written. */
  freeBytes(): number;
  /** Bytes that the ballast holds. */
  ballastBytes(): number;
  /** Whether there was a ballast when the disk was found full the last time. */
  wasDropped(): boolean;
  /** Resolves when the ballast is on stable storage; stops and drops what there is of it when `dropBallast` is called. */
  makeBallast(bytes: number): Promise<void>;
  dropBallast(): void;
}

/** While there is room, and while there is none. Looking takes some microseconds. */
const LOOK_EVERY_MS = SECOND_MS;
const LOOK_AGAIN_MS = SECOND_MS / 2;

export interface SpaceOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly admission: Admission;
  /** Size of the ballast. */
  readonly ballastBytes: number;
  /** Bytes that the database has of its own, in pages of what was deleted: messages can be put there. */
  readonly reusableBytes?: () => number;
  /** A ballast that cannot be made is tried again; nobody waits for it. */
  readonly onFailure: (reason: unknown) => void;
}

/**
 * Keeps receives and deletes going on a full disk, for a delete has to write, too. A file of ballast holds space back.
 * When less than half of its size is left beside it, the ballast is dropped and whatever stores more is refused; both are
 * undone when there is space for the ballast again and as much beside it. Space within the database counts, too.
 */
export class Space {
  readonly #options: SpaceOptions;
  /** So much must be free for storing to go on. */
  readonly #lowBytes: number;
  #resumeBytes = 0;
  #making = false;
  #timer: Timer | undefined;

  /** Looks at once: on a full disk the start itself needs the space. */
  constructor(options: SpaceOptions) {
    this.#options = options;
    this.#lowBytes = options.ballastBytes / 2;
    const { disk, ballastBytes } = options;
    this.#plan(LOOK_EVERY_MS);
    if (!disk.wasDropped() && disk.freeBytes() >= this.#lowBytes) return;
    this.#refuse(disk.wasDropped() ? ballastBytes : disk.ballastBytes());
    this.#look();
  }

  /**
   * A write has found the disk full, whatever was seen before.
   * @returns whether that is news, so that there may be space now.
   */
  full(): boolean {
    const { admission, disk } = this.#options;
    if (admission.refuses("space")) return false;
    this.#refuse(disk.ballastBytes());
    this.#plan(LOOK_AGAIN_MS);
    return true;
  }

  /** @param droppedBytes space that is not new when it is seen. */
  #refuse(droppedBytes: number): void {
    this.#options.admission.refuse("space");
    this.#resumeBytes = 2 * this.#lowBytes + droppedBytes;
    this.#options.disk.dropBallast();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { admission, disk, ballastBytes } = this.#options;
    const freeBytes = disk.freeBytes();
    if (admission.refuses("space")) {
      if (this.#suffices(freeBytes, { inAll: this.#resumeBytes, onDisk: this.#lowBytes / 2 })) admission.admit("space");
    } else if (!this.#suffices(freeBytes, { inAll: this.#lowBytes, onDisk: this.#lowBytes / 4 })) this.full();
    else if (disk.ballastBytes() < ballastBytes && freeBytes >= ballastBytes + 2 * this.#lowBytes) this.#makeBallast();
    this.#plan(admission.refuses("space") ? LOOK_AGAIN_MS : LOOK_EVERY_MS);
  }

  /** A queue that was drained makes room in the database, but the log needs some on the disk as well. */
  #suffices(freeBytes: number, { inAll, onDisk }: { inAll: number; onDisk: number }): boolean {
    if (freeBytes >= inAll) return true;
    return freeBytes >= onDisk && freeBytes + (this.#options.reusableBytes?.() ?? 0) >= inAll;
  }

  #makeBallast(): void {
    if (this.#making) return;
    this.#making = true;
    const { disk, ballastBytes, onFailure } = this.#options;
    disk
      .makeBallast(ballastBytes)
      .catch(onFailure)
      .finally(() => {
        this.#making = false;
      });
  }

  #plan(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, () => this.#look());
  }
}
