import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../../src/kernel/random.ts";
import { createQueues, type Queues } from "../../../src/services/queues/index.ts";
import { EVERY_MESSAGE } from "../../../src/services/queues/rules/message-search.ts";
import { queueStore } from "../../../src/services/queues/store/sqlite/index.ts";
import type { Database } from "../../../src/storage/sqlite/database.ts";
import { Engine } from "../../../src/storage/sqlite/engine.ts";
import { openDirectory } from "../../../src/storage/sqlite/open.ts";
import type { Actions } from "../../sdk/queues/protocols.ts";
import type { Answer } from "../sqs/answer.ts";
import type { Caller, Entrance } from "./entrances.ts";
import { SteppedClock } from "./clock.ts";

/** A receive that was answered after it had waited. */
export interface Settled {
  readonly number: number;
  readonly atMs: number;
  readonly answer: Answer<"ReceiveMessage">;
}

interface Pending {
  readonly number: number;
  readonly leave: () => void;
  answer: Answer<"ReceiveMessage"> | undefined;
  left: boolean;
}

/** What a start finds of what was there. */
const FILES_KEPT = ["millrace.db", "millrace.db-wal"];

/** The service from one start to the next. */
interface Running {
  readonly clock: SteppedClock;
  readonly engine: Engine;
  readonly caller: Caller;
  readonly store: Queues["store"];
  readonly database: Database;
  readonly close: () => void;
}

/** In memory where the system has such files: what a killed process leaves is the same, and an fsync costs nothing. */
const FILES = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/**
 * The queue service over its SQLite store in a directory, in this process and without sockets, with time in the driver's
 * hand. It can be stopped, or dropped as a killed process would be, and started again on what it has left.
 */
export class Product {
  readonly #entrance: Entrance;
  readonly #root: string;
  #generation = 0;
  #nowMs: number;
  #running: Running;
  #pending: Pending[] = [];
  #received = 0;
  #started = 0;
  #held: (() => void)[] | undefined;
  #fatal: Error | undefined;

  /** @param entrance how requests reach the service. */
  constructor(entrance: Entrance, startMs: number) {
    this.#entrance = entrance;
    this.#root = mkdtempSync(join(FILES, "millrace-model-"));
    mkdirSync(this.#directory);
    writeFileSync(join(this.#directory, "millrace.db"), emptyDatabase());
    this.#nowMs = startMs;
    this.#running = this.#start();
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Receives that wait, by number, in the order in which they came. */
  get pending(): number[] {
    return this.#pending.map(({ number }) => number);
  }

  call<A extends keyof Actions>(action: A, input: Actions[A][0]): Promise<Answer<A>> {
    return this.#running.caller(action, input, new AbortController().signal);
  }

  /** @returns the number by which a receive that waits is known, or the answer of one that need not. */
  async receive(input: Actions["ReceiveMessage"][0]): Promise<{ number: number } | { answer: Answer<"ReceiveMessage"> }> {
    const controller = new AbortController();
    const number = (this.#received += 1);
    const pending: Pending = { number, leave: () => controller.abort(), answer: undefined, left: false };
    void this.#running.caller("ReceiveMessage", input, controller.signal).then(
      (answer) => (pending.answer = answer),
      (failure: unknown) => (pending.left ? undefined : this.#fail(failure)),
    );
    await settle();
    if (pending.answer !== undefined) return { answer: pending.answer };
    this.#pending.push(pending);
    return { number };
  }

  /** A receive without waiting, whose caller is gone when its answer comes. */
  receiveAndLeave(input: Actions["ReceiveMessage"][0]): Promise<Answer<"ReceiveMessage">> {
    return this.#running.caller("ReceiveMessage", input, AbortSignal.abort());
  }

  /** The caller of a receive that waits goes away. */
  async leave(number: number): Promise<void> {
    const pending = this.#pending.find((pending) => pending.number === number);
    if (pending === undefined) return;
    pending.left = true;
    pending.leave();
    await settle();
    this.#pending = this.#pending.filter((other) => other !== pending);
  }

  /** Receives that waited and have been answered since this was last asked, in the order in which they came. */
  async settled(): Promise<Settled[]> {
    if (this.#pending.length === 0) return [];
    await settle();
    const settled = this.#pending.flatMap(({ number, answer }) => (answer === undefined ? [] : [{ number, atMs: this.#nowMs, answer }]));
    this.#pending = this.#pending.filter(({ answer }) => answer === undefined);
    return settled;
  }

  /**
   * Lets time pass, from one timer to the next while somebody waits or watches; else nobody could tell whether a timer runs
   * on time or late.
   * @param options `onStep`: is told of the receives that were answered, at the very moment.
   */
  async advance(byMs: number, options: { isWatched: () => boolean; onStep: (settled: Settled[]) => Promise<void> }): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (let watched = options.isWatched(); (watched || this.#pending.length > 0) && this.#running.clock.step(untilMs);) {
      this.#nowMs = this.#running.clock.nowMs();
      const settled = await this.settled();
      if (watched || settled.length > 0) await options.onStep(settled);
      watched = options.isWatched();
    }
    this.#running.clock.jump(untilMs);
    while (this.#running.clock.step(untilMs));
    this.#nowMs = untilMs;
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  /** Ids of the messages in a queue, whatever their state, in their order, without taking them. */
  async messageIds(name: string): Promise<string[]> {
    const queue = { account: "000000000000", region: "us-east-1", name };
    const page = await this.#running.store.peek({ queue, search: EVERY_MESSAGE, after: undefined, messagesMax: 1000, scanMax: 10_000 });
    return page.messages.toSorted((a, b) => a.sequence - b.sequence).map(({ id }) => id);
  }

  /** What is asked in here arrives while the engine is busy, and is run in one group afterwards. */
  async together<T>(ask: (settle: () => Promise<void>) => Promise<T>): Promise<T> {
    this.#held = [];
    const asked = await ask(settle);
    const held = this.#held;
    this.#held = undefined;
    for (const run of held) run();
    return asked;
  }

  /** Stops it as an operator would. @returns what those were told who waited. */
  async stop(): Promise<Settled[]> {
    await this.#running.engine.stop();
    const settled = await this.settled();
    this.#pending = [];
    return settled;
  }

  /** Ends it as SIGKILL would: nobody is told anything, and the files stay as they are. */
  kill(): void {
    this.#leave();
    this.#drop();
  }

  /** The same as soon as anything was committed of what is asked. */
  async killIn<A extends keyof Actions>(action: A, input: Actions[A][0]): Promise<void> {
    const { database } = this.#running;
    const exec = database.exec.bind(database);
    let left = false;
    database.exec = (sql) => {
      exec(sql);
      if (!left && sql.startsWith("COMMIT")) left = this.#leave();
    };
    await this.call(action, input);
    if (!left) this.#leave();
    this.#drop();
  }

  /** Puts the files as they are now where it will be started again. */
  #leave(): true {
    const left = this.#directory;
    this.#generation += 1;
    mkdirSync(this.#directory);
    for (const file of FILES_KEPT) if (existsSync(join(left, file))) copyFileSync(join(left, file), join(this.#directory, file));
    return true;
  }

  /** What has run until now is of no account any more. */
  #drop(): void {
    this.#running.close();
    rmSync(join(this.#root, String(this.#generation - 1)), { recursive: true });
    this.#pending = [];
  }

  /** Starts it again after a while. */
  restart(downMs: number): void {
    this.#nowMs += downMs;
    this.#running = this.#start();
  }

  async remove(): Promise<void> {
    await this.#running.engine.stop();
    rmSync(this.#root, { recursive: true });
  }

  #fail(reason: unknown): void {
    this.#fatal ??= reason instanceof Error ? reason : new Error(String(reason));
  }

  get #directory(): string {
    return join(this.#root, String(this.#generation));
  }

  #start(): Running {
    const modules = [queueStore({ coolDown: true })];
    const opened = openDirectory(this.#directory, modules);
    // What a power cut would leave is not asked here. A short log is read again sooner by the next start.
    opened.database.exec("PRAGMA wal_autocheckpoint = 200; PRAGMA synchronous = OFF");
    const clock = new SteppedClock(this.#nowMs);
    const soon = (run: () => void) => (this.#held === undefined ? run() : void this.#held.push(run));
    const onFatal = (reason: unknown) => this.#fail(reason);
    const engine = new Engine({ opened, modules, clock, checkpointer: undefined, soon, onFatal });
    const random = seededRandom((this.#started += 1));
    const queues = createQueues({ storage: engine, random, ownAccountAsked: false });
    const caller = this.#entrance({ queues, clock, random });
    return { clock, engine, caller, store: queues.store, database: opened.database, close: () => opened.close() };
  }
}

/** A database with all its tables and nothing in them, made once: to make one takes longer than most runs. */
function emptyDatabase(): Buffer {
  if (made !== undefined) return made;
  const directory = mkdtempSync(join(FILES, "millrace-model-empty-"));
  openDirectory(directory, [queueStore({ coolDown: true })]).close();
  made = readFileSync(join(directory, "millrace.db"));
  rmSync(directory, { recursive: true });
  return made;
}

let made: Buffer | undefined;

/** Everything that can be answered without time passing has been answered. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
