/** The web tier as a process: the page, its requests, and the status of every photo. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { DEAD_LETTER_ATTRIBUTE, consume } from "millrace/worker";
import { connect } from "./aws.ts";
import { nowMs } from "./clock.ts";
import { PhotoResponse } from "./jobs.ts";
import { log } from "./log.ts";
import { S3Objects } from "./s3-objects.ts";
import { senderOf } from "./sender.ts";
import { settingsOf } from "./settings.ts";
import { allowUploadsFrom, setUp } from "./setup.ts";
import { archiveRoute } from "./web/archive.ts";
import { batchRoutes } from "./web/batches.ts";
import { Book } from "./web/book.ts";
import { buryDeadLetter } from "./web/dead-letters.ts";
import { eventsRoute } from "./web/events.ts";
import { hostsOf, originsOf } from "./web/guard.ts";
import { Orders } from "./web/orders.ts";
import { pageRoutes } from "./web/pages.ts";
import { webServer } from "./web/server.ts";
import { uploadRoutes } from "./web/uploads.ts";

const settings = settingsOf(process.env);
const { names } = settings;
const clients = connect(settings, process.env);
const objects = new S3Objects(clients);
await setUp(settings, clients);

const orders = new Orders({ objects, sendAll: senderOf(clients).sendAll, names, nowMs });
const book = new Book({ objects, names, batchOf: (batchId) => orders.read(batchId) });

let port = settings.port;
const hosts = () => hostsOf(port, settings.hostsAllowed);
const routes = [
  ...pageRoutes(new URL("../public/", import.meta.url)),
  ...uploadRoutes({ objects, bucket: names.uploads, newId: randomUUID }),
  ...batchRoutes({ objects, names, orders, book }),
  archiveRoute({ objects, bucket: names.results, book }),
  eventsRoute(book),
  { method: "GET", path: "/healthz", handle: async () => ({ status: 200, body: "ok\n" }) } as const,
];
const server = webServer({ routes, hosts, browserEndpoint: settings.browserEndpoint });
server.listen(settings.port, settings.host);
await once(server, "listening");
({ port } = server.address() as AddressInfo);
await allowUploadsFrom(originsOf(hosts()), settings, clients);
await orders.sendUnsent();

const shared = { client: clients.sqs, logger: log, lease: `${settings.leaseSeconds}s`, signals: false } as const;
const workers = [
  consume(names.responses, {
    ...shared,
    input: PhotoResponse,
    deadLetterQueue: names.dead,
    concurrency: 16,
    run: (response) => book.apply(response),
  }),
  consume(names.dead, {
    ...shared,
    body: "text",
    concurrency: 2,
    run: (body, { id, attributes }) =>
      buryDeadLetter({ id, body: String(body), note: textOf(attributes[DEAD_LETTER_ATTRIBUTE]?.value) }, { objects, names, book }),
  }),
];

function textOf(value: string | Uint8Array | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

const stop = async () => {
  // Event streams never end by themselves.
  server.close();
  server.closeAllConnections();
  await Promise.all(workers.map((worker) => worker.stop()));
  process.exit(0);
};
process.once("SIGTERM", () => void stop());
process.once("SIGINT", () => void stop());
console.log(
  `The photo service is ready: http://${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${port}/ (pid ${process.pid}).`,
);
