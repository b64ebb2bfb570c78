import type { MessageAttributes } from "./outgoing.ts";

/** The attributes by which the worker daemon of Elastic Beanstalk marks the messages of periodic tasks. */
const TASK_ATTRIBUTES = {
  name: "beanstalk.sqsd.task_name",
  path: "beanstalk.sqsd.path",
  scheduled: "beanstalk.sqsd.scheduled_time",
} as const;

/** The body of a periodic task's message; the daemon's own. */
export const TASK_BODY = "elasticbeanstalk scheduled job";

export interface PushedMessage {
  readonly id: string;
  readonly receiveCount: number;
  readonly queueName: string;
  readonly firstReceivedMs: number;
  readonly attributes: MessageAttributes;
  /** The `SenderId` of SQS. */
  readonly senderId: string | undefined;
}

/**
 * The headers of a push, as the worker daemon of Elastic Beanstalk sends them
 * (https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features-managing-env-tiers.html). Bytes are Base64; text is UTF-8, and
 * what would end a header's line is a space.
 */
export function pushHeaders(message: PushedMessage, mimeType: string): Record<string, string> {
  const headers: Record<string, string> = {
    // Frameworks know the daemon by this word.
    "User-Agent": "aws-sqsd/2.0 (millrace)",
    "Content-Type": mimeType,
    "X-Aws-Sqsd-Msgid": message.id,
    "X-Aws-Sqsd-Queue": message.queueName,
    "X-Aws-Sqsd-First-Received-At": isoSeconds(message.firstReceivedMs),
    "X-Aws-Sqsd-Receive-Count": String(message.receiveCount),
  };
  const { attributes } = message;
  const task = textOf(attributes, TASK_ATTRIBUTES.name);
  if (task !== undefined) {
    headers["X-Aws-Sqsd-Taskname"] = headerText(task);
    headers["X-Aws-Sqsd-Scheduled-At"] = headerText(textOf(attributes, TASK_ATTRIBUTES.scheduled) ?? "");
    if (message.senderId !== undefined) headers["X-Aws-Sqsd-Sender-Id"] = headerText(message.senderId);
  }
  const own: ReadonlySet<string> = new Set(Object.values(TASK_ATTRIBUTES));
  for (const [name, { value }] of Object.entries(attributes)) {
    if (own.has(name)) continue;
    headers[`X-Aws-Sqsd-Attr-${name}`] = typeof value === "string" ? headerText(value) : Buffer.from(value).toString("base64");
  }
  return headers;
}

/** Where a message goes: to the path of its task, or to the URL as it is. A path never leads to another host. */
export function pushUrl(url: string, attributes: MessageAttributes): URL {
  const path = textOf(attributes, TASK_ATTRIBUTES.path);
  const base = new URL(url);
  if (path === undefined || !/^\/(?![/\\])/.test(path)) return base;
  const target = new URL(path, base);
  return target.origin === base.origin ? target : base;
}

export interface Task {
  readonly name: string;
  /** The path that the message is posted to, with a slash at its beginning. */
  readonly path: string;
}

export function taskAttributes(task: Task, scheduledMs: number): MessageAttributes {
  const text = (value: string) => ({ type: "String", value });
  return {
    [TASK_ATTRIBUTES.name]: text(task.name),
    [TASK_ATTRIBUTES.path]: text(task.path),
    [TASK_ATTRIBUTES.scheduled]: text(isoSeconds(scheduledMs)),
  };
}

/** `2026-01-02T03:04:05Z` */
function isoSeconds(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/\.\d+Z$/, "Z");
}

function textOf(attributes: MessageAttributes, name: string): string | undefined {
  const value = attributes[name]?.value;
  return typeof value === "string" ? value : undefined;
}

/** UTF-8, one character a byte, as Node writes headers. */
function headerText(value: string): string {
  // oxlint-disable-next-line eslint/no-control-regex -- Control characters are what is looked for.
  return Buffer.from(value.replaceAll(/[\u0000-\u001F\u007F]/g, " "), "utf8").toString("latin1");
}
