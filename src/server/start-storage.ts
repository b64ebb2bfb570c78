import { MessageChannel } from "node:worker_threads";
import { systemClock } from "../kernel/clock.ts";
import { jsonLogger } from "../kernel/logger.ts";
import { MIB } from "../kernel/units.ts";
import { EnginePorts, startInline, startStorageThread, type InlineOptions } from "../storage/sqlite/index.ts";
import type { ServerConfig } from "./config.ts";
import { readMasterKeys } from "./master-keys.ts";
import type { OpenedStorage, ServerParts } from "./server.ts";
import { logFigure } from "./storage-report.ts";
import { storeModules } from "./stores.ts";
import { httpThreadsOf, wantsStorageThread } from "./threads/how-many.ts";

/** Opens the storage where it is to run: beside the sockets, or on a thread of its own. @throws {CannotOpen} @throws {BadSetting} */
export async function startStorage(config: ServerConfig, parts: ServerParts, onFatal: (reason: unknown) => void): Promise<OpenedStorage> {
  const logger = parts.logger ?? jsonLogger(systemClock(), config.logLevel);
  const onFigure = logFigure(logger);
  const ballastBytes = config.ballast * MIB;
  const masterKeys = config.masterKey === undefined ? [] : readMasterKeys(config.masterKey);
  const ownAccountAsked = config.credentials !== undefined;
  const settings = { coolDown: config.coolDown, ownAccountAsked, masterKeys, ignoreLostKeys: config.ignoreLostKeys };
  if (parts.openStorage !== undefined) return parts.openStorage(storeModules(settings, logger), onFatal);
  if (config.memory || parts.clock !== undefined || !wantsStorageThread(config)) {
    const directory = config.memory ? undefined : config.data;
    const clock = parts.clock === undefined ? {} : { clock: parts.clock };
    const options = { directory, modules: storeModules(settings, logger), ballastBytes, ...clock, onFatal };
    if (httpThreadsOf(config) > 1) return startForThreads(options, onFigure);
    const engine = startInline({ ...options, onFigure });
    return { storage: engine, clock: engine.clock };
  }
  const entry = new URL(import.meta.url.endsWith(".ts") ? "./storage-thread.ts" : "./storage-thread.js", import.meta.url);
  const data = { ...settings, directory: config.data, ballastBytes, logLevel: config.logLevel };
  const storage = await startStorageThread(entry, { data, onFatal, onFigure });
  return { storage, clock: systemClock(storage.ready.highWaterMs), connect: () => storage.connect() };
}

/** Beside the sockets of the first thread, while others ask from theirs. */
function startForThreads(options: InlineOptions, onFigure: (name: string, value: number) => void): OpenedStorage {
  let report = onFigure;
  const engine = startInline({ ...options, onFigure: (name, value) => report(name, value) });
  const ports = new EnginePorts(engine);
  report = (name, value) => {
    onFigure(name, value);
    ports.report(name, value);
  };
  const connect = () => {
    const { port1, port2 } = new MessageChannel();
    ports.serve(port2);
    return port1;
  };
  const storage = { unit: engine.unit.bind(engine), report: engine.report, stop: () => ports.stop() };
  return { storage, clock: engine.clock, connect };
}
