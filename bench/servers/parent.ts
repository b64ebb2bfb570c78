const LOOK_EVERY_MS = 1000;

/** Ends this process when the one that started it is gone, however that ended. */
export function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && process.exit(1), LOOK_EVERY_MS).unref();
}
