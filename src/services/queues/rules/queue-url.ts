import type { Asker } from "../../../access/asker.ts";
import { partitionOf } from "../../../access/partition.ts";
import { isQueueName } from "./queue-name.ts";

/** A queue by what its URL says: account (twelve digits), region and name; and who asks for it. */
export interface QueueRef {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Absent: nobody who would have to be allowed; the server itself, or the owner where no credentials are configured. */
  readonly asker?: Asker;
}

const ACCOUNT = /^\d{12}$/;

/** @param baseUrl where the caller reached the server, without a slash at the end. */
export function queueUrl(baseUrl: string, queue: QueueRef): string {
  return `${baseUrl}/${queue.account}/${queue.name}`;
}

/**
 * What a QueueUrl names, by its last two segments: scheme and host do not matter, so that a URL stays good when the
 * server moves. A bare name is taken too, and has no account. Undefined: no queue can have such a URL.
 */
export function parseQueueUrl(url: string): { readonly account: string | undefined; readonly name: string } | undefined {
  const slash = url.lastIndexOf("/");
  const name = url.slice(slash + 1);
  if (!isQueueName(name)) return undefined;
  if (slash === -1) return { account: undefined, name };
  const account = url.slice(url.lastIndexOf("/", slash - 1) + 1, slash);
  return ACCOUNT.test(account) ? { account, name } : undefined;
}

/** `arn:aws:sqs:us-east-1:000000000000:orders` */
export function queueArn(queue: QueueRef): string {
  return `arn:${partitionOf(queue.region)}:sqs:${queue.region}:${queue.account}:${queue.name}`;
}

/** The queue that an ARN names; undefined where it names something else. */
export function parseQueueArn(arn: string): QueueRef | undefined {
  const [prefix, partition, service, region, account, name, ...rest] = arn.split(":");
  if (prefix !== "arn" || service !== "sqs" || rest.length > 0) return undefined;
  if (!region || !account || !name || partition !== partitionOf(region)) return undefined;
  return ACCOUNT.test(account) && isQueueName(name) ? { account, region, name } : undefined;
}
