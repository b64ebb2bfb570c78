import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { silentLogger } from "../../kernel/logger.ts";
import { seededRandom } from "../../kernel/random.ts";
import type { StoreClient } from "../../storage/storage.ts";
import type { Signer } from "./drivers/driver.ts";
import { effectivePolicy } from "./rules/delivery-policy.ts";
import { subscriptionConfirmation } from "./rules/outgoing.ts";
import type { DeliveryOutcome, Outbound, TopicOperations } from "./store/store.ts";
import { Deliveries } from "./upkeep.ts";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:news";
const MESSAGE = subscriptionConfirmation({
  topicArn: TOPIC,
  subscriptionArn: `${TOPIC}:1`,
  endpoint: "http://subscriber.test/",
  baseUrl: "http://localhost:4566",
  token: "token",
  messageId: "1",
  timestamp: "2026-01-01T00:00:00.000Z",
  signatureVersion: "1",
});
const OUTBOUND: Outbound = { id: 1, subscription: "1", tries: 0, message: MESSAGE, policy: effectivePolicy(undefined, undefined) };

test("a message that could not be signed waits a while and is sent then, not only after a restart", { timeout: 60_000 }, async () => {
  const clock = manualClock();
  let refusals = 2;
  const outcomes: DeliveryOutcome[] = [];
  const waiting = [OUTBOUND];
  const delivered = Promise.withResolvers<void>();
  const store = {
    releaseDeliveries: async () => {},
    takeDeliveries: async () => ({ messages: waiting.splice(0), again: false, nextMs: null }),
    async settleDelivery({ outcome }: { outcome: DeliveryOutcome }) {
      if (refusals > 0) {
        refusals -= 1;
        setImmediate(() => clock.advance(5000));
        throw new Error("the disk is full");
      }
      outcomes.push(outcome);
      if (outcome.kind === "later") waiting.push(OUTBOUND);
      else delivered.resolve();
      return { deadLetter: null };
    },
  } as unknown as StoreClient<TopicOperations>;
  let asked = 0;
  const signer = {
    async sign() {
      asked += 1;
      if (asked === 1) throw new Error("the thread that signs has ended");
      return { signature: "c2lnbmVk", certificatePath: "/certificate.pem" };
    },
  } as unknown as Signer;
  const deliveries = new Deliveries({
    store,
    signer,
    sender: { send: async () => ({ status: 200 }), close() {} },
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    reports: { delivered() {}, failed() {}, failedBesides() {} },
    wakeElsewhere: undefined,
  });
  await deliveries.start();
  await delivered.promise;
  await deliveries.stop();
  assert.deepEqual(outcomes, [{ kind: "later", delayMs: 5000 }, { kind: "delivered" }]);
});
