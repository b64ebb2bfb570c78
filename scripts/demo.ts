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
import { settingsOf } from "../examples/photos/src/settings.ts";
import { PhotoClient } from "./demo/client.ts";
import type { SeenBatch } from "./demo/client.ts";
import { Evidence, faultsOf } from "./demo/evidence.ts";
import { Fleet, freePort } from "./demo/fleet.ts";
import { demoOrders } from "./demo/orders.ts";
import type { Order } from "./demo/orders.ts";
import { ProgressBar, tableOf, totalsOf } from "./demo/report.ts";

const OUT = new URL("../out/", import.meta.url).pathname;
const LOOK_EVERY_MS = 150;
const TIME_MS_MAX = 180_000;
/** Shares of the photos after which the disasters come. */
const WORKER_DIES_AT = 0.2;
const SERVER_DIES_AT = 0.5;

const FINAL = new Set(["done", "unusable", "failed"]);
const over = ({ photos }: SeenBatch): number => photos.filter(({ stage }) => FINAL.has(stage)).length;

/** Uploads everything and asks for it, as the page does. */
async function orderAll(client: PhotoClient, orders: readonly Order[]): Promise<SeenBatch> {
  const photos = [];
  for (const order of orders) photos.push({ uploadId: await client.upload(order), name: order.name, operations: order.operations });
  return await client.order(randomUUID(), photos);
}

/** Watches the batch to its end and brings about the disasters on the way. */
async function watch(client: PhotoClient, fleet: Fleet, first: SeenBatch): Promise<SeenBatch> {
  const bar = new ProgressBar(process.stdout);
  const total = first.photos.length;
  const disasters = [
    { at: WORKER_DIES_AT, role: "server-a", text: "a worker (server A)" },
    { at: SERVER_DIES_AT, role: "server", text: "the Millrace server itself" },
  ] as const;
  const pending = [...disasters];
  const replaced: Promise<void>[] = [];
  const untilMs = Date.now() + TIME_MS_MAX;
  for (let batch = first; ; batch = await client.look(first.batchId)) {
    bar.show(over(batch), total);
    const [next] = pending;
    if (next !== undefined && over(batch) >= next.at * total) {
      pending.shift();
      bar.say(`  ✗ killing ${next.text} at ${over(batch)} of ${total}`);
      replaced.push(
        fleet.killAndReplace(next.role).then(({ killed, started }) => bar.say(`  ✓ process ${killed} is replaced by ${started}`)),
      );
    }
    if (over(batch) === total || Date.now() > untilMs) {
      await Promise.all(replaced);
      bar.end();
      return batch;
    }
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

const dataDirectory = mkdtempSync(join(tmpdir(), "millrace-demo-"));
const [serverPort, webPort] = [await freePort(), await freePort()];
const complaints: string[] = [];
const fleet = new Fleet({ dataDirectory, serverPort, webPort, onComplaint: (line) => complaints.push(line) });

async function demonstrate(): Promise<boolean> {
  const orders = demoOrders();
  console.log("Starting the Millrace server, the web tier, two servers A and one server B …");
  await fleet.start("server", "web", "server-a", "server-a", "server-b");
  const settings = settingsOf({ AWS_ENDPOINT_URL: `http://127.0.0.1:${serverPort}` });
  const evidence = new Evidence(connect(settings, {}), settings.names);
  const client = new PhotoClient(`http://127.0.0.1:${webPort}`);
  console.log(`Sending ${orders.length} files, two of which are no photos …`);
  const startedMs = Date.now();
  const batch = await watch(client, fleet, await orderAll(client, orders));
  const tookMs = Date.now() - startedMs;
  const waiting = await emptied(evidence);
  const runs = await evidence.runs();
  const faults = faultsOf(orders, batch.photos, await evidence.keys("results/"));
  if (waiting > 0) faults.push(`${waiting} messages are still in the queues`);
  const dead = await evidence.keys("dead/");
  if (dead.length > 0) faults.push(`${dead.length} messages died`);
  const saved = await save(client, batch);
  console.log(`\n${tableOf(orders, batch.photos, runs)}\n\n${totalsOf(runs)}`);
  console.log(`  ${saved} results in ${OUT}, ${(tookMs / 1000).toFixed(1)} s from the first upload to the last photo.`);
  for (const fault of faults) console.log(`  FAULT: ${fault}`);
  console.log(faults.length === 0 ? "\nEvery result is there exactly once." : `\n${faults.length} faults.`);
  return faults.length === 0;
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
