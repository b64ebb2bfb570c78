import { test } from "node:test";
import { covers } from "../../contract/covers.ts";
import { giveUpUnderKills, moveUnderKills } from "./moves.ts";

/** With a mistake one or two of them are enough, as `faults.test.ts` shows. */
const KILLS = 4;

test("a message that is given up is in one queue, once, whenever the server is killed", { timeout: 180_000 }, async (context) => {
  covers("sqs/7.2-moves-on-receive");
  await giveUpUnderKills(context, KILLS);
});

test("a move task goes on after each kill, and moves every message once", { timeout: 180_000 }, async (context) => {
  covers("sqs/7.4-own-source");
  await moveUnderKills(context, KILLS);
});
