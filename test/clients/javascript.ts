import manifest from "@aws-sdk/client-sqs/package.json" with { type: "json" };
import { deadLetterScenario } from "./javascript/dead-letters.ts";
import { fifoScenario } from "./javascript/fifo.ts";
import { keyScenario } from "./javascript/keys.ts";
import { objectScenario } from "./javascript/objects.ts";
import { queueScenario } from "./javascript/queues.ts";
import { Tally } from "./javascript/tally.ts";

/**
 * The scenario through the AWS SDK for JavaScript v3, against the server at AWS_ENDPOINT_URL with the keys in AWS_ACCESS_KEY_ID
 * and AWS_SECRET_ACCESS_KEY; MILLRACE_MODE says whether the server checks them: `dev` or `keys`.
 */
const endpoint = process.env["AWS_ENDPOINT_URL"] ?? "";
const config = { endpoint, region: "us-east-1" };
const tally = new Tally({ client: "AWS SDK for JavaScript v3", version: manifest.version, protocol: "json" });
await queueScenario(tally, config);
await fifoScenario(tally, config);
await deadLetterScenario(tally, config);
tally.speaking("rest-xml");
await objectScenario(tally, config);
tally.speaking("json");
await keyScenario(tally, config, process.env["MILLRACE_MODE"] ?? "dev");
tally.conclude();
