/** All that users can see of a server, in lines that can be compared: who has made them need not have made them alike. */
export interface Shown {
  readonly queues: readonly ShownQueue[];
  readonly buckets: readonly ShownBucket[];
}

export interface ShownQueue {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** In the order of sending. */
  readonly messages: readonly SeenMessage[];
}

export interface SeenMessage {
  readonly id: string;
  readonly body: string;
  readonly groupId: string | null;
  readonly receiveCount: number;
  /** Epoch milliseconds; 0: it is visible. */
  readonly hiddenUntilMs: number;
  /** Name of the queue that gave it up. */
  readonly deadLetterSource: string | null;
}

export interface ShownBucket {
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly objects: readonly SeenObject[];
  readonly uploads: readonly SeenUpload[];
}

export interface SeenObject {
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly tags: Readonly<Record<string, string>>;
  /** MD5 of each segment's bytes, as they are now: in hex. */
  readonly contents: readonly string[];
}

export interface SeenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly parts: readonly string[];
}

/** One line for each thing. */
export function linesOf({ queues, buckets }: Shown): string[] {
  const lines: string[] = [];
  for (const queue of [...queues].sort(byName)) {
    const { name, visible, inFlight, delayed } = queue;
    lines.push(
      `queue ${name} ${visible} visible, ${inFlight} in flight, ${delayed} delayed ${sorted(queue.attributes)} ${sorted(queue.tags)}`,
    );
    for (const message of queue.messages) lines.push(`message in ${name} ${messageLine(message)}`);
  }
  for (const { name, settings, objects, uploads } of [...buckets].sort(byName)) {
    lines.push(`bucket ${name} ${sorted(settings)}`);
    for (const object of objects) lines.push(`object in ${name} ${objectLine(object)}`);
    for (const { key, uploadId, parts } of uploads) lines.push(`upload in ${name} ${key} ${uploadId} parts ${parts.join(",")}`);
  }
  return lines;
}

function messageLine({ id, body, groupId, receiveCount, hiddenUntilMs, deadLetterSource }: SeenMessage): string {
  const where = hiddenUntilMs === 0 ? "visible" : `hidden until ${hiddenUntilMs}`;
  const from = deadLetterSource === null ? "" : ` given up by ${deadLetterSource}`;
  return `${id} group ${groupId ?? "-"} received ${receiveCount} ${where}${from} ${body}`;
}

function objectLine({ key, etag, sizeBytes, tags, contents }: SeenObject): string {
  return `${key} etag ${etag} ${sizeBytes} bytes ${sorted(tags)} of ${contents.join(",")}`;
}

function sorted(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
