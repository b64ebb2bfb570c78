import { elementNotOffered, invalidArgument, invalidArguments, malformedXml } from "./errors.ts";
import { NOTIFICATIONS_MAX } from "./limits.ts";

/** To whom events of a bucket go, by its ARN. */
export type Destination = { readonly queueArn: string } | { readonly topicArn: string };

/** Which events of a bucket go where. */
export type Notification = Destination & Choice;

interface Choice {
  readonly id: string;
  /** As configured: `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix?: string;
  readonly suffix?: string;
}

/** As the XML has it. */
export interface NotificationConfiguration {
  readonly QueueConfigurations?: readonly QueueConfiguration[] | undefined;
  readonly TopicConfigurations?: readonly TopicConfiguration[] | undefined;
  readonly LambdaFunctionConfigurations?: readonly unknown[] | undefined;
  readonly EventBridgeConfiguration?: unknown;
}

export interface QueueConfiguration extends EventConfiguration {
  readonly QueueArn: string;
}

export interface TopicConfiguration extends EventConfiguration {
  readonly TopicArn: string;
}

interface EventConfiguration {
  readonly Id?: string | undefined;
  readonly Events: readonly string[];
  readonly Filter?: { readonly Key?: { readonly FilterRules?: readonly FilterRule[] | undefined } | undefined } | undefined;
}

export interface FilterRule {
  readonly Name?: string | undefined;
  readonly Value?: string | undefined;
}

/** What a bucket can tell of, by group. From "Event notification types" of the S3 user guide. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  ObjectCreated: ["Put", "Post", "Copy", "CompleteMultipartUpload"],
  ObjectRemoved: ["Delete", "DeleteMarkerCreated"],
  ObjectRestore: ["Post", "Completed", "Delete"],
  ObjectTagging: ["Put", "Delete"],
  ObjectAcl: ["Put"],
  LifecycleExpiration: ["Delete", "DeleteMarkerCreated"],
  LifecycleTransition: [],
  IntelligentTiering: [],
  ReducedRedundancyLostObject: [],
  Replication: ["OperationFailedReplication", "OperationMissedThreshold", "OperationReplicatedAfterThreshold", "OperationNotTracked"],
};

function isEvent(event: string): boolean {
  const [service, group = "", name, ...more] = event.split(":");
  const names = Object.hasOwn(EVENTS, group) ? EVENTS[group] : undefined;
  if (service !== "s3" || names === undefined || more.length > 0) return false;
  if (name === undefined) return names.length === 0;
  return names.length > 0 && (name === "*" || names.includes(name));
}

/**
 * Checks a configuration and brings it into the form that is stored.
 * @param newId an id for what was configured without one.
 * @throws InvalidArgument, MalformedXML, NotImplemented
 */
export function notificationsOf(configuration: NotificationConfiguration, newId: () => string): Notification[] {
  if (configuration.LambdaFunctionConfigurations !== undefined) throw elementNotOffered("CloudFunctionConfiguration");
  if (configuration.EventBridgeConfiguration !== undefined) throw elementNotOffered("EventBridgeConfiguration");
  const notifications = [
    ...(configuration.TopicConfigurations ?? []).map((topic) => ({ ...topicIn(topic), ...choiceOf(topic, newId) })),
    ...(configuration.QueueConfigurations ?? []).map((queue) => ({ ...queueIn(queue), ...choiceOf(queue, newId) })),
  ];
  if (notifications.length > NOTIFICATIONS_MAX) {
    throw invalidArguments(`Too many configurations: at most ${NOTIFICATIONS_MAX} are allowed.`, {});
  }
  checkUnambiguous(notifications);
  return notifications;
}

function choiceOf({ Id, Events, Filter }: EventConfiguration, newId: () => string): Choice {
  if (Events.length === 0) throw malformedXml();
  const unknown = Events.find((event) => !isEvent(event));
  if (unknown !== undefined) throw invalidArgument("The event is not supported for notifications", { name: "Event", value: unknown });
  return { id: Id === undefined || Id === "" ? newId() : Id, events: Events, ...filterOf(Filter?.Key?.FilterRules ?? []) };
}

const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:(?:[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/;
const TOPIC_ARN = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:(?:[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo)$/;

function queueIn({ QueueArn: queueArn }: QueueConfiguration): Destination {
  if (!QUEUE_ARN.test(queueArn)) throw invalidArgument("The ARN could not be parsed", { name: "Queue", value: queueArn });
  return { queueArn };
}

function topicIn({ TopicArn: topicArn }: TopicConfiguration): Destination {
  if (!TOPIC_ARN.test(topicArn)) throw invalidArgument("The ARN could not be parsed", { name: "Topic", value: topicArn });
  return { topicArn };
}

/** The ARN of a queue or topic. */
export function destinationArn(destination: Destination): string {
  return "queueArn" in destination ? destination.queueArn : destination.topicArn;
}

function filterOf(rules: readonly FilterRule[]): { prefix?: string; suffix?: string } {
  const filter: { prefix?: string; suffix?: string } = {};
  for (const { Name, Value } of rules) {
    if (Name === undefined || Value === undefined) throw malformedXml();
    const name = Name.toLowerCase();
    if (name !== "prefix" && name !== "suffix") {
      throw invalidArgument("filter rule name must be either prefix or suffix", { name: "FilterRule.Name", value: Name });
    }
    if (filter[name] !== undefined) {
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, { name: "FilterRule.Name", value: name });
    }
    filter[name] = Value;
  }
  return filter;
}

/** One event of one object never has two destinations. */
function checkUnambiguous(notifications: readonly Notification[]): void {
  for (const [index, one] of notifications.entries()) {
    for (const other of notifications.slice(index + 1)) {
      if (!one.events.some((a) => other.events.some((b) => covers(a, b) || covers(b, a)))) continue;
      const prefixes = oneBegins(one.prefix ?? "", other.prefix ?? "");
      const suffixes = oneEnds(one.suffix ?? "", other.suffix ?? "");
      if (!prefixes || !suffixes) continue;
      throw invalidArguments(
        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.",
        { ArgumentName: "Id", ArgumentValue: other.id },
      );
    }
  }
}

function oneBegins(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

function oneEnds(a: string, b: string): boolean {
  return a.endsWith(b) || b.endsWith(a);
}

/** `s3:ObjectCreated:*` covers `s3:ObjectCreated:Put`. */
function covers(configured: string, event: string): boolean {
  return configured === event || (configured.endsWith(":*") && event.startsWith(configured.slice(0, -1)));
}

/** The destinations that are to hear of an event. @param event without `s3:`, as in the record: `ObjectCreated:Put`. */
export function concerned(notifications: readonly Notification[], event: string, key: string): Notification[] {
  return notifications.filter(
    ({ events, prefix = "", suffix = "" }) =>
      key.startsWith(prefix) && key.endsWith(suffix) && events.some((configured) => covers(configured, `s3:${event}`)),
  );
}

/** Back into the form of the XML. */
export function configurationsOf(notifications: readonly Notification[]) {
  const queues = notifications.flatMap((one) => ("queueArn" in one ? [{ ...configurationOf(one), QueueArn: one.queueArn }] : []));
  const topics = notifications.flatMap((one) => ("topicArn" in one ? [{ ...configurationOf(one), TopicArn: one.topicArn }] : []));
  return {
    ...(topics.length === 0 ? {} : { TopicConfigurations: topics }),
    ...(queues.length === 0 ? {} : { QueueConfigurations: queues }),
  };
}

function configurationOf({ id, events, prefix, suffix }: Choice) {
  const rules = [
    ...(prefix === undefined ? [] : [{ Name: "Prefix", Value: prefix }]),
    ...(suffix === undefined ? [] : [{ Name: "Suffix", Value: suffix }]),
  ];
  const filter = rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } };
  return { Id: id, Events: [...events], ...filter };
}

/** @param arns those that nobody answers to. */
export function unreachableDestinations(arns: readonly string[]): Error {
  const details: Record<string, string> = {};
  for (const [index, arn] of arns.entries()) {
    details[`ArgumentName${index + 1}`] = arn;
    details[`ArgumentValue${index + 1}`] = `The destination ${arn.split(":")[2] === "sns" ? "topic" : "queue"} does not exist`;
  }
  return invalidArguments("Unable to validate the following destination configurations", details);
}
