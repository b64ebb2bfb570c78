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

/**
 * Whether a receive in flight is given up when the worker stops. A server that notices takes the receive back, and the
 * stop is immediate. AWS may have marked messages as in flight for the lost answer, which then wait out their lease; so
 * there the receive is left to end by itself, if it will within the grace.
 * @param remainingMs how much longer the server may hold the receive.
 */
export function cancelsReceive(queueUrl: string, remainingMs: number, graceMs: number): boolean {
  return !isAws(queueUrl) || remainingMs > graceMs;
}

/** `sqs.eu-west-1.amazonaws.com`, the older `queue.amazonaws.com`, China's `amazonaws.com.cn`, and the endpoints of `api.aws`. */
function isAws(queueUrl: string): boolean {
  if (!URL.canParse(queueUrl)) return false;
  return /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov)$/.test(new URL(queueUrl).hostname);
}
