/**
 * Millrace in your process.
 *
 *     import { startServer } from "millrace";
 *     const server = await startServer({ port: 0, memory: true });
 *     const sqs = new SQSClient(server.clientConfig());
 */
import { clientConfigOf, type ClientConfig } from "./server/client-config.ts";
import { configWith, type ServerConfig } from "./server/config.ts";
import { startServer as start, type Server } from "./server/server.ts";

export type { ServerConfig } from "./server/config.ts";
export type { ClientConfig } from "./server/client-config.ts";
export { BadSetting } from "./server/config.ts";
export { CannotOpen } from "./storage/sqlite/index.ts";

export interface RunningServer extends AsyncDisposable {
  /** `http://127.0.0.1:4566` */
  readonly endpoint: string;
  clientConfig(): ClientConfig;
  stop(): Promise<void>;
}

/**
 * Starts a server and resolves when it serves.
 * @param changes what differs from the defaults that `millrace serve` has.
 * @throws {BadSetting} @throws {CannotOpen}
 */
export async function startServer(changes: Partial<ServerConfig> = {}): Promise<RunningServer> {
  const config = configWith(changes);
  return runningServer(await start(config));
}

function runningServer(server: Server): RunningServer {
  return {
    endpoint: server.endpoint,
    clientConfig: () => clientConfigOf(server),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
