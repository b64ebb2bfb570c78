import { lookup } from "node:dns";
import type { Agent, ClientRequest } from "node:http";
import { isIP, type LookupFunction } from "node:net";
import type { Clock } from "../../../kernel/clock.ts";
import { KIB, SECOND_MS } from "../../../kernel/units.ts";
import type { HttpAnswer, HttpSender } from "./driver.ts";
import type { Reachable } from "./reachable.ts";

/** From the beginning to the end of the answer, as AWS has it. */
const ANSWER_MS_MAX = 15 * SECOND_MS;
/** Read and thrown away so that the connection can be used again; of a longer answer the connection is cut. */
const ANSWER_BYTES_MAX = 64 * KIB;
const IDLE_CONNECTION_MS = 5 * SECOND_MS;

class Forbidden extends Error {
  override readonly name = "Forbidden";
}

/** What looks a name up: `dns.lookup`, or a test's own. */
export type Lookup = (
  name: string,
  options: { all: true },
  done: (error: Error | null, found: { address: string; family: number }[]) => void,
) => void;

/**
 * Sends over connections of the platform. A name is looked up once for a connection, and the connection made to the address
 * that was found and judged: whoever owns the name cannot have it mean another one in between. Redirects are not followed.
 */
export function httpSender({ reachable, clock, resolve = lookup }: { reachable: Reachable; clock: Clock; resolve?: Lookup }): HttpSender {
  const guarded: LookupFunction = (name, options, done) => {
    resolve(name, { all: true }, (error, found) => {
      const allowed = found?.filter(({ address }) => reachable.has(address)) ?? [];
      const [first] = allowed;
      if (error !== null) done(error, "", 0);
      else if (first === undefined) done(new Forbidden(`${name} means no address that may be reached`), "", 0);
      else if (options.all === true) done(null, allowed);
      else done(null, first.address, first.family);
    });
  };
  const agents = new Map<string, Agent>();
  /** How a URL's scheme is spoken. Loaded by the first delivery: Node's clients take 15 MB, and most servers deliver to queues alone. */
  const speaking = (scheme: string) => {
    const spoken = scheme === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
    const agent = agents.get(scheme) ?? new spoken.Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS, lookup: guarded });
    agents.set(scheme, agent);
    return { request: spoken.request, agent };
  };
  return {
    send({ url, headers, body }) {
      const target = new URL(url);
      const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
      // An address is not looked up, so that it is judged here.
      if (isIP(host) !== 0 && !reachable.has(host)) return Promise.resolve(forbidden(`${host} may not be reached`));
      const { request, agent } = speaking(target.protocol);
      const length = { "content-length": String(Buffer.byteLength(body)) };
      return answerOf(request(target, { method: "POST", agent, headers: { ...headers, ...length } }), body, clock);
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function forbidden(reason: string): HttpAnswer {
  return { failure: "forbidden", reason };
}

function answerOf(request: ClientRequest, body: string, clock: Clock): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const timer = clock.after(ANSWER_MS_MAX, () => end({ failure: "timeout", reason: "no answer in time" }, true));
    const end = (answer: HttpAnswer, cut: boolean) => {
      timer.cancel();
      resolve(answer);
      if (cut) request.destroy();
    };
    request.on("error", (error) => {
      end(error instanceof Forbidden ? forbidden(error.message) : { failure: "connection", reason: error.message }, false);
    });
    request.on("response", (response) => {
      const { statusCode: status = 0 } = response;
      let bytes = 0;
      response.on("data", (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) end({ status }, true);
      });
      response.on("end", () => end({ status }, false));
      response.on("error", () => end({ status }, true));
    });
    request.end(body);
  });
}
