import { mkdtempSync, rmSync } from "node:fs";
import { request, type Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, type ManualClock } from "../../src/kernel/clock.ts";
import { jsonLogger, type Logger } from "../../src/kernel/logger.ts";
import { configWith, type ServerConfig } from "../../src/server/config.ts";
import { startServer, type Server } from "../../src/server/server.ts";

/** A server of several threads, and requests that each come over a connection of its own: the system spreads them. */
export interface Scene {
  readonly server: Server;
  readonly clock: ManualClock;
  readonly directory: string;
  /** What it has logged: the events of its lines. */
  readonly logged: string[];
  /** One action of SQS. */
  readonly sqs: (action: string, input: object) => Promise<Record<string, unknown>>;
  readonly ask: (method: string, path: string, options?: Asked) => Promise<Answer>;
}

export interface Asked {
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** By default each request has a connection of its own. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  /** Of the connection, on this side. */
  readonly localPort: number;
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

/** Runs the body with a server of so many threads, the engine beside the first as wherever a test owns the clock. */
export function together(threads: number, body: (scene: Scene) => Promise<void>, config: Partial<ServerConfig> = {}): () => Promise<void> {
  return async () => {
    const directory = mkdtempSync(join(tmpdir(), "millrace-threads-"));
    const clock = manualClock();
    const logged: string[] = [];
    const changes = { port: 0, data: join(directory, "data"), httpThreads: threads, coolDown: false, ...config };
    const server = await startServer(configWith(changes), { clock, logger: loggerInto(clock, logged) });
    try {
      await body(sceneOf(server, { clock, logged, directory }));
    } finally {
      await server.stop();
      rmSync(directory, { recursive: true });
    }
  };
}

function loggerInto(clock: ManualClock, lines: string[]): Logger {
  const write = (event: string) => void lines.push(event);
  return { ...jsonLogger(clock, "error"), warn: write, error: write };
}

function sceneOf(server: Server, rest: Pick<Scene, "clock" | "logged" | "directory">): Scene {
  const ask: Scene["ask"] = (method, path, options) => asked(server.endpoint, { method, path, ...options });
  return {
    server,
    ...rest,
    ask,
    async sqs(action, input) {
      const headers = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
      const { status, body } = await ask("POST", "/", { headers, body: JSON.stringify(input) });
      if (status !== 200) throw new Error(`${action}: ${status} ${body.toString()}`);
      return JSON.parse(body.toString()) as Record<string, unknown>;
    },
  };
}

export function asked(endpoint: string, options: Asked & { method: string; path: string }): Promise<Answer> {
  const { hostname, port } = new URL(endpoint);
  const { method, path, headers = {}, body, signal, agent = false } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, agent, ...(signal === undefined ? {} : { signal }) }, (answer) => {
      const chunks: Buffer[] = [];
      const { localPort = 0 } = answer.socket;
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, localPort, headers: answer.headers, body: Buffer.concat(chunks) }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
