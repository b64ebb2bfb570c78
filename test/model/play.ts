import { mayBecomeOpen, modest } from "./clear-runs.ts";
import type { Command, Run } from "./commands.ts";
import { Product, type Settled } from "./product/product.ts";
import type { Entrance } from "./product/entrances.ts";
import { requestOf, urlOf, type Request } from "./requests.ts";
import { createQueue, deleteQueue, getQueueAttributes, purgeQueue, setQueueAttributes } from "./sqs/administration.ts";
import { Difference, show, type Answer } from "./sqs/answer.ts";
import { changeMessageVisibility, changeMessageVisibilityBatch, deleteMessage, deleteMessageBatch } from "./sqs/handles.ts";
import {
  giveUpTo,
  isGivenBefore,
  mustWait,
  receivable,
  receiveAfterWait,
  receiveInVain,
  receiveMessage,
  receiveUntold,
} from "./sqs/receiving.ts";
import { listDeadLetterSourceQueues, settleOpen } from "./sqs/redrive.ts";
import { sendMessage, sendMessageBatch } from "./sqs/sending.ts";
import { Sqs, type Waiting } from "./sqs/sqs.ts";
import type { Message as Shown } from "@aws-sdk/client-sqs";
import type { Message } from "./sqs/queue.ts";
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

type Judge = (sqs: Sqs, input: unknown, answer: Answer<keyof Actions>) => void;

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
      for (let left = this.#visible(queue); left > 0; left = this.#visible(queue)) {
        const receive = modest(this.#sqs, { do: "receive", queue, max: 10, wait: 0, hide: 43_200, gone: false });
        if (receive.do !== "receive") break;
        await this.#do(receive);
      }
    for (const queue of queues) await this.#do({ do: "look", queue });
  }

  #visible(name: string): number {
    const queue = this.#sqs.queues.get(name);
    return queue === undefined ? 0 : receivable(this.#sqs, queue).length;
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
      case "kill in receive": {
        const modestly = modest(this.#sqs, command);
        if (modestly.do === "restart") return await this.#restart(modestly);
        const input = {
          QueueUrl: urlOf(command.queue),
          MaxNumberOfMessages: command.max,
          VisibilityTimeout: command.hide,
          WaitTimeSeconds: 0,
        };
        await this.#product.killIn("ReceiveMessage", input);
        receiveUntold(this.#sqs, input);
        this.#sqs.giveUpToWaiting();
        return this.#start(0);
      }
      default:
        await this.#ask(requestOf(this.#sqs, modest(this.#sqs, command)));
        this.#sqs.noteTurns();
        this.#serve(await this.#product.settled());
        this.#sqs.noteTurns();
        this.#sqs.checkNobodyIsOwed();
        await this.#lookWhatIsOpen();
    }
  }

  async #ask(request: Request): Promise<void> {
    if (!("receive" in request)) {
      const { action, input } = request;
      if (action === "ListDeadLetterSourceQueues") return await this.#readPages(input as Actions[typeof action][0]);
      const answer = await this.#product.call(action, input);
      return this.#judge(action, input, answer);
    }
    if (request.gone) {
      const answer = await this.#product.receiveAndLeave(request.receive);
      // README: what was given to an attempt is not taken back.
      if (request.receive.ReceiveRequestAttemptId !== undefined) return this.#judgeReceive(request.receive, answer);
      return receiveInVain(this.#sqs, request.receive);
    }
    const asked = await this.#product.receive(request.receive);
    if ("answer" in asked) return this.#judgeReceive(request.receive, asked.answer);
    this.#tell?.(`    waits as receive ${asked.number}`);
    this.#waits(request.receive, asked.number);
  }

  async #readPages(input: Actions["ListDeadLetterSourceQueues"][0]): Promise<void> {
    const pages: Answer<"ListDeadLetterSourceQueues">[] = [];
    for (let next: string | undefined = ""; next !== undefined;) {
      const page: Answer<"ListDeadLetterSourceQueues"> = await this.#product.call("ListDeadLetterSourceQueues", {
        ...input,
        ...(next === "" ? {} : { NextToken: next }),
      });
      this.#tell?.(`    ${show(page)}`);
      pages.push(page);
      next = "output" in page ? page.output.NextToken : undefined;
    }
    listDeadLetterSourceQueues(this.#sqs, input, pages);
  }

  /** Where nobody can say whether a receive has come to a message, the product is asked where the message is. */
  async #lookWhatIsOpen(): Promise<void> {
    for (const queue of this.#sqs.queues.values()) {
      if (queue.open.size === 0) continue;
      const target = this.#sqs.queues.get(queue.redrive?.target ?? "");
      settleOpen(this.#sqs, queue, {
        here: await this.#product.messageIds(queue.name),
        there: target === undefined ? [] : await this.#product.messageIds(target.name),
      });
    }
  }

  #judge(action: keyof Actions, input: object, answer: Answer<keyof Actions>): void {
    this.#tell?.(`    ${show(answer).slice(0, 1000)}`);
    // Each takes the input and the answer of its own action.
    (JUDGES[action as keyof typeof JUDGES] as unknown as Judge)(this.#sqs, input, answer);
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
  }

  #serveThoseOwed(answers: Map<number, Answer<"ReceiveMessage">>): void {
    // Whoever waits longest first: what one leaves or gives up may be for somebody who has waited longer than the next.
    for (let next = this.#nextOwed(answers); next !== undefined; next = this.#nextOwed(answers)) this.#judgeWait(next, answers);
    this.#sqs.giveUpToWaiting();
  }

  #nextOwed(answers: ReadonlyMap<number, Answer<"ReceiveMessage">>): Waiting | undefined {
    const owed = this.#sqs.waiting.filter((waiting) => this.#isOwed(waiting, answers.get(waiting.number)));
    // What one was given may yet have to be received and given up by another who was answered at the same moment.
    return owed.find(({ number, queue }) => isThere(messagesIn(answers.get(number)), receivable(this.#sqs, queue))) ?? owed[0];
  }

  #isOwed({ queue, input }: Waiting, answer: Answer<"ReceiveMessage"> | undefined): boolean {
    if (answer === undefined) return false;
    const messages = messagesIn(answer);
    giveUpTo(this.#sqs, messages);
    if (queue.deleted || receivable(this.#sqs, queue).length > 0) return true;
    // Who waits is not told that what he repeats was given to another meanwhile; but he may be.
    return messages.length > 0 && isGivenBefore(this.#sqs, queue, input);
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
    if (mayBecomeOpen(this.#sqs)) {
      for (const command of commands) await this.#do(command);
      return;
    }
    this.commands += commands.length - 1;
    const requests = commands.map((command) => requestOf(this.#sqs, modest(this.#sqs, command, true)));
    const asked = await this.#product.together(async (settle) => {
      const answers: (Promise<Answer<keyof Actions>> | number)[] = [];
      for (const request of requests) {
        if ("receive" in request) {
          const receive = await this.#product.receive(request.receive);
          // Refused before the engine is asked, or not answered yet.
          answers.push("number" in receive ? receive.number : Promise.resolve(receive.answer));
        } else {
          answers.push(this.#product.call(request.action, request.input));
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
    this.#sqs.checkNobodyIsOwed();
    await this.#lookWhatIsOpen();
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
    await this.#product.advance(ms, {
      isWatched: () => this.#sqs.isWatched(),
      onStep: async (settled) => {
        this.#sqs.passUntil(this.#product.nowMs);
        this.#serve(settled);
        await this.#lookWhatIsOpen();
      },
    });
    this.#sqs.passUntil(endMs);
    this.#sqs.checkNobodyIsOwed();
  }

  async #restart({ killed, downMs }: { killed: boolean; downMs: number }): Promise<void> {
    if (killed) this.#product.kill();
    else for (const { number, answer } of await this.#product.stop()) this.#mustGetNothing(number, answer);
    this.#start(downMs);
  }

  #start(downMs: number): void {
    this.#sqs.waiting = [];
    this.#product.restart(downMs);
    this.#sqs.setTime(this.#sqs.nowMs + downMs);
  }

  #mustGetNothing(number: number, answer: Answer<"ReceiveMessage">): void {
    if ("output" in answer && (answer.output.Messages ?? []).length > 0)
      throw new Difference(`receive ${number} got messages when the product stopped`);
  }
}

/** A command in one line. */
function messagesIn(answer: Answer<"ReceiveMessage"> | undefined): readonly Shown[] {
  return answer !== undefined && "output" in answer ? (answer.output.Messages ?? []) : [];
}

function isThere(shown: readonly Shown[], messages: readonly Message[]): boolean {
  return shown.every(({ MessageId }) => messages.some(({ id }) => id === MessageId));
}

function textOf({ do: what, ...how }: Command): string {
  if ("commands" in how) return `${what}: ${how.commands.map(textOf).join("; ")}`;
  return `${what} ${Object.entries(how)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ")}`;
}
