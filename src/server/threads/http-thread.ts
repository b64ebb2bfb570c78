/** A further HTTP thread: its own sockets and services, and the storage that all share. Loaded by `http-threads.ts`. */
import type { Server } from "node:http";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { assert } from "../../kernel/assert.ts";
import { receivedClock, systemClock } from "../../kernel/clock.ts";
import { loggerInto } from "../../kernel/logger.ts";
import { systemRandom } from "../../kernel/random.ts";
import { sentError } from "../../kernel/sent-error.ts";
import { blobFiles } from "../../services/objects/index.ts";
import { PortClient } from "../../storage/sqlite/port-client.ts";
import { createHttpServer, HTTP_LIMITS, keepFewParsers } from "../http.ts";
import { answering, createServices, type Services } from "../services.ts";
import { Calls, type Line } from "./calls.ts";
import { listen } from "./listening.ts";
import type { Beginning, OnFirst, OnThread } from "./messages.ts";
import { Relay } from "./relay.ts";
import { limitTogether } from "./shared-connections.ts";
import { shed } from "./shedding.ts";

class HttpThread implements OnThread {
  readonly #first: Calls<OnThread, OnFirst>;
  #relay: Relay | undefined;
  #http: Server | undefined;
  #services: Services | undefined;
  #storage: PortClient | undefined;
  #quiet: Promise<void> | undefined;

  private constructor(first: Line) {
    this.#first = new Calls<OnThread, OnFirst>(first, this);
  }

  /** @param first the line to the first thread. */
  static serve(first: Line): HttpThread {
    return new HttpThread(first);
  }

  async begin(beginning: Beginning): Promise<void> {
    const first = this.#first;
    const { config, credentials, health } = beginning;
    const logger = loggerInto(config.logLevel, (level, event, fields) => first.tell("log", { level, event, fields }));
    const storage = new PortClient(beginning.storage);
    const blobs = blobFiles(join(config.data, "blobs"), (reason) => first.tell("fatal", sentError(reason)));
    const report = (name: string, value: number) => first.tell("report", { name, value });
    const clock = receivedClock(beginning.time);
    const threads = { severalThreads: true, joins: beginning.objects };
    const wakeDeliveries = () => first.tell("wakeDeliveries", null);
    const options = { config, credentials, storage, blobs, clock, random: systemRandom, logger, report, threads, wakeDeliveries };
    const services = createServices(options);
    const relay = new Relay(first);
    keepFewParsers();
    const handle = answering(services, options, { health });
    const http = createHttpServer((request) => (relay.concerns(request) ? relay.answer(request) : handle(request)), {
      limits: { ...HTTP_LIMITS, connectionsMax: Infinity }, // Limited together.
      clock: systemClock(),
      logger,
    });
    limitTogether(http, beginning.connections, { logger, clock: systemClock() });
    [this.#relay, this.#http, this.#services, this.#storage] = [relay, http, services, storage];
    await listen(http, { host: config.host, port: beginning.port }, true);
  }

  async heldOf(blobs: readonly string[]): Promise<readonly string[]> {
    return this.#services?.objects.heldOf(blobs) ?? [];
  }

  figures(): ReturnType<OnThread["figures"]> {
    return this.#services?.meter.figures() ?? { series: [], deliveries: [], topics: [], inProgress: 0 };
  }

  shed(): void {
    if (this.#http !== undefined) shed(this.#http, systemClock());
  }

  quiet(): void {
    const http = this.#http;
    if (http === undefined) return;
    this.#quiet = new Promise((resolve) => http.close(() => resolve()));
    http.closeIdleConnections();
    this.#storage?.hurry();
  }

  async close(): Promise<void> {
    await this.#storage?.closed;
    await new Promise((resolve) => setImmediate(resolve)); // The last answers are written in this turn.
    this.#http?.closeAllConnections();
    await this.#quiet;
  }

  async relayedBody({ relay, bytesMax }: { relay: number; bytesMax: number }): Promise<Uint8Array> {
    return this.#relay?.bytes(relay, bytesMax) ?? new Uint8Array();
  }
}

assert(parentPort !== null, "this module is a thread's own");
HttpThread.serve(parentPort);
