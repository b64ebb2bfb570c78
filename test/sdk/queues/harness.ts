import { test } from "node:test";
import assert from "node:assert/strict";
import { manualClock, type ManualClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { configWith, type ServerConfig } from "../../../src/server/config.ts";
import { startServer } from "../../../src/server/server.ts";
import { jsonProtocol, queryProtocol, type Actions, type Output, type Protocol } from "./protocols.ts";
import { Refused } from "./query-protocol.ts";

/** A server of its own for one test, and one protocol to speak with it. */
export interface Scene {
  readonly endpoint: string;
  readonly clock: ManualClock;
  readonly protocol: Protocol["name"];
  readonly call: Protocol["call"];
  /** What the server refuses the call with: code, status and text. */
  readonly refusal: <A extends keyof Actions>(
    action: A,
    input: Actions[A][0],
  ) => Promise<{ code: string; status: number; message: string }>;
  /** Creates a queue and returns its URL. */
  readonly queue: (attributes?: Record<string, string>, name?: string) => Promise<string>;
  /** Sends messages with these bodies, in order. */
  readonly send: (queueUrl: string, ...bodies: string[]) => Promise<void>;
  /** Receives up to ten messages with all that can be asked of them. */
  readonly receive: (queueUrl: string, options?: Partial<Actions["ReceiveMessage"][0]>) => Promise<Message[]>;
  /** Bodies of a receive of up to ten. */
  readonly bodies: (queueUrl: string, options?: Partial<Actions["ReceiveMessage"][0]>) => Promise<(string | undefined)[]>;
}

export type Message = NonNullable<Output<"ReceiveMessage">["Messages"]>[number];

/** The same test twice: once through the AWS SDK, once through the Query protocol; each on a fresh server. */
export function onBothProtocols(name: string, run: (scene: Scene) => Promise<void>, config: Partial<ServerConfig> = {}): void {
  for (const connect of [jsonProtocol, queryProtocol]) {
    const { name: protocol } = connect("http://127.0.0.1");
    test(`${name} [${protocol}]`, { timeout: 20_000 }, () => withScene(connect, config, run));
  }
}

async function withScene(
  connect: (endpoint: string) => Protocol,
  config: Partial<ServerConfig>,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const clock = manualClock();
  const server = await startServer(configWith({ port: 0, memory: true, ...config }), { clock, logger: silentLogger });
  const protocol = connect(server.endpoint);
  try {
    await run(sceneOf(protocol, { endpoint: server.endpoint, clock }));
  } finally {
    protocol.close();
    await server.stop();
  }
}

function sceneOf({ name: protocol, call }: Protocol, { endpoint, clock }: { endpoint: string; clock: ManualClock }): Scene {
  const receive: Scene["receive"] = async (QueueUrl, options) => {
    const everything = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const], MessageAttributeNames: ["All"] };
    return (await call("ReceiveMessage", { QueueUrl, ...everything, ...options })).Messages ?? [];
  };
  return {
    endpoint,
    clock,
    protocol,
    call,
    receive,
    async refusal(action, input) {
      try {
        await call(action, input);
      } catch (failure) {
        if (!(failure instanceof Refused)) throw failure;
        return { code: failure.code, status: failure.status, message: failure.message };
      }
      return assert.fail(`${action} was not refused`);
    },
    async queue(attributes, name = "orders") {
      const { QueueUrl } = await call("CreateQueue", { QueueName: name, Attributes: attributes });
      assert.ok(QueueUrl !== undefined);
      return QueueUrl;
    },
    async send(QueueUrl, ...bodies) {
      for (const MessageBody of bodies) await call("SendMessage", { QueueUrl, MessageBody });
    },
    bodies: async (queueUrl, options) => (await receive(queueUrl, options)).map(({ Body }) => Body),
  };
}
