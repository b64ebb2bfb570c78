/** The storage thread: the engine with every service's store. */
import { systemClock } from "../kernel/clock.ts";
import { jsonLogger, type LogLevel } from "../kernel/logger.ts";
import { runStorageThread } from "../storage/sqlite/index.ts";
import { storeModules, type StoreSettings } from "./stores.ts";

runStorageThread((data) => {
  const settings = data as StoreSettings & { directory: string; ballastBytes: number; logLevel: LogLevel };
  const { directory, ballastBytes } = settings;
  return { directory, ballastBytes, modules: storeModules(settings, jsonLogger(systemClock(), settings.logLevel)) };
});
