import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../kernel/clock.ts";
import type { ServerConfig } from "../config.ts";
import { connectionsMax } from "../connections.ts";
import type { Core } from "../server.ts";
import type { HttpThreads } from "./http-threads.ts";
import { cannotShare, listen, takePort } from "./listening.ts";
import { connectionCells, limitTogether } from "./shared-connections.ts";
import { shed } from "./shedding.ts";

export interface TogetherOptions {
  readonly config: ServerConfig;
  readonly core: Core;
  readonly threads: HttpThreads;
}

/**
 * The first thread listens, and then all others do, on the same port. Where the system cannot share one, the first stays
 * alone and says so.
 * @throws the error of `listen`, or what has kept a thread from serving; then nobody listens.
 */
export async function listenTogether(http: Server, { config, core, threads }: TogetherOptions): Promise<AddressInfo> {
  const { health, handle, logger, shared } = core;
  const connections = connectionCells(connectionsMax());
  limitTogether(http, connections, { logger, clock: systemClock() });
  const listening = await takePort(config);
  try {
    const address = await listen(http, config, true);
    const { connectStorage, report, wakeDeliveries, ...beginning } = shared;
    await threads.begin({
      beginning: { ...beginning, config, health, connections, port: address.port },
      connectStorage,
      handle,
      logger,
      report,
      wakeDeliveries,
      shed: () => shed(http, systemClock()),
    });
    return address;
  } catch (error) {
    const listened = http.listening;
    http.close();
    http.closeAllConnections();
    if (listened || !cannotShare(error)) throw error;
    const fields = { asked: threads.count, reason: "This system cannot share a port among threads" };
    if (config.httpThreads === "auto") logger.info("one HTTP thread", fields);
    else logger.warn("one HTTP thread", fields);
    await threads.end();
    return await listen(http, config, false);
  } finally {
    listening();
  }
}
