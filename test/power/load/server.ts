import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { seededRandom } from "../../../src/kernel/random.ts";
import { deliveryReports, eventTargets } from "../../../src/server/links.ts";
import { Meter } from "../../../src/server/meter.ts";
import { SparingLog } from "../../../src/server/sparing-log.ts";
import { Snapshots } from "../../../src/server/snapshots.ts";
import { blobFiles, createObjects, type ObjectService } from "../../../src/services/objects/index.ts";
import { createQueues, type Queues } from "../../../src/services/queues/index.ts";
import { createTopics, Reachable, signingKey } from "../../../src/services/topics/index.ts";
import { diskOf } from "../../../src/storage/sqlite/ballast.ts";
import type { Database } from "../../../src/storage/sqlite/database.ts";
import type { Disk } from "../../../src/storage/sqlite/space.ts";
import { startEngine } from "../../../src/storage/sqlite/start.ts";
import type { Call } from "../../../src/wire/api.ts";
import { bodyOf } from "../../../src/wire/http.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { SteppedClock } from "../../model/product/clock.ts";
import type { Actions, Output } from "../../sdk/queues/protocols.ts";
import { contentsOf } from "../check/contents.ts";
import { showOf } from "../check/show.ts";
import { linesOf } from "../model/shown.ts";
import { makeBackup } from "./backups.ts";
import type { Marks } from "./marks.ts";
import { modules, START_MS } from "./modules.ts";
import { NotedStorage, type Answered } from "./noted-storage.ts";
import { startThreaded, type Submitting } from "./threaded.ts";

/** After this time without a commit the checkpointer begins. */
const IDLE_MS = 1001;
/** So often the engine looks how full the disk is. */
const LOOK_MS = 1001;

/** How a server is, where it is not as others. */
export interface ServerKind {
  /** The engine is on a thread of its own; its time stands still. */
  readonly onThread?: true;
  /** Size of the file that holds space back for a full disk. */
  readonly ballastBytes?: number;
}

interface Running {
  readonly engine: Submitting;
  /** Undefined where it is on another thread. */
  readonly database: Database | undefined;
  readonly snapshots: Snapshots;
  readonly queues: Queues;
  readonly objects: ObjectService;
  readonly problems: unknown[];
}

/** What an object was asked for by. */
interface ObjectRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * Queues and objects over the SQLite engine and the files of a real directory, with the checkpointer on its own thread,
 * in this process and without sockets. Time is in the hand of the load.
 */
export class Server {
  readonly #directory: string;
  readonly #marks: Marks;
  readonly #known: readonly Answered[];
  readonly clock = new SteppedClock(START_MS);
  readonly #random;
  readonly #seed: number;
  readonly #kind: ServerKind;
  #storage: NotedStorage | undefined;
  #disk: Disk | undefined;
  #freeBytes = Infinity;
  #backups = 0;
  #running: Running | undefined;

  constructor(directory: string, options: { marks: Marks; seed: number; known: readonly Answered[]; kind?: ServerKind | undefined }) {
    this.#directory = directory;
    this.#marks = options.marks;
    this.#known = options.known;
    this.#seed = options.seed;
    this.#kind = options.kind ?? {};
    this.#random = seededRandom(options.seed);
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get storage(): NotedStorage {
    if (this.#storage === undefined) throw new TypeError("the server was never started");
    return this.#storage;
  }

  async start(): Promise<void> {
    const problems: unknown[] = [];
    const onFatal = (reason: unknown) => void problems.push(reason);
    const { clock } = this;
    const { engine, database } = this.#kind.onThread === true ? await this.#startThreaded(onFatal) : this.#startHere(onFatal);
    if (this.#storage === undefined) this.#storage = new NotedStorage(engine, { clock, marks: this.#marks, known: this.#known });
    else this.#storage.continueWith(engine);
    const storage = this.#storage;
    const random = this.#random;
    const queues = createQueues({ storage, random, ownAccountAsked: false });
    const told = { log: new SparingLog({ logger: silentLogger, clock }), meter: new Meter() };
    const topics = createTopics({
      ownAccountAsked: false,
      storage,
      clock,
      random,
      signer: signingKey(undefined, clock),
      reachable: new Reachable([]),
      logger: silentLogger,
      reports: deliveryReports(told),
    });
    const events = eventTargets({ queues, topics }, told);
    const blobs = blobFiles(join(this.#directory, "blobs"));
    const objects = createObjects({ storage, blobs, clock, random, logger: silentLogger, report: () => {}, events, baseHosts: [] });
    await objects.start();
    const holdBlobs = () => objects.holdBlobs();
    const snapshots = new Snapshots({ data: this.#directory, blobs, holdBlobs, clock, random, logger: silentLogger });
    this.#running = { engine, queues, objects, snapshots, problems, database };
  }

  #startHere(onFatal: (reason: unknown) => void): { engine: Submitting; database: Database } {
    const { clock } = this;
    const continued = (highWaterMs: number) => {
      clock.jump(highWaterMs);
      return clock;
    };
    // The real file of ballast, on a disk that is as full as the scenario says.
    const disk = (directory: string) => (this.#disk = { ...diskOf(directory), freeBytes: () => this.#freeBytes });
    const around = { clock: continued, wallMs: () => clock.nowMs(), disk, checkpointThread: true };
    const { ballastBytes } = this.#kind;
    const { engine, opened } = startEngine({ directory: this.#directory, modules: modules(), onFatal, ballastBytes }, around);
    return { engine, database: opened.database };
  }

  async #startThreaded(onFatal: (reason: unknown) => void): Promise<{ engine: Submitting; database: undefined }> {
    const { engine, highWaterMs } = await startThreaded({ directory: this.#directory, nowMs: this.clock.nowMs() }, onFatal);
    this.clock.jump(highWaterMs);
    return { engine, database: undefined };
  }

  async stop(): Promise<void> {
    const { engine, objects, snapshots } = this.#parts;
    await this.#quiet();
    await snapshots.stop();
    await objects.stop();
    await engine.stop();
    this.#running = undefined;
  }

  /** An SQS action. @throws {ServiceError} */
  async queue<A extends keyof Actions>(action: A, input: Actions[A][0]): Promise<Output<A>> {
    const { queues } = this.#parts;
    const answer = await this.storage.request(async () => queues.api.actions[action]?.handle(input, callOf(action)));
    return (answer ?? {}) as Output<A>;
  }

  /** An S3 request. @returns its answer's headers and text; @throws where it is refused. */
  async object({ method, target, headers = {}, body = "" }: ObjectRequest): Promise<{ headers: Record<string, string>; text: string }> {
    const { objects } = this.#parts;
    const bytes = bodyOf(body);
    const length = Buffer.byteLength(body);
    const all: Record<string, string> = { host: "localhost:4566", "content-length": String(length), ...headers };
    const signal = new AbortController().signal;
    const request = {
      method,
      target,
      rawHeaders: Object.entries(all).flat(),
      headers: all,
      body: bytes,
      remoteAddress: "127.0.0.1",
      signal,
    };
    const answer = await this.storage.request(() =>
      objects.handle(request, { ...callOf("", target), headers: all }, { stream: bytes.stream(), trailers: () => ({}) }),
    );
    const text = await textOf(answer.body);
    if (answer.status >= 300) throw new Error(`${method} ${target}: ${answer.status} ${text}`);
    return { headers: answer.headers, text };
  }

  /** Lets time pass, when nothing is under way. */
  async pass(ms: number): Promise<void> {
    await this.#quiet();
    const untilMs = this.clock.nowMs() + ms;
    while (this.clock.step(untilMs));
    this.clock.jump(untilMs);
    const [problem] = this.#parts.problems;
    if (problem !== undefined) throw new Error("the server has stopped by itself", { cause: problem });
  }

  /** Lets time pass in which a move task works, a timer and so a commit at a time; what it has moved is seen by looking. */
  async moves({ source, target }: { source: string; target: string }, ms: number): Promise<void> {
    await this.#quiet();
    const look = async () => {
      const { queues } = await showOf(this.engine, () => Promise.resolve(""));
      const named = (name: string) => queues.find((queue) => queue.name === name) ?? { name, messages: [] };
      this.storage.account.queues.moved(named(source), named(target));
    };
    const untilMs = this.clock.nowMs() + ms;
    while (await this.storage.unasked(() => this.clock.step(untilMs), look));
    this.clock.jump(untilMs);
  }

  /** The log is folded into the database, as when nobody has asked for anything for a while; resolves when that is done. */
  async idle(): Promise<void> {
    await this.beginToIdle();
    const { database } = this.#parts;
    if (database === undefined) throw new TypeError("the time of another thread stands still");
    const statement = database.prepare<{ log: number; checkpointed: number }>("PRAGMA wal_checkpoint(NOOP)");
    const isDone = () => {
      const { log, checkpointed } = statement.get() ?? { log: 0, checkpointed: 0 };
      return checkpointed >= log;
    };
    for (let looks = 1; !isDone(); looks += 1) {
      // What was committed meanwhile has another second to wait.
      if (looks % 100 === 0) await this.beginToIdle();
      await pause(2);
      await this.#quiet();
    }
  }

  /** The same, but what is asked for next comes while it goes on. */
  beginToIdle(): Promise<void> {
    return this.pass(IDLE_MS);
  }

  /** The disk is full, and the engine has seen it: nothing more is stored. */
  async fillDisk(): Promise<void> {
    this.#freeBytes = 0;
    await this.pass(LOOK_MS);
  }

  /** There is space again, and the engine has seen it: it makes its ballast anew. */
  async freeDisk(): Promise<void> {
    this.#freeBytes = Infinity;
    await this.pass(LOOK_MS);
    await this.pass(LOOK_MS);
  }

  /** Resolves when the ballast is whole. */
  async hasBallast(): Promise<void> {
    while (this.#disk?.ballastBytes() !== this.#kind.ballastBytes) await pause(2);
  }

  /** @param given how many are kept, and the older one that is removed for it. @returns the id of the new one. */
  backUp(given: { keep?: number; givenUp?: string } = {}): Promise<string> {
    if (given.givenUp !== undefined) this.#marks.note({ mark: "given up", id: given.givenUp });
    const { snapshots } = this.#parts;
    this.#backups += 1;
    const seed = this.#seed * 100 + this.#backups;
    return this.storage.backedUp(() => makeBackup(this.#directory, { snapshots, seed, keep: given.keep }));
  }

  get directory(): string {
    return this.#directory;
  }

  /** The account must be what the server itself shows. */
  async compare(): Promise<void> {
    await this.#quiet();
    const shown = linesOf(await showOf(this.engine, contentsOf(blobFiles(join(this.#directory, "blobs"))))).join("\n");
    const told = this.storage.account.lines().join("\n");
    if (shown !== told) throw new Error(`The server shows\n${shown}\n\nbut it has told\n${told}`);
  }

  get engine(): Storage {
    return this.#parts.engine;
  }

  async #quiet(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 3; quietTurns = this.storage.quiet ? quietTurns + 1 : 0) await turn();
  }

  get #parts() {
    if (this.#running === undefined) throw new TypeError("the server is not running");
    return this.#running;
  }
}

/** A turn of the event loop: who has something left to do when all is answered has done it after a few. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function callOf(action: string, target = "/"): Call {
  return {
    requestId: "",
    action,
    secure: false,
    principal: {
      accountId: "000000000000",
      arn: "arn:aws:iam::000000000000:root",
      uniqueId: "AIDA",
      accessKeyId: "test",
      authenticated: false,
      verified: false,
    },
    region: "us-east-1",
    baseUrl: "http://localhost:4566",
    target,
    headers: {},
    remoteAddress: "127.0.0.1",
    signal: new AbortController().signal,
  };
}

async function textOf(body: unknown): Promise<string> {
  if (body === undefined || typeof body === "string") return body ?? "";
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const pieces: Uint8Array[] = [];
  for await (const piece of body as AsyncIterable<Uint8Array>) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
