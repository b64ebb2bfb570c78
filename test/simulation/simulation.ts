import { check } from "../checkers/check.ts";
import type { Entry, Violation } from "../checkers/history.ts";
import { Client } from "./clients/client.ts";
import { drainMessages, drainNotices, readObjects } from "./clients/drain.ts";
import { BUCKET, createBucket, createQueue, DEAD, keep, NOTICES, placeOf, settingsOf } from "./clients/keeper.ts";
import { read, write, writeObjects } from "./clients/load.ts";
import { BucketClient } from "./clients/objects.ts";
import { json, query } from "./clients/protocols.ts";
import { Recorder } from "./clients/recorder.ts";
import { heal, planOf, promptMs, type Plan } from "./plan.ts";
import { SimulatedBlobs } from "./world/blobs.ts";
import { Chance } from "./world/chance.ts";
import { Disk } from "./world/disk.ts";
import { FaultCounts } from "./world/faults.ts";
import { Machine } from "./world/machine.ts";
import { Misfortune } from "./world/misfortune.ts";
import { Network } from "./world/network.ts";
import { Scheduler } from "./world/scheduler.ts";

export interface Report {
  readonly plan: Plan;
  /** A digest of everything that happened: the same for the same seed. */
  readonly hash: string;
  readonly events: number;
  readonly requests: number;
  readonly commits: number;
  readonly starts: number;
  readonly checkpoints: number;
  readonly simulatedMs: number;
  readonly faults: FaultCounts;
  readonly history: readonly Entry[];
  readonly violations: readonly Violation[];
}

/** The longest between two rounds of the engine's upkeep. */
const UPKEEP_MS = 1000;

/** After the last fault everything must have come to its end in this time. */
const LIVENESS_MS = 600_000;

/** Plays one seed: first anything may fail, then nothing does and everything must come to its end. */
export async function simulate(seed: number): Promise<Report> {
  const simulation = new Simulation(planOf(seed));
  try {
    return await simulation.run();
  } finally {
    simulation.remove();
  }
}

class Simulation {
  readonly #plan: Plan;
  readonly #chance: Chance;
  readonly #scheduler: Scheduler;
  readonly #counts = new FaultCounts();
  readonly #recorder: Recorder;
  readonly #disk: Disk;
  readonly #machine: Machine;
  readonly #network: Network;
  readonly #misfortune: Misfortune;
  readonly #found: Violation[] = [];
  #clients = 0;
  #ended = 0;
  #running = true;
  #isDrained = false;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#chance = new Chance(plan.seed * 31 + 7);
    this.#recorder = new Recorder(plan.faults.blobs.error > 0);
    this.#scheduler = new Scheduler(this.#chance.fork());
    const parts = { scheduler: this.#scheduler, counts: this.#counts };
    const { network, machine, disk, blobs } = plan.faults;
    this.#disk = new Disk({
      chance: this.#chance.fork(),
      counts: this.#counts,
      faults: disk,
      onDeath: () => this.#machine.died(),
      // Who was woken in a group that failed is woken again by upkeep.
      onTrouble: () => this.#late(this.#machine.engineMs, UPKEEP_MS),
    });
    this.#machine = new Machine({
      ...parts,
      chance: this.#chance.fork(),
      faults: machine,
      disk: this.#disk,
      blobs: new SimulatedBlobs({ ...parts, chance: this.#chance.fork(), faults: blobs }),
      onUp: (engineMs) => this.#recorder.up({ op: "up", atMs: engineMs, facts: this.#disk.facts() }),
      onLate: (fromMs, lateMs) => this.#late(fromMs, lateMs),
      onDown: () => this.#down(),
    });
    this.#network = new Network({ ...parts, chance: this.#chance.fork(), faults: network, machine: this.#machine });
    this.#misfortune = new Misfortune({ ...parts, chance: this.#chance.fork(), plan, disk: this.#disk, machine: this.#machine });
  }

  async run(): Promise<Report> {
    const { plan } = { plan: this.#plan };
    for (const kind of plan.queues) this.#recorder.mark(settingsOf(kind));
    this.#machine.start();
    this.#misfortune.begin();
    this.#startClients();
    await this.#scheduler.run(() => false, plan.safetyMs);
    heal(plan.faults);
    this.#misfortune.end();
    this.#running = false;
    this.#recorder.mark({ op: "heal", atMs: this.#machine.engineMs });
    const endMs = this.#scheduler.nowMs + LIVENESS_MS;
    await this.#scheduler.run(() => this.#ended === this.#clients, endMs);
    this.#spawn("drainer", (client) => this.#drain(client));
    await this.#scheduler.run(() => this.#isDrained, endMs + LIVENESS_MS);
    return this.#report();
  }

  remove(): void {
    this.#disk.remove();
  }

  #report(): Report {
    if (!this.#isDrained)
      this.#found.push({ rule: "unhealed", what: `${this.#clients - this.#ended} clients still wait for an answer`, history: [] });
    const { history } = this.#recorder;
    const options = { clockToleranceMs: 0, promptMs: promptMs(this.#plan.faults) };
    return {
      plan: this.#plan,
      hash: this.#scheduler.hash,
      events: this.#scheduler.events,
      requests: this.#network.requests,
      commits: this.#disk.commits,
      starts: this.#machine.lives,
      checkpoints: this.#machine.checkpoints,
      simulatedMs: this.#scheduler.nowMs,
      faults: this.#counts,
      history,
      violations: [...this.#found, ...check(history, options)],
    };
  }

  #startClients(): void {
    const { plan } = { plan: this.#plan };
    const running = () => this.#running;
    this.#spawn("maker", async (maker) => {
      if (plan.queues.includes("redrive")) await createQueue(maker, DEAD.name, "plain");
      for (const kind of plan.queues) {
        const queue = placeOf(kind);
        await createQueue(maker, queue.name, kind);
        const load = { plan, kind, queue, running };
        for (let number = 0; number < plan.writers; number += 1)
          this.#spawn(`${kind} writer ${number}`, (client) => write(client, number, load));
        for (let number = 0; number < plan.readers; number += 1)
          this.#spawn(`${kind} reader ${number}`, (client) => read(client, load, () => this.#counts.add("worker dies")));
        this.#spawn(`${kind} keeper`, (client) => keep(client, kind, running));
      }
      if (!plan.objects) return;
      await createBucket(maker);
      this.#spawn("object writer", (client) => writeObjects(client, new BucketClient(client, BUCKET), { plan, running }));
    });
  }

  #spawn(name: string, live: (client: Client) => Promise<void>): void {
    const chance = this.#chance.fork();
    const protocol = chance.is(this.#plan.query) ? query : json;
    const { scheduler, network, recorder } = { scheduler: this.#scheduler, network: this.#network, recorder: this.#recorder };
    this.#clients += 1;
    void live(new Client({ name, chance, protocol, scheduler, network, recorder })).then(() => (this.#ended += 1));
  }

  async #drain(client: Client): Promise<void> {
    const places = this.#plan.queues.map(placeOf);
    const all = this.#plan.queues.includes("redrive") ? [...places, DEAD] : places;
    // A second copy of the request that removed it may have come after it was made again.
    if (this.#plan.queues.includes("doomed")) await createQueue(client, placeOf("doomed").name, "doomed");
    this.#found.push(...(await drainMessages(client, all)));
    if (this.#plan.objects) {
      this.#found.push(...(await readObjects(client, new BucketClient(client, BUCKET))));
      this.#recorder.history.push(...(await drainNotices(client, NOTICES)));
    }
    this.#isDrained = true;
  }

  #late(fromMs: number, lateMs: number): void {
    this.#recorder.mark({ op: "trouble", atMs: fromMs, untilMs: fromMs + lateMs + promptMs(this.#plan.faults) });
  }

  #down(): void {
    this.#recorder.mark({ op: "crash", atMs: this.#machine.engineMs });
    this.#network.down();
    this.#misfortune.restart();
  }
}
