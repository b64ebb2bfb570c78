import type { Clock, Timer } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Random } from "../../kernel/random.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import { StorageStopped, type StoreClient } from "../../storage/storage.ts";
import type { HttpAnswer, HttpSender, Signer } from "./drivers/driver.ts";
import type { DeliveryReports } from "./needs.ts";
import { retryDelayMs } from "./rules/delivery-policy.ts";
import { bodyOf, headersOf, signedTextOf, verdictOn } from "./rules/outgoing.ts";
import type { Outbound, TopicOperations } from "./store/store.ts";

/** Requests that are under way at one time, of all subscriptions and of one. */
const REQUESTS_MAX = 100;
const REQUESTS_OF_ONE_MAX = 10;
/** After a failure of our own. */
const FAILURE_PAUSE_MS = 5 * SECOND_MS;
/** Retries come so much earlier at the most, so that those of many messages do not come together. */
const JITTER = 0.1;

export interface DeliveriesOptions {
  readonly store: StoreClient<TopicOperations>;
  readonly sender: HttpSender;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly reports: DeliveryReports;
  /** Where another thread sends what waits: wakes that one. */
  readonly wakeElsewhere: (() => void) | undefined;
}

/** Sends what waits in the outbox, and notes what became of it before anything else is told of it. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  /** Requests under way, by subscription. */
  readonly #underWay = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  #looking = false;
  #lookAgain = false;
  #timer: Timer | undefined;
  #started = false;
  #stopped = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** What was under way when the server went down is sent again. */
  async start(): Promise<void> {
    await this.#options.store.releaseDeliveries({});
    this.#started = true;
    this.wake();
  }

  /** There may be something to send. */
  wake(): void {
    if (!this.#started) return this.#options.wakeElsewhere?.();
    if (this.#stopped) return;
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    this.#follow(this.#look());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#options.sender.close();
    await Promise.all(this.#running);
  }

  async #look(): Promise<void> {
    this.#timer?.cancel();
    try {
      while (this.#lookAgain && !this.#stopped) {
        this.#lookAgain = false;
        await this.#take();
      }
    } catch (error) {
      this.#failed(error);
      this.#wakeIn(FAILURE_PAUSE_MS);
    } finally {
      this.#looking = false;
    }
  }

  async #take(): Promise<void> {
    const counts = [...this.#underWay];
    const limit = REQUESTS_MAX - counts.reduce((sum, [, count]) => sum + count, 0);
    if (limit <= 0) return; // The first that ends looks again.
    const busy = counts.filter(([, count]) => count >= REQUESTS_OF_ONE_MAX).map(([subscription]) => subscription);
    const { messages, again, nextMs } = await this.#options.store.takeDeliveries({ limit, busy });
    for (const message of messages) this.#follow(this.#deliver(message));
    if (again) this.#lookAgain = true;
    else this.#wakeIn(nextMs ?? Infinity);
  }

  #wakeIn(delayMs: number): void {
    this.#timer?.cancel();
    if (!this.#stopped && delayMs < Infinity) this.#timer = this.#options.clock.after(delayMs, () => this.wake());
  }

  #follow(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  async #deliver(outbound: Outbound): Promise<void> {
    const { subscription } = outbound;
    this.#underWay.set(subscription, (this.#underWay.get(subscription) ?? 0) + 1);
    try {
      await this.#send(outbound);
    } catch (error) {
      this.#failed(error);
      await this.#giveBack(outbound);
    } finally {
      const left = (this.#underWay.get(subscription) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(subscription);
      else this.#underWay.set(subscription, left);
      this.wake();
    }
  }

  async #send({ id, tries, message, policy }: Outbound): Promise<void> {
    const { store, sender, signer, random, reports } = this.#options;
    const text = signedTextOf(message);
    const signed = text === undefined ? null : await signer.sign(message.signatureVersion, text);
    const body = bodyOf(message, signed);
    const answer = await sender.send({ url: message.endpoint, headers: headersOf(message, policy.contentType), body });
    if (this.#stopped && "failure" in answer) return; // We have cut it ourselves; the next start sends it again.
    const verdict = verdictOf(answer);
    if (verdict === "delivered") {
      await store.settleDelivery({ id, outcome: { kind: "delivered" } });
      reports.delivered(message.topicArn, 1);
      return;
    }
    const delayMs = verdict === "again" ? retryDelayMs(policy.retry, tries + 1) : undefined;
    if (delayMs !== undefined) {
      await store.settleDelivery({ id, outcome: { kind: "later", delayMs: Math.round(delayMs * (1 - JITTER * random.fraction())) } });
      return;
    }
    const { deadLetter } = await store.settleDelivery({ id, outcome: { kind: "failed", body } });
    reports.failed({ subscriptionArn: message.subscriptionArn, endpoint: message.endpoint, reason: reasonOf(answer), deadLetter });
  }

  /** It was taken: without this it would wait for the next start. What may have been sent already is sent again. */
  async #giveBack(outbound: Outbound): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#options.store.settleDelivery({ id: outbound.id, outcome: { kind: "later", delayMs: FAILURE_PAUSE_MS } });
      this.wake();
    } catch (error) {
      this.#failed(error);
      // A disk may be full for hours.
      this.#options.clock.after(FAILURE_PAUSE_MS, () => this.#follow(this.#giveBack(outbound)));
    }
  }

  #failed(error: unknown): void {
    if (error instanceof StorageStopped || this.#stopped) return;
    this.#options.logger.warn("notification upkeep failed", { error: error instanceof Error ? error.stack : String(error) });
  }
}

function verdictOf(answer: HttpAnswer): "delivered" | "again" | "never" {
  if ("status" in answer) return verdictOn(answer.status);
  return answer.failure === "forbidden" ? "never" : "again";
}

function reasonOf(answer: HttpAnswer): string {
  return "status" in answer ? `status-${answer.status}` : answer.failure;
}
