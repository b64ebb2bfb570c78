import { test } from "node:test";
import { covers } from "../../contract/covers.ts";
import { deliverUnderKills } from "./deliveries.ts";
import { publishInOrderUnderKills, publishUnderKills } from "./fan-out.ts";

test(
  "a message is in all of its queues or in none, and what was acknowledged in all, whenever the server is killed",
  { timeout: 180_000 },
  async (context) => {
    covers("sns/5.1-durable");
    await publishUnderKills(context);
  },
);

test(
  "a message of a FIFO topic that is repeated until it is acknowledged is in each queue once, in order",
  { timeout: 180_000 },
  async (context) => {
    covers("sns/8-order", "sns/8-duplicate");
    await publishInOrderUnderKills(context);
  },
);

test(
  "a message to an HTTP endpoint comes, or goes to the dead-letter queue once, whenever the server is killed, and nothing waits for ever",
  { timeout: 180_000 },
  async (context) => {
    covers("sns/5.1-durable", "sns/6.2-retried", "sns/6.2-permanent");
    await deliverUnderKills(context);
  },
);
