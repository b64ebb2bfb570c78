/** Server B, for the long-running operations, as a process. Start as many as there is work for. */
import { consume } from "millrace/worker";
import { connect } from "./aws.ts";
import { nowMs } from "./clock.ts";
import { LongRequest } from "./jobs.ts";
import { processLong } from "./photo-server-b.ts";
import { S3Objects } from "./s3-objects.ts";
import { senderOf } from "./sender.ts";
import { log } from "./log.ts";
import { settingsOf } from "./settings.ts";
import { setUp } from "./setup.ts";

const settings = settingsOf(process.env);
const { names, concurrency } = settings;
const clients = connect(settings, process.env);
await setUp(settings, clients);
const parts = { objects: new S3Objects(clients), send: senderOf(clients).send, names, nowMs, worker: `pid ${process.pid}` };

consume(names.long, {
  client: clients.sqs,
  logger: log,
  input: LongRequest,
  outputs: { responses: names.responses },
  deadLetterQueue: names.dead,
  concurrency,
  maxReceives: settings.receivesMax,
  lease: `${settings.leaseSeconds}s`,
  // Decoding and each step have limits of their own; together they stay far below this one.
  timeout: "10m",
  run: (request, context) => processLong(request, context, parts),
});
console.log(`Photo processing server B is ready: ${concurrency} photos at a time (pid ${process.pid}).`);
