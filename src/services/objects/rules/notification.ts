import { elementNotOffered, invalidArgument, invalidArguments, malformedXml } from "./errors.ts";
import { NOTIFICATIONS_MAX } from "./limits.ts";

/** Where events of a bucket go. */
export interface Notification {
  readonly id: string;
  readonly queueArn: string;
  /** As configured: `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix?: string;
  readonly suffix?: string;
}

/** As the XML has it. */
export interface NotificationConfiguration {
  readonly QueueConfigurations?: readonly QueueConfiguration[] | undefined;
  readonly TopicConfigurations?: readonly unknown[] | undefined;
  readonly LambdaFunctionConfigurations?: readonly unknown[] | undefined;
  readonly EventBridgeConfiguration?: unknown;
}

export interface QueueConfiguration {
  readonly Id?: string | undefined;
  readonly QueueArn: string;
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
  if (configuration.TopicConfigurations !== undefined) throw elementNotOffered("TopicConfiguration");
  if (configuration.LambdaFunctionConfigurations !== undefined) throw elementNotOffered("CloudFunctionConfiguration");
  if (configuration.EventBridgeConfiguration !== undefined) throw elementNotOffered("EventBridgeConfiguration");
  const notifications = (configuration.QueueConfigurations ?? []).map((queue) => notificationOf(queue, newId));
  if (notifications.length > NOTIFICATIONS_MAX) {
    throw invalidArguments(`Too many configurations: at most ${NOTIFICATIONS_MAX} are allowed.`, {});
  }
  checkUnambiguous(notifications);
  return notifications;
}

function notificationOf(queue: QueueConfiguration, newId: () => string): Notification {
  if (queue.Events.length === 0) throw malformedXml();
  if (queueOfArn(queue.QueueArn) === undefined)
    throw invalidArgument("The ARN could not be parsed", { name: "Queue", value: queue.QueueArn });
  const unknown = queue.Events.find((event) => !isEvent(event));
  if (unknown !== undefined) throw invalidArgument("The event is not supported for notifications", { name: "Event", value: unknown });
  return {
    id: queue.Id === undefined || queue.Id === "" ? newId() : queue.Id,
    queueArn: queue.QueueArn,
    events: queue.Events,
    ...filterOf(queue.Filter?.Key?.FilterRules ?? []),
  };
}

/** The parts of `arn:aws:sqs:<region>:<account>:<name>`; undefined: it is something else. */
function queueOfArn(arn: string): { region: string; account: string; name: string } | undefined {
  const match = /^arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo)$/.exec(arn);
  const [, region, account, name] = match ?? [];
  return region === undefined || account === undefined || name === undefined ? undefined : { region, account, name };
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
export function queueConfigurations(notifications: readonly Notification[]) {
  return notifications.map(({ id, queueArn, events, prefix, suffix }) => {
    const rules = [
      ...(prefix === undefined ? [] : [{ Name: "Prefix", Value: prefix }]),
      ...(suffix === undefined ? [] : [{ Name: "Suffix", Value: suffix }]),
    ];
    const filter = rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } };
    return { Id: id, QueueArn: queueArn, Events: [...events], ...filter };
  });
}

/** @param arns those that nobody answers to. */
export function unreachableDestinations(arns: readonly string[]): Error {
  const details: Record<string, string> = {};
  for (const [index, arn] of arns.entries()) {
    details[`ArgumentName${index + 1}`] = arn;
    details[`ArgumentValue${index + 1}`] = "The destination queue does not exist";
  }
  return invalidArguments("Unable to validate the following destination configurations", details);
}
