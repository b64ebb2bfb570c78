import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Rule } from "../checkers/rules.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { configWith } from "../../src/server/config.ts";
import { startServer, type Server } from "../../src/server/server.ts";
import { campaign, type CampaignOptions, type Subject } from "./campaign.ts";
import { FAULT_NAMES, faultyProxy } from "./faulty-proxy.ts";
import { BY_KILLS, BY_PROXY } from "./planted.ts";

/** The rules that a short campaign with one thing wrong finds broken. */
async function rulesBroken(options: Partial<CampaignOptions>): Promise<Rule[]> {
  const data = await mkdtemp(join(tmpdir(), "millrace-fault-"));
  try {
    const { violations } = await campaign({
      kills: 0,
      seed: 1,
      data,
      writers: 8,
      readers: 8,
      loadMs: [300, 300],
      visibilitySeconds: [1],
      ...options,
    });
    return [...new Set(violations.map(({ rule }) => rule))];
  } finally {
    await rm(data, { recursive: true });
  }
}

/** Nobody kills it. */
class ServerInProcess implements Subject {
  #server: Promise<Server> | undefined;
  port = 0;

  start(): void {
    this.#server = startServer(configWith({ port: 0, memory: true }), { logger: silentLogger });
  }

  get up(): Promise<void> {
    return Promise.resolve(this.#server).then((server) => {
      this.port = Number(new URL(server?.endpoint ?? "").port);
    });
  }

  async kill(): Promise<undefined> {
    await (await this.#server)?.stop();
    return undefined;
  }
}

/** So much happens at least. */
const ENTRIES_MIN = 200;
/** So many have ended before each kill. */
const OPERATIONS = 500;
/** How often it is looked whether it has: all that comes after it only takes time. */
const LOOK_MS = 10;

describe("a fault that is planted is found, through the same clients and the same check", { concurrency: 2 }, () => {
  for (const { name, breaks, objects, treated: treatedMin } of BY_PROXY)
    test(name, { timeout: 120_000 }, async () => {
      const { between, treated } = faultyProxy(name);
      const until: CampaignOptions["until"] = (history) => treated() >= treatedMin && history.length >= ENTRIES_MIN;
      const broken = await rulesBroken({ server: new ServerInProcess(), between, objects, until, loadMs: [LOOK_MS, LOOK_MS] });
      assert.ok(broken.includes(breaks), `found only: ${broken.join(", ")}`);
    });

  for (const { name, breaks, fixture, kills } of BY_KILLS)
    test(name, { timeout: 120_000 }, async () => {
      const broken = await rulesBroken({ kills, operations: [OPERATIONS, OPERATIONS], preload: join(import.meta.dirname, fixture) });
      assert.ok(
        breaks.some((rule) => broken.includes(rule)),
        `found only: ${broken.join(", ")}`,
      );
    });

  test("each that a proxy can make is looked for", () => {
    assert.deepEqual(
      BY_PROXY.map(({ name }) => name),
      FAULT_NAMES,
    );
  });
});
