import { actionInPolicy } from "../../../access/actions.ts";
import type { CallerAsking } from "../../../access/asker.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Random } from "../../../kernel/random.ts";
import { ServiceError } from "../../../kernel/service-error.ts";
import type { StoreClient } from "../../../storage/storage.ts";
import type { Call } from "../../../wire/api.ts";
import type { Signer } from "../drivers/driver.ts";
import type { DeliveryReports } from "../needs.ts";
import { missingParameter, resourceNotFound, topicNotFound } from "../rules/errors.ts";
import type { SignatureVersion } from "../rules/signature.ts";
import { readSubscriptionArn, readTopicArn } from "../rules/topic-arn.ts";
import type { SubscriptionRef, TopicOperations, TopicRef } from "../store/store.ts";

/** What every action works with. */
export interface Context {
  readonly store: StoreClient<TopicOperations>;
  /** Engine time. */
  readonly clock: Clock;
  readonly random: Random;
  readonly reports: DeliveryReports;
  readonly signer: Signer;
  readonly signatureVersions: SignatureVersions;
  /** Says that there may be something to send to HTTP endpoints. */
  readonly wake: () => void;
}

/** By ARN how messages of topics are signed, as far as that is known; a topic that nobody wants signed messages of is absent. */
export type SignatureVersions = Map<string, SignatureVersion>;

/**
 * The topic that an ARN means to this caller. Whether the caller may do with it what it asks for is decided where the
 * topic's policy is: by the store operation that finds it.
 * @throws {ServiceError} InvalidParameter
 */
export function topicOf(arn: string, call: Call, parameter: string = "TopicArn"): TopicRef {
  return askedFor(readTopicArn(arn, parameter, call.region), call);
}

/**
 * The topic with who asks for what. A caller whose word alone says who it is is believed.
 * @param said what condition keys of topics look at.
 */
export function askedFor(topic: TopicRef, call: Call, said?: CallerAsking["said"]): TopicRef {
  const { accountId, arn, uniqueId, verified } = call.principal;
  if (!verified) return topic;
  const from = { kind: "caller", sourceIp: call.remoteAddress, secure: call.secure, ...(said === undefined ? {} : { said }) } as const;
  return { ...topic, asker: { ...from, action: actionInPolicy(call.action), accountId, arn, uniqueId } };
}

/** @throws {ServiceError} InvalidParameter */
export function subscriptionOf(arn: string, call: Call): SubscriptionRef {
  if (arn === "") throw missingParameter("SubscriptionArn");
  const subscription = readSubscriptionArn(arn, regionOf(call));
  return { ...subscription, topic: askedFor(subscription.topic, call) };
}

/** Undefined for a caller whom nobody knows: what it names says where it is. */
export function regionOf({ principal, region }: Call): string | undefined {
  return principal.authenticated ? region : undefined;
}

/** What an endpoint confirms by: 256 bits that nobody can guess. */
export function newToken({ random }: Context): string {
  return random.bytes(32).toString("hex");
}

/**
 * Runs the rules of a request. What they refuse is said only where the topic exists. A request that is in order costs
 * nothing here: its store operation finds the topic.
 */
export async function topicFirst<T>({ store }: Context, topic: TopicRef, decide: () => T): Promise<T> {
  try {
    return decide();
  } catch (refusal) {
    if (!(refusal instanceof ServiceError)) throw refusal; // A bug of ours, which no missing topic may hide.
    await store.listTags({ topic });
    throw refusal;
  }
}

/** Does something with the tags of a topic. AWS has an error of its own for one that is not there. @throws {ServiceError} ResourceNotFound */
export async function taggedTopic<T>(arn: string, call: Call, work: (topic: TopicRef) => Promise<T>): Promise<T> {
  const topic = topicOf(arn, call, "ResourceArn");
  try {
    return await work(topic);
  } catch (refusal) {
    throw refusal instanceof ServiceError && refusal.code === topicNotFound().code ? resourceNotFound() : refusal;
  }
}
