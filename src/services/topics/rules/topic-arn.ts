import type { Asker } from "../../../access/asker.ts";
import { partitionOf } from "../../../access/partition.ts";
import { invalidParameter } from "./errors.ts";

/** A topic by what its ARN says: account (twelve digits), region and name; and who asks for it. */
export interface TopicRef {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** Absent: nobody who would have to be allowed; the server itself, or whoever asks where no credentials are configured. */
  readonly asker?: Asker;
}

/** A subscription by what its ARN says. */
export interface SubscriptionRef {
  readonly topic: TopicRef;
  /** The last part of its ARN, a UUID. */
  readonly id: string;
}

const ELEMENTS_MIN = 6;
const ACCOUNT = /^\d{12}$/;

/** `arn:aws:sns:us-east-1:000000000000:news` */
export function topicArn({ account, region, name }: TopicRef): string {
  return `arn:${partitionOf(region)}:sns:${region}:${account}:${name}`;
}

export function subscriptionArn({ topic, id }: SubscriptionRef): string {
  return `${topicArn(topic)}:${id}`;
}

/**
 * The topic that an ARN names to a caller of this region.
 * @param parameter what the text calls it: `TopicArn`. @throws {ServiceError} InvalidParameter
 */
export function readTopicArn(arn: string, parameter: string, region: string): TopicRef {
  const elements = elementsOf(arn, parameter);
  const topic = topicIn(elements);
  if (topic === undefined || elements.length > ELEMENTS_MIN || topic.region !== region) throw invalidParameter(parameter);
  return topic;
}

/** The topic of an ARN that nobody has typed; undefined where it names something else. */
export function parseTopicArn(arn: string): TopicRef | undefined {
  const elements = arn.split(":");
  return elements.length === ELEMENTS_MIN ? topicIn(elements) : undefined;
}

/** The same for a subscription. @param region undefined where the caller is of none. @throws {ServiceError} InvalidParameter */
export function readSubscriptionArn(arn: string, region: string | undefined): SubscriptionRef {
  const elements = elementsOf(arn, "SubscriptionArn");
  const topic = topicIn(elements);
  if (topic === undefined || topic.region !== (region ?? topic.region)) throw invalidParameter("SubscriptionArn");
  const [id, ...more] = elements.slice(ELEMENTS_MIN);
  if (id === undefined || id === "" || more.length > 0) throw invalidParameter("SubscriptionId");
  return { topic, id };
}

function elementsOf(arn: string, parameter: string): string[] {
  const elements = arn.split(":");
  if (elements.length >= ELEMENTS_MIN) return elements;
  throw invalidParameter(`${parameter} Reason: An ARN must have at least ${ELEMENTS_MIN} elements, not ${elements.length}`);
}

function topicIn([prefix, partition, service, region, account, name]: readonly string[]): TopicRef | undefined {
  if (prefix !== "arn" || service !== "sns" || !region || !account || !name) return undefined;
  return partition === partitionOf(region) && ACCOUNT.test(account) ? { account, region, name } : undefined;
}
