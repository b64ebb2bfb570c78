/** The load generator: a process that takes a job as its argument, does it and prints the measurement as one line. */
import { setTimeout as pause } from "node:timers/promises";
import type { Job, Measurement } from "./job.ts";
import { Recorder } from "./recorder.ts";
import { messagesOf, SCENARIOS } from "./scenarios.ts";
import { awsSubject } from "./subjects/aws.ts";
import { echoSubject } from "./subjects/echo.ts";
import { engineSubject } from "./subjects/engine.ts";
import type { Subject } from "./subjects/subject.ts";
import { topicSubject } from "./subjects/topic.ts";

function open({ subject, bodyBytes }: Job): Promise<Subject> {
  switch (subject.kind) {
    case "aws":
      return awsSubject({ ...subject, bodyBytes });
    case "topic":
      return topicSubject(subject);
    case "echo":
      return echoSubject({ ...subject, bodyBytes });
    case "engine":
      return engineSubject({ ...subject, bodyBytes });
  }
}

/** Connections that are being opened at once: fewer than a listener's backlog. */
const OPENING_MAX = 500;

/** Runs so many at once; the others wait for their turn. */
function limited(max: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await run();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}

async function measure(job: Job, subject: Subject): Promise<Measurement> {
  const recorder = new Recorder(subject.pid);
  let left = job.messagesMax ?? Infinity;
  const over = new AbortController();
  const opening = limited(OPENING_MAX);
  const client = async (): Promise<void> => {
    const turn = await SCENARIOS[job.scenario](() => opening(() => subject.open()), recorder);
    while (!over.signal.aborted && left > 0) {
      left -= messagesOf(job.scenario);
      await turn();
    }
  };
  const clients = Promise.all(Array.from({ length: job.connections }, client));
  // Whichever comes first; a timer that is left over keeps nobody waiting.
  await Promise.race([pause(job.warmUpSeconds * 1000, undefined, { ref: false }), clients]);
  recorder.open();
  await Promise.race([pause(job.seconds * 1000, undefined, { ref: false }), clients]);
  const measurement = recorder.close(subject.replyBytes);
  over.abort();
  await clients;
  return measurement;
}

try {
  const job = JSON.parse(process.argv[2] ?? "") as Job;
  const subject = await open(job);
  const measurement = await measure(job, subject);
  await subject.close();
  console.log(JSON.stringify(measurement));
} catch (error) {
  // One sentence for the results; other connections may still be at it.
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
