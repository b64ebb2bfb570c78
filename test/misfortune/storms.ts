/** The real server that is started again and again, and told to stop or killed before it has done much. Usage: node storms.ts [SEED] */
import { setTimeout as pause } from "node:timers/promises";
import { startAgain } from "../crash/campaign.ts";
import { nowMs } from "../crash/observer.ts";
import { under, type Blow } from "./under.ts";

const STARTS = 15;
/** From right after the start to some time after it serves. */
const LIFE_MS_MAX = 700;
/** So often it is asked to stop, and has so long to do so. */
const ASKED = 0.5;
const STOPPING_MS_MAX = 12_000;

const [seed = String(process.pid)] = process.argv.slice(2);

const restart: Blow = async (server, history, random) => {
  await pause(random.fraction() * LIFE_MS_MAX);
  history.push({ op: "crash", atMs: nowMs() });
  server.mayEnd();
  const isAsked = random.fraction() < ASKED;
  if (isAsked) server.signal("SIGTERM");
  const end = await server.kill(isAsked ? STOPPING_MS_MAX : 0);
  // Before it listens to signals it ends by them.
  if (isAsked && end !== 0 && end !== "SIGTERM") throw new Error(`asked to stop it ended with ${end}: ${server.lastWords}`);
  startAgain(server, history);
};

await under(`${STARTS} starts in a row, each stopped or killed within ${LIFE_MS_MAX} ms`, restart, { blows: STARTS, seed: Number(seed) });
