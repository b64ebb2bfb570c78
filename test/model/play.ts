import { idOf, type Command, type HandlePick, type Run } from "./commands.ts";
import { Product, type Settled } from "./product/product.ts";
import type { Entrance } from "./product/entrances.ts";
import { createQueue, deleteQueue, getQueueAttributes, purgeQueue, setQueueAttributes } from "./sqs/administration.ts";
import { Difference, show, type Answer } from "./sqs/answer.ts";
import { changeMessageVisibility, changeMessageVisibilityBatch, deleteMessage, deleteMessageBatch } from "./sqs/handles.ts";
import { mustWait, receivable, receiveAfterWait, receiveMessage } from "./sqs/receiving.ts";
import { sendMessage, sendMessageBatch } from "./sqs/sending.ts";
import { Sqs, type Waiting } from "./sqs/sqs.ts";
import type { Actions } from "../sdk/queues/protocols.ts";

const JUDGES = {
  CreateQueue: createQueue,
  SetQueueAttributes: setQueueAttributes,
  GetQueueAttributes: getQueueAttributes,
  DeleteQueue: deleteQueue,
  PurgeQueue: purgeQueue,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
} as const;

type Judged = keyof typeof JUDGES;
type Judge = (sqs: Sqs, input: unknown, answer: Answer<keyof Actions>) => void;

/** A request as the service is asked it. */
type Request =
  | { readonly action: Judged; readonly input: object }
  | { readonly receive: Actions["ReceiveMessage"][0]; readonly gone: boolean };

/** Midnight of the first of January 2026, UTC, and a bit, so that no boundary is one of whole seconds by chance. */
const START_MS = Date.UTC(2026, 0, 1) + 345;

/** One run: each command is given to the product, and what it answers to the model. */
export class Play {
  readonly #product: Product;
  readonly #sqs = new Sqs(START_MS);
  readonly #tell: ((line: string) => void) | undefined;
  /** Commands so far, those of the last drain included. */
  commands = 0;

  constructor(entrance: Entrance, tell?: (line: string) => void) {
    this.#product = new Product(entrance, START_MS);
    this.#tell = tell;
  }

  /** @throws {Difference} */
  async run({ queues, commands }: Run): Promise<void> {
    try {
      for (const [queue, attributes] of Object.entries(queues)) await this.#do({ do: "create", queue, attributes });
      for (const command of commands) await this.#do(command);
      await this.#drain();
    } finally {
      await this.#product.remove();
    }
  }

  /** Counts, then everything that can be received, then counts again. */
  async #drain(): Promise<void> {
    const queues = [...this.#sqs.queues.keys()];
    for (const queue of queues) await this.#do({ do: "look", queue });
    for (const queue of queues)
      for (let left = this.#visible(queue); left > 0; left = this.#visible(queue))
        await this.#do({ do: "receive", queue, max: 10, wait: 0, hide: 43_200, gone: false });
    for (const queue of queues) await this.#do({ do: "look", queue });
  }

  #visible(name: string): number {
    const queue = this.#sqs.queues.get(name);
    return queue === undefined ? 0 : receivable(queue, this.#sqs.nowMs).length;
  }

  async #do(command: Command): Promise<void> {
    this.commands += 1;
    this.#tell?.(`${new Date(this.#sqs.nowMs).toISOString().slice(5, 23)}  ${textOf(command)}`);
    switch (command.do) {
      case "together":
        return await this.#together(command.commands);
      case "leave":
        return await this.#leave(command.which);
      case "pass":
        return await this.#pass(command.ms);
      case "pass to event": {
        const events = this.#sqs.events();
        const event = events[command.nth % events.length] ?? this.#sqs.nowMs;
        return await this.#pass(Math.max(0, event + command.offsetMs - this.#sqs.nowMs));
      }
      case "restart":
        return await this.#restart(command);
      default:
        await this.#ask(this.#requestOf(command));
        this.#sqs.noteTurns();
        this.#serve(await this.#product.settled());
        this.#sqs.noteTurns();
    }
  }

  async #ask(request: Request): Promise<void> {
    if (!("receive" in request)) {
      const { action, input } = request;
      const answer = await this.#product.call(action, input as never);
      return this.#judge(action, input, answer);
    }
    if (request.gone) {
      await this.#product.receiveAndLeave(request.receive);
      return this.#sqs.servedInVain(request.receive.QueueUrl);
    }
    const asked = await this.#product.receive(request.receive);
    if ("answer" in asked) return this.#judgeReceive(request.receive, asked.answer);
    this.#tell?.(`    waits as receive ${asked.number}`);
    this.#waits(request.receive, asked.number);
  }

  #judge(action: Judged, input: object, answer: Answer<keyof Actions>): void {
    this.#tell?.(`    ${show(answer).slice(0, 1000)}`);
    // Each takes the input and the answer of its own action.
    (JUDGES[action] as unknown as Judge)(this.#sqs, input, answer);
  }

  #judgeReceive(input: Actions["ReceiveMessage"][0], answer: Answer<"ReceiveMessage">): void {
    this.#tell?.(`    ${show(answer).slice(0, 1000)}`);
    receiveMessage(this.#sqs, input, answer);
  }

  #waits(input: Actions["ReceiveMessage"][0], number: number): void {
    const waits = receiveMessage(this.#sqs, input, undefined);
    if (waits !== undefined) this.#sqs.waiting.push({ number, input, ...waits });
  }

  /** Whoever waits and has what he waits for must have been answered, in order of arrival; nobody else may have been, unless his time is over. */
  #serve(settled: readonly Settled[]): void {
    const answers = new Map(settled.map((one) => [one.number, one.answer]));
    this.#serveThoseOwed(answers);
    for (const waiting of this.#sqs.waiting.filter(({ number }) => answers.has(number))) this.#judgeWait(waiting, answers);
    this.#sqs.checkNobodyIsOwed();
  }

  #serveThoseOwed(answers: Map<number, Answer<"ReceiveMessage">>): void {
    for (const waiting of this.#sqs.waiting) {
      if (waiting.queue.deleted || receivable(waiting.queue, this.#sqs.nowMs).length > 0) this.#judgeWait(waiting, answers);
    }
  }

  #judgeWait(waiting: Waiting, answers: Map<number, Answer<"ReceiveMessage">>): void {
    const answer = answers.get(waiting.number);
    if (answer === undefined) return;
    this.#tell?.(`    receive ${waiting.number}, which waited: ${show(answer).slice(0, 1000)}`);
    answers.delete(waiting.number);
    this.#sqs.waiting = this.#sqs.waiting.filter((other) => other !== waiting);
    receiveAfterWait(this.#sqs, waiting, answer);
  }

  async #together(commands: readonly Command[]): Promise<void> {
    this.commands += commands.length - 1;
    const requests = commands.map((command) => this.#requestOf(command));
    const asked = await this.#product.together(async (settle) => {
      const answers: (Promise<Answer<keyof Actions>> | number)[] = [];
      for (const request of requests) {
        if ("receive" in request) {
          const receive = await this.#product.receive(request.receive);
          // Refused before the engine is asked, or not answered yet.
          answers.push("number" in receive ? receive.number : Promise.resolve(receive.answer));
        } else {
          answers.push(this.#product.call(request.action, request.input as never));
          await settle();
        }
      }
      return answers;
    });
    const settled = await this.#product.settled();
    const answers = new Map(settled.map((one) => [one.number, one.answer]));
    for (const [index, request] of requests.entries()) {
      const one = asked[index];
      this.#tell?.(`  ${textOf(commands[index] as Command)}`);
      if (!("receive" in request)) this.#judge(request.action, request.input, await (one as Promise<Answer<keyof Actions>>));
      else if (typeof one === "number") this.#judgeInGroup(request.receive, one, answers);
      else this.#judgeReceive(request.receive, (await one) as Answer<"ReceiveMessage">);
      this.#sqs.noteTurns();
      this.#serveThoseOwed(answers);
      this.#sqs.noteTurns();
    }
    this.#serve(settled.filter(({ number }) => answers.has(number)));
  }

  /** Whether a receive of a group was answered in its turn or had to wait for what came after it, only the model can say. */
  #judgeInGroup(input: Actions["ReceiveMessage"][0], number: number, answers: Map<number, Answer<"ReceiveMessage">>): void {
    const answer = answers.get(number);
    if (answer === undefined || mustWait(this.#sqs, input)) return this.#waits(input, number);
    answers.delete(number);
    this.#judgeReceive(input, answer);
  }

  async #leave(which: number): Promise<void> {
    const { waiting } = this.#sqs;
    const leaving = waiting[which % waiting.length];
    if (leaving === undefined) return;
    await this.#product.leave(leaving.number);
    this.#sqs.waiting = waiting.filter((other) => other !== leaving);
  }

  async #pass(ms: number): Promise<void> {
    const endMs = this.#sqs.nowMs + ms;
    const settled = await this.#product.advance(ms);
    for (const [atMs, together] of Map.groupBy(settled, (one) => one.atMs)) {
      this.#sqs.passUntil(atMs);
      this.#serve(together);
    }
    this.#sqs.passUntil(endMs);
    this.#sqs.checkNobodyIsOwed();
  }

  async #restart({ killed, downMs }: { killed: boolean; downMs: number }): Promise<void> {
    if (killed) this.#product.kill();
    else for (const { number, answer } of await this.#product.stop()) this.#mustGetNothing(number, answer);
    this.#sqs.waiting = [];
    this.#product.restart(downMs);
    this.#sqs.setTime(this.#sqs.nowMs + downMs);
  }

  #mustGetNothing(number: number, answer: Answer<"ReceiveMessage">): void {
    if ("output" in answer && (answer.output.Messages ?? []).length > 0)
      throw new Difference(`receive ${number} got messages when the product stopped`);
  }

  #requestOf(command: Command): Request {
    if (!("queue" in command)) throw new TypeError(`${command.do} is no request`);
    const QueueUrl = `http://localhost:4566/000000000000/${command.queue}`;
    switch (command.do) {
      case "create":
        return {
          action: "CreateQueue",
          input: { QueueName: command.queue, Attributes: { ...typeOf(command.queue), ...command.attributes } },
        };
      case "set":
        return { action: "SetQueueAttributes", input: { QueueUrl, Attributes: command.attributes } };
      case "look":
        return { action: "GetQueueAttributes", input: { QueueUrl, AttributeNames: ["All"] } };
      case "remove":
        return { action: "DeleteQueue", input: { QueueUrl } };
      case "purge":
        return { action: "PurgeQueue", input: { QueueUrl } };
      case "send":
        return { action: "SendMessage", input: { QueueUrl, ...command.message } };
      case "send batch": {
        const Entries = command.messages.map((message, index) => ({ Id: idOf(command.ids, index), ...message }));
        return { action: "SendMessageBatch", input: { QueueUrl, Entries } };
      }
      case "receive":
        return { receive: { QueueUrl, ...receiveInput(command) }, gone: command.gone };
      case "delete":
        return { action: "DeleteMessage", input: { QueueUrl, ReceiptHandle: this.#handle(command.queue, command.handle) } };
      case "delete batch": {
        const Entries = command.handles.map((pick, index) => this.#handleEntry(command, pick, index));
        return { action: "DeleteMessageBatch", input: { QueueUrl, Entries } };
      }
      case "change": {
        const ReceiptHandle = this.#handle(command.queue, command.handle);
        return { action: "ChangeMessageVisibility", input: { QueueUrl, ReceiptHandle, VisibilityTimeout: command.seconds } };
      }
      case "change batch": {
        const Entries = command.changes.map(({ handle, seconds }, index) => ({
          ...this.#handleEntry(command, handle, index),
          ...(seconds === undefined ? {} : { VisibilityTimeout: seconds }),
        }));
        return { action: "ChangeMessageVisibilityBatch", input: { QueueUrl, Entries } };
      }
    }
  }

  #handleEntry({ queue, ids }: { queue: string; ids: "distinct" | "repeated" | "malformed" }, pick: HandlePick, index: number) {
    return { Id: idOf(ids, index), ReceiptHandle: this.#handle(queue, pick) };
  }

  #handle(queue: string, pick: HandlePick): string {
    if (pick.of === "nothing") return pick.text;
    const handles = [...this.#sqs.handles.values()].filter((handle) => pick.of === "any" || handle.queue.name === queue);
    return handles.at(-1 - (pick.nth % handles.length))?.text ?? "no handle yet";
  }
}

function typeOf(queue: string): Record<string, string> {
  return queue.endsWith(".fifo") ? { FifoQueue: "true" } : {};
}

function receiveInput({ max, wait, hide }: { max: number | undefined; wait: number | undefined; hide: number | undefined }) {
  return {
    MessageSystemAttributeNames: ["All" as const],
    MessageAttributeNames: ["All"],
    ...(max === undefined ? {} : { MaxNumberOfMessages: max }),
    ...(wait === undefined ? {} : { WaitTimeSeconds: wait }),
    ...(hide === undefined ? {} : { VisibilityTimeout: hide }),
  };
}

/** A command in one line. */
function textOf({ do: what, ...how }: Command): string {
  if ("commands" in how) return `${what}: ${how.commands.map(textOf).join("; ")}`;
  return `${what} ${Object.entries(how)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ")}`;
}
