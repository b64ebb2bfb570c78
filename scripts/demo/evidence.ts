import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "../../examples/photos/src/aws.ts";
import { resultKey } from "../../examples/photos/src/keys.ts";
import { resultsOf } from "../../examples/photos/src/plan.ts";
import type { RunRecord } from "../../examples/photos/src/runs.ts";
import { S3Objects } from "../../examples/photos/src/s3-objects.ts";
import type { Names } from "../../examples/photos/src/settings.ts";
import type { SeenPhoto } from "./client.ts";
import type { Order } from "./orders.ts";

/** What lies in the buckets and queues at the end, looked at from outside, not asked of the service. */
export class Evidence {
  readonly #clients: Clients;
  readonly #objects: S3Objects;
  readonly #names: Names;

  constructor(clients: Clients, names: Names) {
    this.#clients = clients;
    this.#objects = new S3Objects(clients);
    this.#names = names;
  }

  async keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#objects.list(this.#names.results, prefix)) keys.push(key);
    return keys;
  }

  async runs(): Promise<RunRecord[]> {
    const keys = await this.keys("runs/");
    const read = async (key: string) => (await this.#objects.readJson(this.#names.results, key))?.value as RunRecord;
    return await Promise.all(keys.map(read));
  }

  /** Messages that are in the three queues, waiting or with a worker. */
  async waiting(): Promise<number> {
    const { requests, long, responses } = this.#names;
    const counts = await Promise.all([requests, long, responses].map((queue) => this.#messagesIn(queue)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #messagesIn(queue: string): Promise<number> {
    const { QueueUrl } = await this.#clients.sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const { Attributes = {} } = await this.#clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  }
}

/** What is wrong with the outcome, in sentences; nothing, if every result is there exactly once. */
export function faultsOf(orders: readonly Order[], photos: readonly SeenPhoto[], keys: readonly string[]): string[] {
  const faults: string[] = [];
  const expected = new Set<string>();
  for (const [place, { name, operations, isUsable }] of orders.entries()) {
    const photo = photos[place];
    if (photo === undefined) {
      faults.push(`${name} is not in the batch`);
      continue;
    }
    const wanted = isUsable ? "done" : "unusable";
    if (photo.stage !== wanted)
      faults.push(`${name} is ${photo.stage} and not ${wanted}${photo.text === undefined ? "" : `: ${photo.text}`}`);
    const own = isUsable ? resultsOf(operations).map((result) => resultKey(photo.photoId, result)) : [];
    for (const key of own) expected.add(key);
    const told = (photo.results ?? []).map(({ key }) => key);
    if (told.join() !== own.join()) faults.push(`${name} tells of ${told.length} results and not of ${own.length}`);
  }
  const found = new Set(keys);
  for (const key of expected) if (!found.has(key)) faults.push(`${key} is missing`);
  for (const key of found) if (!expected.has(key)) faults.push(`${key} was not asked for`);
  return faults;
}
