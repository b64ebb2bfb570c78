import type { Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { systemClock, sentTime, type Clock } from "../kernel/clock.ts";
import { Stack } from "../kernel/lifecycle.ts";
import { jsonLogger, type Logger } from "../kernel/logger.ts";
import { systemRandom, type Random } from "../kernel/random.ts";
import { blobFiles, blobMemory, type BlobStore } from "../services/objects/index.ts";
import type { StoreModule } from "../storage/sqlite/index.ts";
import type { Storage } from "../storage/storage.ts";
import type { HttpRequest, HttpResponse } from "../wire/http.ts";
import type { ServerConfig } from "./config.ts";
import { connectionsMax } from "./connections.ts";
import { exposureOfCredentials, readCredentials } from "./credentials.ts";
import { createHttpServer, HTTP_LIMITS } from "./http.ts";
import { MetricsPage, readMetricsToken } from "./metrics-page.ts";
import type { Health } from "./own-pages.ts";
import { answering, createServices } from "./services.ts";
import { SnapshotPages } from "./snapshot-pages.ts";
import { Snapshots } from "./snapshots.ts";
import { startStorage } from "./start-storage.ts";
import { Report } from "./storage-report.ts";
import { httpThreadsOf } from "./threads/how-many.ts";
import { HttpThreads, type ThreadsOptions } from "./threads/http-threads.ts";
import { listenTogether } from "./threads/listen-together.ts";
import { listen } from "./threads/listening.ts";
import { version } from "./version.ts";

/** What a test may put in place of the world. */
export interface ServerParts {
  /** A clock of one's own keeps the engine on this thread. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** Called when the server stops by itself: its storage failed, or one of its threads did (ThreadFailed). The process should end; a restart recovers. */
  readonly onFatal?: (reason: Error) => void;
  /** Opens the storage in place of the one that the configuration asks for. @param onFatal for what `ServerParts.onFatal` is. */
  readonly openStorage?: (modules: readonly StoreModule[], onFatal: (reason: unknown) => void) => OpenedStorage;
  readonly blobs?: BlobStore;
}

export interface OpenedStorage {
  readonly storage: Storage;
  /** Engine time. */
  readonly clock: Clock;
  /** A further way to the storage, for another thread. */
  readonly connect?: () => MessagePort;
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
export interface Core extends Pick<Server, "health" | "handle"> {
  readonly logger: Logger;
  /** What further threads are given. */
  readonly shared: Pick<ThreadsOptions["beginning"], "credentials" | "objects" | "time"> &
    Pick<ThreadsOptions, "connectStorage" | "report" | "wakeDeliveries">;
}

async function build(config: ServerConfig, parts: ServerParts, stack: Stack): Promise<Server> {
  const count = httpThreadsOf(config);
  let cutSockets = () => {};
  const onFailed = (reason: Error) => {
    // Never half a server: what is left of it takes no connection, and keeps none.
    cutSockets();
    void threads?.end();
    parts.onFatal?.(reason);
  };
  const threads =
    count === 1 ? undefined : new HttpThreads(count, { onFatal: fatal(parts), onFailed, onDemand: config.httpThreads === "auto" });
  // The last to stop: the threads write what the storage has answered.
  if (threads !== undefined) stack.add(() => threads.close());
  const core = await buildCore(config, { ...parts, ...(threads === undefined ? {} : { threads }) }, stack);
  const { health, handle, logger } = core;
  const limits = { ...HTTP_LIMITS, connectionsMax: threads === undefined ? connectionsMax() : Infinity };
  const http = createHttpServer(handle, { limits, clock: systemClock(), logger });
  cutSockets = () => cut(http);
  const endpoint = endpointOf(
    await (threads === undefined ? listen(http, config, false) : listenTogether(http, { config, core, threads })),
  );
  const stop = closing(http, { threads, parts: stack });
  return { endpoint, config, health, handle, stop };
}

/**
 * Builds a server that answers through `handle` alone.
 * @param parts `threads`: those that answer beside it.
 * @param stack is given what must be stopped, also where this throws. @throws {CannotOpen} @throws {BadSetting}
 */
export async function buildCore(config: ServerConfig, parts: ServerParts & { threads?: HttpThreads }, stack: Stack): Promise<Core> {
  const random = parts.random ?? systemRandom;
  const onFatal = fatal(parts);
  const { storage, clock, connect } = await startStorage(config, parts, onFatal);
  stack.add(() => storage.stop()); // Ends the waits of long polls, too.
  const logger = parts.logger ?? jsonLogger(clock, config.logLevel);

  const credentials = config.credentials === undefined ? [] : readCredentials(config.credentials);
  const exposed = config.credentials === undefined ? undefined : exposureOfCredentials(config.credentials);
  if (exposed !== undefined) logger.warn("credentials file exposed", { file: config.credentials, reason: `It ${exposed}` });
  const blobs = parts.blobs ?? (config.memory ? blobMemory() : blobFiles(join(config.data, "blobs"), onFatal));
  const report = new Report(storage.report);
  const { threads } = parts;
  const elsewhere =
    threads === undefined ? {} : { threads: { severalThreads: true, heldElsewhere: (dead: readonly string[]) => threads.heldOf(dead) } };
  const told = { logger, report: (name: string, value: number) => report.set(name, value, 0) };
  const options = { config, credentials, storage, blobs, clock, random, ...told, ...elsewhere };
  const services = createServices(options);
  const { objects, topics, verifier, mode, exactScope } = services;
  const started = await objects.start();
  await topics.start();
  stack.add(() => topics.stop());
  stack.add(() => objects.stop());
  const data = config.memory ? undefined : config.data;
  const snapshots = new Snapshots({ data, blobs, holdBlobs: () => objects.holdBlobs(), clock, random, logger });
  stack.add(() => snapshots.stop());

  const health = describe(config, mode);
  const token = config.metricsTokenFile === undefined ? undefined : readMetricsToken(config.metricsTokenFile);
  const counted = {
    meter: services.meter,
    countedElsewhere: async () => (await threads?.figures()) ?? [],
    threads: () => threads?.serving ?? 1,
  };
  const metrics = new MetricsPage({ ...counted, report, measure: services.queues.store.measure, verifier, keys: mode === "keys", token });
  const handle = answering(services, options, {
    health,
    whole: { report, metrics },
    snapshotPages: new SnapshotPages({
      snapshots,
      api: services.queuesApi,
      verifier,
      exactScope,
      account: config.account,
      version: health.version,
    }),
  });
  const connectStorage = () => connect?.() ?? cannotConnect();
  const reportOf: ThreadsOptions["report"] = (name, value, thread) => report.set(name, value, thread);
  const wakeDeliveries = () => topics.wake();
  const beginning = { credentials, objects: started, time: sentTime(clock) };
  return { health, handle, logger, shared: { ...beginning, connectStorage, report: reportOf, wakeDeliveries } };
}

function cannotConnect(): never {
  throw new Error("the storage was opened for one thread alone");
}

/** What cannot be acknowledged any more ends the server. */
function fatal({ onFatal }: ServerParts): (reason: unknown) => void {
  return (reason) => onFatal?.(reason instanceof Error ? reason : new Error(String(reason)));
}

function describe(config: ServerConfig, mode: "keys" | "dev"): Health {
  return {
    version: version(),
    durability: config.memory ? "memory" : "durable",
    authentication: mode === "dev" && config.insecureNoAuth ? "none" : mode,
    bodies: config.masterKey === undefined ? "plain" : "encrypted",
    services: ["queues", "topics", "objects"],
  };
}

function endpointOf({ family, address, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Takes no new connection, answers what has been asked, and only then cuts what is still open. */
function closing(http: HttpServer, { threads, parts }: { threads: HttpThreads | undefined; parts: Stack }): () => Promise<void> {
  return async () => {
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeIdleConnections();
    await threads?.quiet();
    await parts.stop();
    await new Promise((resolve) => setImmediate(resolve)); // The last answers are written in this turn.
    http.closeAllConnections();
    await closed;
  };
}

function cut(http: HttpServer): void {
  http.close();
  http.closeAllConnections();
}
