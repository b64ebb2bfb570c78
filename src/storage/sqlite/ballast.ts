import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, statSync, truncateSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { systemRandom } from "../../kernel/random.ts";
import { MIB } from "../../kernel/units.ts";
import type { Disk } from "./space.ts";

/** The disk of a data directory, and the file `ballast` in it: empty where the ballast was dropped, as a restart must know. */
export function diskOf(directory: string): Disk {
  const path = join(directory, "ballast");
  let bytes = sizeOf(path);
  /** Counts the times that the ballast was dropped. */
  let drops = 0;
  return {
    freeBytes() {
      const { bavail, bsize } = statfsSync(directory);
      return bavail * bsize;
    },
    ballastBytes: () => bytes,
    wasDropped: () => existsSync(path) && bytes === 0,
    dropBallast() {
      drops += 1;
      bytes = 0;
      if (existsSync(path)) truncateSync(path);
    },
    async makeBallast(wanted) {
      const dropsBefore = drops;
      try {
        await fill(path, wanted, () => drops === dropsBefore);
        if (drops !== dropsBefore) return truncateSync(path);
        syncDirectory(directory);
        bytes = wanted;
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      }
    },
  };
}

/** With bytes that no file system can store as less: a hole, zeros and what compresses hold nothing back. */
async function fill(path: string, bytes: number, goOn: () => boolean): Promise<void> {
  const piece = systemRandom.bytes(Math.min(bytes, MIB));
  const file = await open(path, "w", 0o600);
  try {
    for (let written = 0; written < bytes && goOn();) {
      const { bytesWritten } = await file.write(piece, 0, Math.min(piece.length, bytes - written), written);
      written += bytesWritten;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
