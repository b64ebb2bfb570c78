/**
 * `npm run demo`: the bundled photos go through the whole service, headless, while a worker and then the server itself are
 * killed with SIGKILL and replaced. Results are written to `out/`. Exit code 0 only if every result is there exactly once.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../examples/photos/src/aws.ts";
import { planOf } from "../examples/photos/src/plan.ts";
import { settingsOf } from "../examples/photos/src/settings.ts";
import { PhotoClient } from "./demo/client.ts";
import type { SeenBatch } from "./demo/client.ts";
import { Disasters } from "./demo/disasters.ts";
import { Evidence, faultsOf } from "./demo/evidence.ts";
import { Fleet, SLOTS, freePort } from "./demo/fleet.ts";
import { demoOptions } from "./demo/options.ts";
import type { DemoOptions } from "./demo/options.ts";
import { demoOrders } from "./demo/orders.ts";
import type { Order } from "./demo/orders.ts";
import { ProgressBar, againTable, tableOf, totalsOf } from "./demo/report.ts";

const OUT = new URL("../out/", import.meta.url).pathname;
const LOOK_EVERY_MS = 150;
const TIME_MS_MAX = 180_000;
const TIME_MS_PER_PHOTO = 3_000;
const UPLOADS_AT_ONCE = 8;
/** More rows than this are no table but a wall. */
const ROWS_MAX = 60;

const FINAL = new Set(["done", "unusable", "failed"]);
const over = ({ photos }: SeenBatch): number => photos.filter(({ stage }) => FINAL.has(stage)).length;

/** Uploads everything and asks for it, as the page does. */
async function orderAll(client: PhotoClient, orders: readonly Order[]): Promise<SeenBatch> {
  const uploadIds: string[] = [];
  for (let from = 0; from < orders.length; from += UPLOADS_AT_ONCE)
    uploadIds.push(...(await Promise.all(orders.slice(from, from + UPLOADS_AT_ONCE).map((order) => client.upload(order)))));
  const photos = orders.map(({ name, operations }, place) => ({ uploadId: uploadIds[place] ?? "", name, operations }));
  return await client.order(randomUUID(), photos);
}

/** Watches the batch to its end and brings about the disasters on the way. */
async function watch(client: PhotoClient, first: SeenBatch): Promise<{ batch: SeenBatch; workersKilled: number }> {
  const bar = new ProgressBar(process.stdout);
  const disasters = new Disasters({ fleet, killEverySeconds: options.killEverySeconds, nowMs: Date.now, say: (text) => bar.say(text) });
  const total = first.photos.length;
  const untilMs = Date.now() + TIME_MS_MAX + total * TIME_MS_PER_PHOTO;
  for (let batch = first; ; batch = await client.look(first.batchId)) {
    bar.show(over(batch), total);
    if (over(batch) === total || Date.now() > untilMs) {
      await disasters.over();
      bar.end();
      return { batch, workersKilled: disasters.workersKilled };
    }
    disasters.look(over(batch) / total);
    await pause(LOOK_EVERY_MS);
  }
}

async function save(client: PhotoClient, { batchId, photos }: SeenBatch): Promise<number> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  let count = 0;
  for (const { photoId, name, results = [] } of photos) {
    for (const result of results) {
      const bytes = await client.download(batchId, photoId, result);
      if (bytes.length !== result.bytes) throw new Error(`${result.key} has ${bytes.length} bytes and not ${result.bytes}`);
      writeFileSync(join(OUT, `${name.replace(/\.jpg$/, "")}-${result.name}.jpg`), bytes);
      count += 1;
    }
  }
  return count;
}

/** A message whose delete was under way when the server died comes back once more; it has to go, too. */
async function emptied(evidence: Evidence): Promise<number> {
  const untilMs = Date.now() + 20_000;
  for (;;) {
    const waiting = await evidence.waiting();
    if (waiting === 0 || Date.now() > untilMs) return waiting;
    await pause(LOOK_EVERY_MS);
  }
}

/** A dead worker's photos are worked on once more each, and no other. */
function assertFewExecutions(orders: readonly Order[], executions: number, workersKilled: number): string[] {
  const jobs = orders.length + orders.filter(({ operations }) => planOf(operations).later.length > 0).length;
  const most = jobs + workersKilled * SLOTS;
  console.log(`  ${jobs} jobs; ${workersKilled} workers killed with at most ${SLOTS} photos each in hand: at most ${most} executions.`);
  return executions <= most ? [] : [`${executions} executions are more than ${most}`];
}

async function demonstrate(): Promise<boolean> {
  const orders = demoOrders(options.photos);
  console.log(`Starting the Millrace server, the web tier, ${options.workers} × server A and one server B …`);
  await fleet.start("server", "web", ...Array.from({ length: options.workers }, () => "server-a" as const), "server-b");
  const settings = settingsOf({ AWS_ENDPOINT_URL: `http://127.0.0.1:${serverPort}` });
  const evidence = new Evidence(connect(settings, {}), settings.names);
  const client = new PhotoClient(`http://127.0.0.1:${webPort}`);
  console.log(`Sending ${orders.length} files, ${orders.filter(({ isUsable }) => !isUsable).length} of which are no photos …`);
  const startedMs = Date.now();
  const { batch, workersKilled } = await watch(client, await orderAll(client, orders));
  const tookMs = Date.now() - startedMs;
  const waiting = await emptied(evidence);
  const runs = await evidence.runs();
  const faults = faultsOf(orders, batch.photos, await evidence.keys("results/"));
  if (waiting > 0) faults.push(`${waiting} messages are still in the queues`);
  const dead = await evidence.keys("dead/");
  if (dead.length > 0) faults.push(`${dead.length} messages died`);
  const saved = await save(client, batch);
  const shown = orders.length <= ROWS_MAX ? tableOf(orders, batch.photos, runs) : againTable(orders, batch.photos, runs);
  console.log(`\n${shown}\n\n${totalsOf(runs)}`);
  // After the server's death a worker may not know whether its last deletes were heard; that is counted, not limited.
  if (options.killEverySeconds > 0) faults.push(...assertFewExecutions(orders, runs.length, workersKilled));
  console.log(`  ${saved} results in ${OUT}, ${(tookMs / 1000).toFixed(1)} s from the first upload to the last photo.`);
  for (const fault of faults) console.log(`  FAULT: ${fault}`);
  console.log(faults.length === 0 ? "\nEvery result is there exactly once." : `\n${faults.length} faults.`);
  return faults.length === 0;
}

const options = readOptions();
const dataDirectory = mkdtempSync(join(tmpdir(), "millrace-demo-"));
const [serverPort, webPort] = [await freePort(), await freePort()];
const complaints: string[] = [];
const fleet = new Fleet({ dataDirectory, serverPort, webPort, onComplaint: (line) => complaints.push(line) });

function readOptions(): DemoOptions {
  try {
    return demoOptions(process.argv.slice(2));
  } catch (failure) {
    console.error(failure instanceof Error ? failure.message : failure);
    return process.exit(2);
  }
}

const stop = async (code: number): Promise<never> => {
  await fleet.stop();
  rmSync(dataDirectory, { recursive: true, force: true });
  process.exit(code);
};
process.once("SIGINT", () => void stop(130));
process.once("SIGTERM", () => void stop(143));
try {
  await stop((await demonstrate()) ? 0 : 1);
} catch (failure) {
  console.error(failure);
  console.error(complaints.slice(-40).join("\n"));
  await stop(1);
}
