import { ServiceError } from "../../../kernel/service-error.ts";
import type { StoreCall } from "../../../storage/storage.ts";
import type { EventMessage, EventSource } from "../needs.ts";
import { bucketArn, eventMessage, type ObjectEvent } from "../rules/event-record.ts";
import { OVERTAKEN } from "../rules/errors.ts";
import { concerned, destinationArn, type Notification } from "../rules/notification.ts";
import type { BucketDescription, Written } from "../store/store.ts";
import type { Context, ObjectCall } from "./context.ts";
import { ownerId } from "./owned.ts";

/** What is to be told of a change, if the bucket wants to tell of it. */
export interface Told {
  /** Without `s3:`: `ObjectCreated:Put`. */
  readonly name: string;
  readonly key: string;
  readonly object?: { readonly sizeBytes?: number; readonly etag: string };
}

/** One change of a store, and what it tells. */
export interface Change {
  readonly call: StoreCall;
  readonly told: Told;
}

/**
 * Commits a change together with the events that tell of it: all or nothing.
 * @returns what the store answered to the change.
 */
export async function commit<T = Written>(
  context: Context,
  change: Change,
  of: { bucket: BucketDescription; call: ObjectCall },
): Promise<T> {
  const [result] = await commitAll<T>(context, [change], of);
  return result as T;
}

/** The same for several changes at once. */
export async function commitAll<T>(
  context: Context,
  changes: readonly Change[],
  of: { bucket: BucketDescription; call: ObjectCall },
): Promise<T[]> {
  if (changes.length === 0) return [];
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await commitOnce<T>(context, changes, of);
    } catch (error) {
      if (!isOvertaken(error) || attempts === ATTEMPTS_MAX) throw error;
    }
  }
}

/** Of many who change one key at the same time one comes through each time at the least. */
const ATTEMPTS_MAX = 1000;

function isOvertaken(error: unknown): boolean {
  return error instanceof ServiceError && error.options.details?.["Reason"] === OVERTAKEN["Reason"];
}

async function commitOnce<T>(
  context: Context,
  changes: readonly Change[],
  of: { bucket: BucketDescription; call: ObjectCall },
): Promise<T[]> {
  const notifications = notificationsOf(of.bucket);
  const numbered: { key: string; sequencer: string }[] = [];
  const messages = changes.flatMap(({ told }) => {
    const destinations = concerned(notifications, told.name, told.key);
    if (destinations.length === 0) return [];
    const event = eventOf(context, told, of);
    numbered.push({ key: told.key, sequencer: String(event.sequencer) });
    const source = sourceOf(of.bucket);
    return destinations.map((one) => ({ arn: destinationArn(one), body: eventMessage(event, one.id), source }));
  });
  // Units of one thread are committed in the order in which they are handed over, and nothing came between here and the
  // sequencers: so the sequencers of a key grow in the order of its changes. Of several threads that must be looked at.
  const looked = context.severalThreads && numbered.length > 0;
  const checks = looked ? [context.store.call("checkSequence", { bucketId: of.bucket.id, changes: numbered })] : [];
  const calls = [...checks, ...changes.map(({ call }) => call)];
  const results = await commitWithMessages(context, { calls, messages });
  return results.slice(checks.length) as T[];
}

/**
 * Commits store operations and messages about them in one unit. A message that its destination does not take is told of, and
 * keeps nothing out.
 * @returns what the operations answered.
 */
export async function commitWithMessages(
  { events, storage }: Context,
  { calls, messages }: { calls: readonly StoreCall[]; messages: readonly EventMessage[] },
): Promise<unknown[]> {
  const deliveries = messages.map((message) => ({ message, call: events.deliver(message) }));
  const results = await storage.unit([...calls, ...deliveries.flatMap(({ call }) => call ?? [])]);
  const answers = results.slice(calls.length).values();
  for (const { message, call } of deliveries) events.delivered(message, call === undefined ? undefined : answers.next().value);
  return results.slice(0, calls.length);
}

/** What a destination may look at of where its messages come from. */
export function sourceOf({ name, account }: Pick<BucketDescription, "name" | "account">): EventSource {
  return { bucketArn: bucketArn(name), accountId: account };
}

export function notificationsOf({ settings }: BucketDescription): Notification[] {
  return settings.notifications === undefined ? [] : (JSON.parse(settings.notifications) as Notification[]);
}

function eventOf(context: Context, told: Told, { bucket, call }: { bucket: BucketDescription; call: ObjectCall }): ObjectEvent {
  return {
    ...told,
    atMs: context.clock.nowMs(),
    region: bucket.region,
    bucket: { name: bucket.name, ownerId: ownerId(bucket.account) },
    sequencer: context.newSequencer(),
    caller: { principalId: `AWS:${call.principal.uniqueId}`, remoteAddress: call.remoteAddress },
    request: { id: call.requestId, hostId: hostId(call.requestId) },
  };
}

/** `x-amz-id-2`, which at AWS names the machine that served the request; here it repeats the request's id. */
export function hostId(requestId: string): string {
  return Buffer.from(`millrace/${requestId}`).toString("base64");
}
