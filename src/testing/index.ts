/**
 * Millrace for tests: a server in your process whose time moves only when the test says so, and handlers whose messages move
 * only then. For any test runner; nothing here knows of one. See README.md.
 */
export type { ManualClock } from "../kernel/clock.ts";
export type { ClientConfig } from "../server/client-config.ts";
export type { Emitted } from "./emitted.ts";
export type { CrashPoint, Faults } from "./network.ts";
export type { DeadLetter } from "./queues.ts";
export { testConsumer, type SendOptions, type TestClock, type TestConsumer, type TestConsumerOptions } from "./test-consumer.ts";
export { startTestServer, type TestServer, type TestServerOptions } from "./test-server.ts";
export { testPipeline, type TestPipeline, type TestPipelineOptions } from "./test-pipeline.ts";
