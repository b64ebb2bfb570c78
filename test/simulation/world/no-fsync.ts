import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/**
 * An fsync in memory makes nothing safer, but one of the directories above it is a real one, and a start fsyncs all of them.
 * For programs of their own: it holds for the whole process.
 */
export function withoutFsync(): void {
  fs.fsyncSync = () => {};
  syncBuiltinESMExports();
}
