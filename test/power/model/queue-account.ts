import type { StoreCall } from "../../../src/storage/storage.ts";
import type {
  DeleteResult,
  QueueOperations,
  ReceivedMessage,
  SendResult,
  VisibilityResult,
} from "../../../src/services/queues/store/store.ts";
import type { SeenMessage, ShownQueue } from "./shown.ts";

type Arguments<K extends keyof QueueOperations> = Parameters<QueueOperations[K]>[0];
type Message = { -readonly [K in keyof SeenMessage]: SeenMessage[K] } & {
  /** Its number in the queue, once an answer has told it. */
  sequence: number | undefined;
};

interface Queue {
  attributes: Record<string, string>;
  readonly tags: Record<string, string>;
  /** In the order of sending. */
  messages: Message[];
}

type Looked = Pick<ShownQueue, "name" | "messages">;

interface Redrive {
  readonly target: string;
  readonly receivesMax: number;
}

/** What is known of queues from what was answered. Messages do not become visible by themselves while it is kept. */
export class QueueAccount {
  static readonly CHANGES: ReadonlySet<string> = new Set(
    ["createQueue", "deleteQueue", "setAttributes", "purge", "addTags", "removeTags", "send", "deliver", "receive", "undoReceive", "delete"]
      .concat(["changeVisibility"])
      .map((name) => `queues.${name}`),
  );

  readonly #queues = new Map<string, Queue>();
  /** Deduplication ids that a FIFO queue has accepted, with the message's id: `queue id` → message id. */
  readonly remembered = new Map<
    string,
    { readonly queue: string; readonly deduplicationId: string; readonly groupId: string; readonly id: string }
  >();
  /** The largest number that any answer has told. */
  lastSequence = 0;

  apply({ operation, args }: StoreCall, result: unknown, nowMs: number): void {
    switch (operation) {
      case "queues.createQueue":
        return this.#create(args as Arguments<"createQueue">);
      case "queues.deleteQueue":
        return void this.#queues.delete(nameOf(args));
      case "queues.setAttributes":
        return this.#set(args as Arguments<"setAttributes">);
      case "queues.addTags":
        return void Object.assign(this.#queue(args).tags, (args as Arguments<"addTags">).tags);
      case "queues.removeTags":
        for (const key of (args as Arguments<"removeTags">).keys) delete this.#queue(args).tags[key];
        return;
      case "queues.purge":
        this.#queue(args).messages = [];
        return;
      case "queues.send":
        return this.#send(args as Arguments<"send">, result as SendResult[], nowMs);
      case "queues.deliver":
        if (result === "delivered") this.#add(args as Arguments<"deliver">, undefined, nowMs);
        return;
      case "queues.receive":
        return this.#receive(args as Arguments<"receive">, result as ReceivedMessage[]);
      case "queues.delete":
        return this.#delete(args as Arguments<"delete">, result as DeleteResult[]);
      case "queues.changeVisibility":
        return this.#changeVisibility(args as Arguments<"changeVisibility">, result as VisibilityResult[], nowMs);
      case "queues.undoReceive":
        throw new TypeError("the load does not let callers go while they receive");
      default:
    }
  }

  /** A move task has taken messages from one queue to another, as these look now: which ones, only looking tells. */
  moved(source: Looked, target: Looked): void {
    const queue = this.#named(source.name);
    const gone = queue.messages.filter(({ body }) => !source.messages.some((left) => left.body === body));
    const bodies = gone.map(({ body }) => body).sort();
    const came = target.messages.filter(({ body }) => bodies.includes(body));
    if (JSON.stringify(came.map(({ body }) => body).sort()) !== JSON.stringify(bodies))
      throw new Error(`messages were lost or made on their way from ${source.name} to ${target.name}`);
    queue.messages = queue.messages.filter((message) => !gone.includes(message));
    for (const message of came) {
      if (message.receiveCount !== 0 || message.hiddenUntilMs !== 0) throw new Error(`${message.body} was not moved as a new message`);
      this.#named(target.name).messages.push({ ...message, sequence: undefined });
    }
  }

  shown(): ShownQueue[] {
    return [...this.#queues].map(([name, { attributes, tags, messages }]) => {
      const hidden = messages.filter(({ hiddenUntilMs }) => hiddenUntilMs !== 0);
      const delayed = hidden.filter(({ receiveCount }) => receiveCount === 0).length;
      const counts = { visible: messages.length - hidden.length, inFlight: hidden.length - delayed, delayed };
      return { name, attributes, tags, ...counts, messages };
    });
  }

  #create({ queue: { name }, attributes, tags }: Arguments<"createQueue">): void {
    if (!this.#queues.has(name)) this.#queues.set(name, { attributes: { ...attributes }, tags: { ...tags }, messages: [] });
  }

  #set({ queue: { name }, attributes }: Arguments<"setAttributes">): void {
    const queue = this.#named(name);
    const all = Object.entries({ ...queue.attributes, ...attributes });
    queue.attributes = Object.fromEntries(all.filter(([, value]) => value !== ""));
  }

  #send({ queue, messages }: Arguments<"send">, results: readonly SendResult[], nowMs: number): void {
    for (const [index, message] of messages.entries()) {
      const result = results[index];
      if (result?.sent !== true) continue;
      const { accepted } = result;
      const { deduplication } = message;
      if (accepted !== undefined) this.#told(accepted.sequence);
      if (accepted !== undefined && deduplication !== undefined) {
        const key = `${queue.name} ${deduplication.id}`;
        const before = this.remembered.get(key);
        const id = before?.id ?? message.id;
        if (accepted.id !== id) throw new Error(`${key} was accepted as ${accepted.id}, and before as ${id}`);
        if (before !== undefined) continue;
        this.remembered.set(key, { queue: queue.name, deduplicationId: deduplication.id, groupId: message.groupId ?? "", id });
      }
      this.#add({ queue, message }, accepted?.sequence, nowMs);
    }
  }

  #add({ queue, message }: Arguments<"deliver">, sequence: number | undefined, nowMs: number): void {
    const { messages, attributes } = this.#named(queue.name);
    const { id, body, groupId } = message;
    const delayMs = message.delayMs ?? Number(attributes["DelaySeconds"] ?? 0) * 1000;
    const hiddenUntilMs = delayMs === 0 ? 0 : nowMs + delayMs;
    messages.push({ id, body, groupId, receiveCount: 0, hiddenUntilMs, deadLetterSource: null, sequence });
  }

  #receive({ queue: { name }, visibilityMs }: Arguments<"receive">, received: readonly ReceivedMessage[]): void {
    const { messages, attributes } = this.#named(name);
    const redrive = redriveOf(attributes);
    if (redrive !== undefined) this.#giveUp(name, redrive, received.at(-1)?.id);
    for (const { id, receiveCount, receipt } of received) {
      const message = messages.find((message) => message.id === id);
      if (message === undefined || message.hiddenUntilMs !== 0)
        throw new Error(`${id} was received from ${name}, where it was not to be had`);
      if (receiveCount !== message.receiveCount + 1)
        throw new Error(`${id} was received ${receiveCount} times, before that ${message.receiveCount} times`);
      Object.assign(message, { receiveCount, sequence: receipt.sequence });
      message.hiddenUntilMs = visibilityMs === 0 ? 0 : receipt.hiddenUntilMs;
      this.#told(receipt.sequence);
    }
  }

  /** Of a standard queue without groups: what is older than the last message handed out, and was received often enough. */
  #giveUp(name: string, { target, receivesMax }: Redrive, lastId: string | undefined): void {
    const queue = this.#named(name);
    const last = lastId === undefined ? queue.messages.length : queue.messages.findIndex(({ id }) => id === lastId);
    const given = queue.messages.filter(
      ({ hiddenUntilMs, receiveCount }, index) => index < last && hiddenUntilMs === 0 && receiveCount >= receivesMax,
    );
    queue.messages = queue.messages.filter((message) => !given.includes(message));
    for (const message of given) this.#named(target).messages.push({ ...message, deadLetterSource: name, sequence: undefined });
  }

  #delete({ queue: { name }, receipts }: Arguments<"delete">, results: readonly DeleteResult[]): void {
    const queue = this.#named(name);
    const deleted = receipts.filter((_, index) => results[index] === "deleted").map(({ sequence }) => sequence);
    queue.messages = queue.messages.filter(({ sequence }) => sequence === undefined || !deleted.includes(sequence));
  }

  #changeVisibility(
    { queue: { name }, changes }: Arguments<"changeVisibility">,
    results: readonly VisibilityResult[],
    nowMs: number,
  ): void {
    for (const [index, { receipt, visibilityMs }] of changes.entries()) {
      const message = this.#named(name).messages.find(({ sequence }) => sequence === receipt.sequence);
      if (results[index] !== "changed" || message === undefined) continue;
      // The handle of an earlier receive may show the message, but not hide it for longer from whom a later one gave it to.
      if (visibilityMs > 0 && message.hiddenUntilMs !== 0 && message.receiveCount !== receipt.receiveCount) continue;
      message.hiddenUntilMs = visibilityMs === 0 ? 0 : nowMs + visibilityMs;
    }
  }

  #told(sequence: number): void {
    this.lastSequence = Math.max(this.lastSequence, sequence);
  }

  #queue(args: unknown): Queue {
    return this.#named(nameOf(args));
  }

  #named(name: string): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`${name} answers, but was not created`);
    return queue;
  }
}

function nameOf(args: unknown): string {
  return (args as Arguments<"purge">).queue.name;
}

function redriveOf(attributes: Readonly<Record<string, string>>): Redrive | undefined {
  const policy = attributes["RedrivePolicy"];
  if (policy === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy) as { deadLetterTargetArn: string; maxReceiveCount: number };
  return { target: deadLetterTargetArn.split(":").at(-1) ?? "", receivesMax: maxReceiveCount };
}
