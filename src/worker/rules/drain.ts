/**
 * The stages of a shutdown, in order. A further signal moves on to the next one.
 * `running`; `drain`: no new receives, running handlers finish; `abort`: handlers are told to stop; `release`: what is
 * left goes back to the queue; `stopped`.
 */
export type Stage = "running" | "drain" | "abort" | "release" | "stopped";

/** How long handlers have after their signal was aborted. */
export const ABORT_MS = 3000;

/** How long the last requests may take; what is not acknowledged by then returns when its lease ends. */
export const RELEASE_MS = 2000;

const NEXT: Readonly<Record<Stage, Stage>> = { running: "drain", drain: "abort", abort: "release", release: "stopped", stopped: "stopped" };

export function nextStage(stage: Stage): Stage {
  return NEXT[stage];
}

/** What a stage means to whoever pressed the key or reads the log. */
export function stageText(stage: Stage): string {
  const texts: Readonly<Record<Stage, string>> = {
    running: "working",
    drain: "no new messages; waiting for running handlers",
    abort: "telling running handlers to stop",
    release: "returning unfinished messages to the queue",
    stopped: "stopped",
  };
  return texts[stage];
}

/** A receive that has waited this long waits at an empty queue; a younger one may be on its way back with messages. */
const YOUNG_MS = 1000;

/**
 * When a receive in flight is given up after the worker was told to stop, in milliseconds from now; `undefined` where it is
 * left to end by itself. A cancelled receive strands what the server has already given it: those messages wait out their
 * lease. A server that notices takes them back, but not once its answer is on the wire; so a young receive has a
 * moment to return, and one that has waited in vain is cancelled at once. AWS may strand messages in any case; there the receive
 * is left to end, if it will within the grace.
 * @param receive how long ago it was sent, and how much longer the server may hold it.
 */
export function receiveCancelMs(receive: { ageMs: number; remainingMs: number }, graceMs: number, queueUrl: string): number | undefined {
  if (isAws(queueUrl) && receive.remainingMs <= graceMs) return undefined;
  return Math.max(0, Math.min(YOUNG_MS - receive.ageMs, graceMs));
}

/** `sqs.eu-west-1.amazonaws.com`, the older `queue.amazonaws.com`, China's `amazonaws.com.cn`, and the endpoints of `api.aws`. */
function isAws(queueUrl: string): boolean {
  if (!URL.canParse(queueUrl)) return false;
  return /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov)$/.test(new URL(queueUrl).hostname);
}
