import { manualClock, type ManualClock } from "../kernel/clock.ts";
import { silentLogger } from "../kernel/logger.ts";
import { seededRandom } from "../kernel/random.ts";
import { configWith, type ServerConfig } from "../server/config.ts";
import { startServer } from "../server/server.ts";
import { clientConfigOf, type ClientConfig } from "../server/client-config.ts";

export interface TestServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly clock: ManualClock;
  clientConfig(): ClientConfig;
  stop(): Promise<void>;
}

export interface TestServerOptions extends Partial<ServerConfig> {
  /** Seeds message ids and the like, so that a run can be repeated; 1 by default. */
  readonly seed?: number;
  /** Epoch milliseconds at which the clock stands first; the first of January 2026 by default. */
  readonly startMs?: number;
}

/**
 * Starts a server in memory on a free port.
 *
 *     await using server = await startTestServer();
 *     const sqs = new SQSClient(server.clientConfig());
 *     server.clock.advance(30_000); // Visibility timeouts end now, not in half a minute.
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { seed = 1, startMs, ...changes } = options;
  const clock = manualClock(startMs);
  const config = configWith({ port: 0, memory: true, coolDown: false, ...changes });
  const server = await startServer(config, { clock, random: seededRandom(seed), logger: silentLogger });
  return {
    endpoint: server.endpoint,
    clock,
    clientConfig: () => clientConfigOf(server),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}
