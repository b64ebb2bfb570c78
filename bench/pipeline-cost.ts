/**
 * What does a stage of a pipeline take of a processor for each message, besides what its handler takes?
 *
 *     node --conditions=millrace-source bench/pipeline-cost.ts [messages] [rounds]
 *
 * Messages go through two stages whose handlers do next to nothing: the first hands on, the second takes. The processor time of
 * the process that works on them (`process.cpuUsage`: all its threads, user and system) is divided by messages and stages, with nothing
 * taken off. In it: receiving, parsing, validating by zod, the claim record (with `idempotency`: it is taken, committed and
 * marked as published, three conditional writes to the object store; two where nothing is put out), the handler, publishing, deleting,
 * heartbeats. Not in it: the server, and sending the messages that the first stage begins with. Ends with 1 where a plain stage takes
 * more than 1 ms.
 */
import { z } from "zod";
import { silentLogger } from "../src/kernel/logger.ts";
import { definePipeline } from "../src/worker/index.ts";
import { CREDENTIALS, served } from "./served.ts";
import { ranged, spread } from "./statistics.ts";

const CPU_MS_MAX = 1;

const Work = z.object({ n: z.number(), name: z.string() });

/** Handlers at a time in each stage, and how many messages wait in the first before it starts. */
const CONCURRENCY = 10;

/** Sent at a time; that is not measured. */
const SENDS = 50;

function twoStages(name: string, idempotent: boolean) {
  const idempotency = idempotent ? { idempotency: { key: (m: { n: number }) => String(m.n) } } : {};
  return definePipeline(name, (p) => {
    const first = p.stage("first", { input: Work, outputs: { done: Work }, ...idempotency, run: (m, ctx) => ctx.emit("done", m) });
    const second = p.stage("second", { input: Work, ...idempotency, run: () => undefined });
    first.on.done.to(second);
    return { first };
  });
}

type Works = ReturnType<typeof twoStages>;

/** @returns milliseconds of processor time for each message and stage, and messages a second through both. */
async function measure(works: Works, from: number, count: number): Promise<{ cpuMs: number; rate: number }> {
  for (let sent = 0; sent < count; sent += SENDS)
    await Promise.all(
      Array.from({ length: Math.min(SENDS, count - sent) }, async (_, index) => {
        const n = from + sent + index;
        await works.send("first", { n, name: `photo ${n}` });
      }),
    );
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const workers = works.work({ concurrency: CONCURRENCY, signals: false });
  const finished = Promise.withResolvers<void>();
  let left = 2 * count;
  for (const worker of workers.workers.values())
    worker.on("succeeded", () => {
      left -= 1;
      if (left === 0) finished.resolve();
    });
  await finished.promise;
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedMs) / 1000;
  await workers.stop();
  return { cpuMs: (user + system) / 1000 / (2 * count), rate: count / seconds };
}

async function main(messages: number, rounds: number): Promise<void> {
  await using server = await served("pipeline-cost");
  const aws = { ...CREDENTIALS, endpoint: server.endpoint };
  const kinds = { plain: false, idempotent: true };
  const pipelines: { name: string; works: Works; cpuMs: number[]; rates: number[] }[] = [];
  for (const [name, idempotent] of Object.entries(kinds)) {
    const works = twoStages(name, idempotent).with({ aws, logger: silentLogger });
    await works.ensure();
    // The compiler of Node has seen everything by then.
    await measure(works, 0, Math.ceil(messages / 2));
    pipelines.push({ name, works, cpuMs: [], rates: [] });
  }
  for (let round = 1; round <= rounds; round += 1)
    for (const { works, cpuMs, rates } of pipelines) {
      const measured = await measure(works, round * messages, messages);
      cpuMs.push(measured.cpuMs);
      rates.push(measured.rate);
    }
  console.log(`${messages} messages through two stages, ${rounds} rounds, ${CONCURRENCY} slots a stage\n`);
  console.log("| Stages | processor time of the worker, a message and stage | messages/s through both |\n|---|---|---|");
  for (const { name, works, cpuMs, rates } of pipelines) {
    const cpu = spread(cpuMs);
    if (name === "plain" && cpu.median > CPU_MS_MAX) process.exitCode = 1;
    console.log(`| ${name} | ${ranged(cpu, (ms) => `${ms.toFixed(2)} ms`)} | ${ranged(spread(rates), (rate) => rate.toFixed(0))} |`);
    await works[Symbol.asyncDispose]();
  }
}

await main(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 5));
