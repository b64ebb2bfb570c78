import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

export type Kind = "ext4" | "xfs";

/** The least that XFS is made for. */
const BYTES = 320 * 1024 * 1024;

/** Without looking for what was there before: the image is new. */
const MAKE: Readonly<Record<Kind, readonly string[]>> = {
  ext4: ["mkfs.ext4", "-q", "-F", "-E", "nodiscard,lazy_itable_init=1", "-J", "size=16"],
  xfs: ["mkfs.xfs", "-q", "-K"],
};

/**
 * `FS_IOC_SHUTDOWN` (in XFS `XFS_IOC_GOINGDOWN`) with `NOLOGFLUSH`: from now on the file system writes nothing, neither data nor log,
 * and answers every call with an error. Node cannot make that call; Perl is part of every Debian.
 */
const SHUTDOWN = 'open(my $top, "<", $ARGV[0]) or die $!; my $how = pack("L", 2); ioctl($top, 0x8004587D, $how) or die "ioctl: $!\\n"';

const UNMOUNTS_MAX = 50;

/** A file system of its own on a file, which can be stopped as a power cut stops it. */
export class FileSystem {
  readonly directory: string;
  readonly #kind: Kind;
  readonly #home: string;
  readonly #image: string;
  #isMounted = false;

  /** @param within a directory for the image: best in memory, what the kernel has not handed to the block device is lost all the same. */
  constructor(kind: Kind, within: string) {
    this.#kind = kind;
    this.#home = mkdtempSync(join(within, "millrace-shutdown-"));
    this.#image = join(this.#home, "image");
    this.directory = join(this.#home, "mounted");
    mkdirSync(this.directory);
  }

  /** @throws {CannotMount} */
  async make(): Promise<void> {
    writeFileSync(this.#image, "");
    truncateSync(this.#image, BYTES);
    const [program = "", ...flags] = MAKE[this.#kind];
    try {
      await run(program, [...flags, this.#image]);
      await this.mount();
    } catch (error) {
      throw new CannotMount(`a file system ${this.#kind} cannot be made and mounted here: ${(error as Error).message.trim()}`, {
        cause: error,
      });
    }
  }

  /** Recovers the log of one that was shut down. */
  async mount(): Promise<void> {
    await run("mount", ["-o", "loop", "-t", this.#kind, this.#image, this.directory]);
    this.#isMounted = true;
  }

  async shutdown(): Promise<void> {
    await run("perl", ["-e", SHUTDOWN, this.directory]);
  }

  /** As soon as nobody uses it any more. */
  async unmount(): Promise<void> {
    for (let times = 1; ; times += 1) {
      try {
        await run("umount", [this.directory]);
        this.#isMounted = false;
        return;
      } catch (error) {
        if (times === UNMOUNTS_MAX) throw error;
        await pause(20);
      }
    }
  }

  async remove(): Promise<void> {
    if (this.#isMounted) await this.unmount();
    rmSync(this.#home, { recursive: true, force: true });
  }
}

export class CannotMount extends Error {
  override readonly name = "CannotMount";
}
