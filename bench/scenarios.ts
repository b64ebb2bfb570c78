import { setTimeout as pause } from "node:timers/promises";
import type { ScenarioName } from "./job.ts";
import type { Recorder } from "./recorder.ts";
import type { Session } from "./subjects/subject.ts";

/** Opens what one of many clients needs, and gives what it then does again and again. */
export type Scenario = (open: () => Promise<Session>, recorder: Recorder) => Promise<() => Promise<void>>;

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  send: (open, recorder) => sends(open, recorder, 1),
  batch: (open, recorder) => sends(open, recorder, 10),
  cycle: (open, recorder) => cycles(open, recorder, 10),
  "cycle-singles": (open, recorder) => cycles(open, recorder, 1),
  mixed,
  wake,
};

/** Messages that one turn sends. */
export function messagesOf(scenario: ScenarioName): number {
  return scenario === "batch" || scenario === "cycle" ? 10 : 1;
}

async function sends(open: () => Promise<Session>, recorder: Recorder, count: number): Promise<() => Promise<void>> {
  const session = await open();
  return async () => {
    await recorder.timed("send", () => session.send(count));
    recorder.done(count);
  };
}

/** Everybody receives only after having sent as much, so nobody ever finds the queue empty. */
async function cycles(open: () => Promise<Session>, recorder: Recorder, count: number): Promise<() => Promise<void>> {
  const session = await open();
  return async () => {
    await recorder.timed("send", () => session.send(count));
    const handles = await recorder.timed("receive", () => session.receive(count));
    if (handles.length > 0) await recorder.timed("delete", () => session.delete(handles));
    recorder.done(handles.length);
  };
}

/** What one client of a mixed load does in turn; it receives as many as it has sent. */
const MIX = ["one", "ten", "receive", "one", "one", "one", "one", "receive", "ten", "one", "one", "one", "one", "one", "receive"] as const;
let mixedClients = 0;

/** Singles, batches and receives of tens beside each other, every client at another place of the same round. */
async function mixed(open: () => Promise<Session>, recorder: Recorder): Promise<() => Promise<void>> {
  const session = await open();
  let at = (mixedClients += 1);
  return async () => {
    at += 1;
    const next = MIX[at % MIX.length];
    if (next === "one") return recorder.timed("send", () => session.send(1));
    if (next === "ten") return recorder.timed("send", () => session.send(10));
    const handles = await recorder.timed("receive", () => session.receive(10));
    if (handles.length > 0) await recorder.timed("delete", () => session.delete(handles));
    recorder.done(handles.length);
  };
}

/** Long enough for the server to have parked the receive before the message comes. */
const PARKED_AFTER_MS = 10;

/** From the first byte of the send to the last byte of the answer that a waiting receive gets; the send's own answer beside it. */
async function wake(open: () => Promise<Session>, recorder: Recorder): Promise<() => Promise<void>> {
  const [sender, receiver] = [await open(), await open()];
  return async () => {
    const waiting = receiver.receive(1, 20);
    await pause(PARKED_AFTER_MS);
    const startMs = performance.now();
    const woken = waiting.then((handles) => {
      recorder.took("wake", startMs);
      return handles;
    });
    const [, handles] = await Promise.all([recorder.timed("send", () => sender.send(1)), woken]);
    await receiver.delete(handles);
    recorder.done(handles.length);
  };
}
