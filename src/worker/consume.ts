import { assert } from "../kernel/assert.ts";
import { systemClock, type Clock } from "../kernel/clock.ts";
import { jsonLogger } from "../kernel/logger.ts";
import { systemRandom } from "../kernel/random.ts";
import { awsSqs, clientFromEnvironment } from "./aws.ts";
import { settingsOf, type ConsumeOptions } from "./options.ts";
import { IsolatedHandler, moduleOf } from "./isolation/isolated-handler.ts";
import { stopOnSignals } from "./signals.ts";
import { Worker } from "./worker.ts";

/**
 * Works on a queue until it is stopped: every message goes to `run`, is deleted when `run` resolves, and comes back later
 * when it throws. Starts at once, also while the server or the queue is not there yet.
 * @param queue URL or name of an SQS queue.
 * @throws {AssertionFailed} when an option is out of its range.
 */
export function consume<Message = unknown, Output extends string = never>(queue: string, options: ConsumeOptions<Message, Output>): Worker {
  const clock = options.clock ?? systemClock();
  const isolated = isolatedOf(options, clock);
  const settings = settingsOf(isolated === undefined ? options : { ...options, run: isolated.run });
  const log = options.logger ?? jsonLogger(clock, "info");
  const client = options.client ?? clientFromEnvironment(settings.concurrency);
  const worker = new Worker(queue, settings, { sqs: awsSqs(client), clock, random: options.random ?? systemRandom, log });
  if (options.client === undefined) void worker.stopped.then(() => client.destroy());
  if (isolated !== undefined) void worker.stopped.then(() => isolated.close());
  if (options.signals ?? true) stopOnSignals(worker, { host: process, log });
  return worker;
}

/** The handler of a module, for its own threads or processes; `undefined` where it is a function. */
function isolatedOf<Message, Output extends string>(options: ConsumeOptions<Message, Output>, clock: Clock): IsolatedHandler | undefined {
  const { run, isolation = "thread" } = options;
  if (!(run instanceof URL)) {
    assert(options.isolation === undefined, "isolation needs run to be the URL of a module, which other threads can load");
    return undefined;
  }
  return new IsolatedHandler({ ...moduleOf(run), isolation, clock });
}
