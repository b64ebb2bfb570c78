import assert from "node:assert/strict";
import { Session, type Profiler } from "node:inspector";
import { test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { hostileCases, ONE_RULE, type Hostile } from "./filter-hostile.fixture.ts";
import { parseFilterPolicy } from "./filter-policy.ts";

/** An eighth of the largest: steps tell as much of it. */
const BYTES = 32 * 1024;
const refuse = (message: string) => new ServiceError({ code: "InvalidParameter", httpStatus: 400, fault: "client", message });

/**
 * Steps of all that reads and judges messages: how often each block of its source was run, as V8 counts it, and the
 * characters that were handed to the platform. Whatever else the machine does, the same work takes nearly the same steps.
 */
function stepsOf(session: Session, work: () => void): number {
  const counts = (): number => {
    let all = 0;
    session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error !== null) throw error;
      for (const { url, functions } of answer.result) if (/\/(?:filter-|json-)[^/]*$/.test(url)) all += blocks(functions);
    });
    return all;
  };
  counts(); // What was counted is forgotten by being told.
  const characters = charactersOf(work);
  return counts() + characters;
}

function blocks(functions: readonly Profiler.FunctionCoverage[]): number {
  return functions.flatMap(({ ranges }) => ranges).reduce((sum, { count }) => sum + count, 0);
}

const TEXT = String.prototype;

/** Characters that the platform looks at or copies while something runs. */
function charactersOf(work: () => void): number {
  // oxlint-disable-next-line typescript/unbound-method -- They are called with a text, and put back.
  const { slice, startsWith, indexOf, toLowerCase } = TEXT;
  let characters = 0;
  const counted = {
    slice(this: string, ...given: Parameters<typeof slice>) {
      const result = slice.apply(this, given);
      characters += result.length;
      return result;
    },
    startsWith(this: string, ...given: Parameters<typeof startsWith>) {
      characters += given[0].length;
      return startsWith.apply(this, given);
    },
    indexOf(this: string, ...given: Parameters<typeof indexOf>) {
      const [piece, from = 0] = given;
      const found = indexOf.apply(this, given);
      characters += found < 0 ? this.length - from : found - from + piece.length;
      return found;
    },
    toLowerCase(this: string) {
      characters += this.length;
      return toLowerCase.apply(this);
    },
  };
  Object.assign(TEXT, counted);
  try {
    work();
  } finally {
    Object.assign(TEXT, { slice, startsWith, indexOf, toLowerCase });
  }
  return characters;
}

function counting(): { session: Session; end: () => void } {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return { session, end: () => session.disconnect() };
}

function compiled({ scope, policy, message }: Hostile): () => void {
  const filter = parseFilterPolicy(JSON.stringify(policy), { scope, refuse });
  return () => void filter.matches(message);
}

/** Of each character; 15 are the most that we have seen. */
const STEPS_MAX = 20;
/** A policy of 150 rules that were asked one by one would take more than a hundred times as many as one of a single rule. */
const TIMES_MAX = 25;

test("a message takes steps by its length, whatever the policy: 150 rules take a few times as many as one", () => {
  const { session, end } = counting();
  for (const hostile of hostileCases(BYTES)) {
    const steps = stepsOf(session, compiled(hostile));
    // Where one rule does not look at the message, a step for each character.
    const times = steps / Math.max(BYTES, stepsOf(session, compiled({ ...hostile, policy: ONE_RULE })));
    const told = `${hostile.name}: ${(steps / BYTES).toFixed(1)} steps a character, ${times.toFixed(1)} times those of one rule`;
    if (process.env["FILTER_FIGURES"] !== undefined) process.stdout.write(`${told}\n`);
    assert.ok(steps <= STEPS_MAX * BYTES && times <= TIMES_MAX, told);
  }
  end();
});
