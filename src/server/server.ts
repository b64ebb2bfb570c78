import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVerifier } from "../auth/index.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { Stack } from "../kernel/lifecycle.ts";
import { jsonLogger, type Logger } from "../kernel/logger.ts";
import { MIB } from "../kernel/units.ts";
import { systemRandom, type Random } from "../kernel/random.ts";
import { blobFiles, blobMemory, createObjects, type BlobStore } from "../services/objects/index.ts";
import { createQueues } from "../services/queues/index.ts";
import { createTopics, signingKey } from "../services/topics/index.ts";
import { startInline, startStorageThread, type StoreModule } from "../storage/sqlite/index.ts";
import type { Storage } from "../storage/storage.ts";
import type { HttpRequest, HttpResponse } from "../wire/http.ts";
import { compileApi } from "../wire/protocols.ts";
import type { ServerConfig } from "./config.ts";
import { connectionsMax } from "./connections.ts";
import { exposureOfCredentials, readCredentials } from "./credentials.ts";
import { hostGuard } from "./host-guard.ts";
import { createHttpServer, HTTP_LIMITS } from "./http.ts";
import { deliveryReports, eventTargets } from "./links.ts";
import { readMasterKeys } from "./master-keys.ts";
import { Meter } from "./meter.ts";
import { MetricsPage, readMetricsToken } from "./metrics-page.ts";
import { TrustedProxies } from "./origin.ts";
import { createOwnPages, type Health } from "./own-pages.ts";
import { createPipeline } from "./pipeline.ts";
import { QueuePageSteps } from "./queue-pages.ts";
import { restService } from "./rest.ts";
import { SnapshotPages } from "./snapshot-pages.ts";
import { Snapshots } from "./snapshots.ts";
import { logFigure, Report } from "./storage-report.ts";
import { storeModules } from "./stores.ts";
import { version } from "./version.ts";

/** What a test may put in place of the world. */
export interface ServerParts {
  /** A clock of one's own keeps the engine on this thread. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** Called once when the server stops by itself: its storage failed. The process should end; a restart recovers. */
  readonly onFatal?: (reason: Error) => void;
  /** Opens the storage in place of the one that the configuration asks for. @param onFatal for what `ServerParts.onFatal` is. */
  readonly openStorage?: (modules: readonly StoreModule[], onFatal: (reason: unknown) => void) => OpenedStorage;
  readonly blobs?: BlobStore;
}

export interface OpenedStorage {
  readonly storage: Storage;
  /** Engine time. */
  readonly clock: Clock;
}

export interface Server {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  readonly config: ServerConfig;
  readonly health: Health;
  /** Answers a request without a socket. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Answers what has been asked, then closes everything. */
  stop(): Promise<void>;
}

/**
 * Builds and starts a server.
 * @throws {CannotOpen} the data directory cannot be used. @throws {BadSetting} @throws the error of `listen`.
 */
export async function startServer(config: ServerConfig, parts: ServerParts = {}): Promise<Server> {
  const stack = new Stack();
  try {
    return await build(config, parts, stack);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** All of a server but its sockets. */
export type Core = Pick<Server, "health" | "handle"> & { readonly logger: Logger };

async function build(config: ServerConfig, parts: ServerParts, stack: Stack): Promise<Server> {
  const { health, handle, logger } = await buildCore(config, parts, stack);
  const limits = { ...HTTP_LIMITS, connectionsMax: connectionsMax() };
  const http = createHttpServer(handle, { limits, clock: systemClock(), logger });
  const endpoint = await listen(http, config);
  return { endpoint, config, health, handle, stop: () => close(http, stack) };
}

/**
 * Builds a server that answers through `handle` alone.
 * @param stack is given what must be stopped, also where this throws. @throws {CannotOpen} @throws {BadSetting}
 */
export async function buildCore(config: ServerConfig, parts: ServerParts, stack: Stack): Promise<Core> {
  const random = parts.random ?? systemRandom;
  const { storage, clock } = await startStorage(config, parts);
  stack.add(() => storage.stop()); // Ends the waits of long polls, too.
  const logger = parts.logger ?? jsonLogger(clock, config.logLevel);

  const credentials = config.credentials === undefined ? [] : readCredentials(config.credentials);
  const exposed = config.credentials === undefined ? undefined : exposureOfCredentials(config.credentials);
  if (exposed !== undefined) logger.warn("credentials file exposed", { file: config.credentials, reason: `It ${exposed}` });
  const mode = credentials.length > 0 ? "keys" : "dev";
  const queues = createQueues({ storage, random, ownAccountAsked: mode === "keys" });
  const meter = new Meter();
  const data = config.memory ? undefined : config.data;
  const topics = createTopics({ storage, clock, random, reports: deliveryReports({ logger, meter }), signer: signingKey(data, clock) });
  const events = eventTargets({ queues, topics }, { logger, meter });
  const blobs = parts.blobs ?? (config.memory ? blobMemory() : blobFiles(join(config.data, "blobs"), fatal(parts)));
  const report = new Report(storage.report);
  const reported = { logger, report: (name: string, value: number) => report.set(name, value) };
  const objects = createObjects({ storage, blobs, clock, random, ...reported, events, baseHosts: config.baseHost });
  await objects.start();
  stack.add(() => objects.stop());
  const snapshots = new Snapshots({ data, blobs, holdBlobs: () => objects.holdBlobs(), clock, random, logger });
  stack.add(() => snapshots.stop());
  const bucketOfHost = (host: string) => objects.bucketOfHost(host);
  const verifier = createVerifier({ clock, credentials, mode, defaultRegion: config.region, defaultAccount: config.account, bucketOfHost });

  const exactScope = mode === "keys";
  const health = describe(config, mode);
  const queuesApi = compileApi(queues.api);
  const asked = { verifier, exactScope };
  const token = config.metricsTokenFile === undefined ? undefined : readMetricsToken(config.metricsTokenFile);
  const metrics = new MetricsPage({ meter, report, measure: queues.store.measure, verifier, keys: mode === "keys", token });
  const handle = createPipeline({
    apis: [queuesApi, compileApi(topics.api)],
    objects: restService(objects, verifier, exactScope),
    ...asked,
    guard: mode === "keys" ? undefined : hostGuard({ hosts: knownHosts(config), baseHosts: config.baseHost }),
    queuePages: new QueuePageSteps({ pages: queues.pages, api: queuesApi, developerApi: compileApi(queues.developerApi), ...asked }),
    snapshotPages: new SnapshotPages({ snapshots, api: queuesApi, ...asked, account: config.account, version: health.version }),
    ownPages: createOwnPages({
      health,
      report,
      metrics,
      certificateAt: (path) => topics.certificateAt(path),
      consoleDirectory: CONSOLE_DIRECTORY,
    }),
    publicUrl: config.publicUrl,
    proxies: new TrustedProxies(config.trustedProxy),
    clock,
    random,
    logger,
    meter,
  });
  return { health, handle, logger };
}

async function startStorage(config: ServerConfig, parts: ServerParts): Promise<OpenedStorage> {
  const onFatal = fatal(parts);
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
    const modules = storeModules(settings, logger);
    const engine = startInline({ directory, modules, ballastBytes, ...clock, onFatal, onFigure });
    return { storage: engine, clock: engine.clock };
  }
  const entry = new URL(import.meta.url.endsWith(".ts") ? "./storage-thread.ts" : "./storage-thread.js", import.meta.url);
  const data = { ...settings, directory: config.data, ballastBytes, logLevel: config.logLevel };
  const storage = await startStorageThread(entry, { data, onFatal, onFigure });
  return { storage, clock: systemClock(storage.ready.highWaterMs) };
}

/** What cannot be acknowledged any more ends the server, once. */
function fatal({ onFatal }: ServerParts): (reason: unknown) => void {
  return (reason) => onFatal?.(reason instanceof Error ? reason : new Error(String(reason)));
}

/** On two processors the crossing costs as much as the engine itself: docs/decisions/0006-where-the-engine-runs.md. */
function wantsStorageThread({ storageThread }: ServerConfig): boolean {
  return storageThread === "auto" ? availableParallelism() > 2 : storageThread === "on";
}

const CONSOLE_DIRECTORY = fileURLToPath(new URL("../../console/public", import.meta.url));

function describe(config: ServerConfig, mode: "keys" | "dev"): Health {
  return {
    version: version(),
    durability: config.memory ? "memory" : "durable",
    authentication: mode === "dev" && config.insecureNoAuth ? "none" : mode,
    bodies: config.masterKey === undefined ? "plain" : "encrypted",
    services: ["queues", "topics", "objects"],
  };
}

function knownHosts(config: ServerConfig): string[] {
  const fromUrl = config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname];
  return [config.host, ...config.allowHost, ...config.baseHost, ...fromUrl];
}

function listen(http: HttpServer, { port, host }: ServerConfig): Promise<string> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    http.listen({ port, host, backlog: 4096 }, () => {
      http.off("error", reject);
      const address = http.address() as AddressInfo;
      resolve(`http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`);
    });
  });
}

/** Takes no new connection, answers what has been asked, and only then cuts what is still open. */
async function close(http: HttpServer, parts: Stack): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  await parts.stop();
  await new Promise((resolve) => setImmediate(resolve)); // The last answers are written in this turn.
  http.closeAllConnections();
  await closed;
}
