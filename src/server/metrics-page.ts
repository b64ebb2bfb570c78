import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Verifier } from "../auth/index.ts";
import type { MeasuredQueues, Queues } from "../services/queues/index.ts";
import type { HttpResponse } from "../wire/http.ts";
import { BadSetting } from "./config.ts";
import type { Exchange } from "./exchange.ts";
import { Meter, type MeterFigures } from "./meter.ts";
import { queueExposition } from "./queue-exposition.ts";
import { storageExposition, type Report } from "./storage-report.ts";
import { topicExposition } from "./topic-exposition.ts";

/** Queues with labels of their own on one page: each is some twenty series, and whoever collects them pays for each. */
const QUEUES_SHOWN_MAX = 1000;

const TOKEN_CHARACTERS_MIN = 16;

export interface MetricsPageOptions {
  readonly meter: Meter;
  /** What the other threads of the server have counted. */
  readonly countedElsewhere: () => Promise<readonly MeterFigures[]>;
  /** How many threads answer requests. */
  readonly threads: () => number;
  readonly report: Report;
  readonly measure: Queues["store"]["measure"];
  readonly verifier: Verifier;
  /** Whether every request must prove who sends it, this one too where it is to see names. */
  readonly keys: boolean;
  /** What a collector may show instead of a signature. */
  readonly token: string | undefined;
}

/** `/metrics`, in the text format of Prometheus, version 0.0.4. */
export class MetricsPage {
  readonly #options: MetricsPageOptions;

  constructor(options: MetricsPageOptions) {
    this.#options = options;
  }

  /**
   * Names of queues and topics are shown to whom they belong: in `dev` mode to everybody, with credentials to whoever holds the token,
   * and to a signed caller those of its account. Everybody sees how requests were answered, which names nobody; so does whoever
   * asks for `?names=none`, since a thousand queues are megabytes.
   * @throws {ServiceError} for a signature that is wrong.
   */
  async answer(exchange: Exchange): Promise<HttpResponse> {
    const { report, measure } = this.#options;
    const whose = this.#whose(exchange);
    const measured: MeasuredQueues =
      whose === undefined ? { queues: [], more: false } : await measure({ ...whose, queuesMax: QUEUES_SHOWN_MAX });
    const counted = await this.#counted();
    return {
      status: 200,
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "x-content-type-options": "nosniff" },
      body:
        counted.exposition() +
        threadsExposition(this.#options.threads()) +
        storageExposition(report) +
        (whose === undefined ? "" : queueExposition(measured) + topicExposition(counted.topics, whose.account)),
    };
  }

  /** By all threads together. */
  async #counted(): Promise<Meter> {
    const { meter, countedElsewhere } = this.#options;
    const sum = new Meter();
    for (const figures of [meter.figures(), ...(await countedElsewhere())]) sum.add(figures);
    return sum;
  }

  #whose({ request }: Exchange): { account: string | undefined } | undefined {
    const { keys, token, verifier } = this.#options;
    if (/[?&]names=none(?:&|$)/.test(request.target)) return undefined;
    const authorization = request.headers["authorization"];
    if (!keys) return { account: undefined };
    if (authorization === undefined) return undefined;
    if (token !== undefined && isSame(authorization, `Bearer ${token}`)) return { account: undefined };
    return { account: verifier.verify(request).principal.accountId };
  }
}

function threadsExposition(threads: number): string {
  return `# HELP millrace_http_threads Threads that answer requests.\n# TYPE millrace_http_threads gauge\nmillrace_http_threads ${threads}\n`;
}

/** Takes as long for a token that is nearly right as for any other of its length. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @throws {BadSetting} the file cannot be read, or holds too little to be a secret. */
export function readMetricsToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new BadSetting(`The metrics token file ${file} cannot be read: ${(error as Error).message}.`);
  }
  if (!/^[!-~]+$/.test(token) || token.length < TOKEN_CHARACTERS_MIN)
    throw new BadSetting(
      `The metrics token file ${file} must hold one token of at least ${TOKEN_CHARACTERS_MIN} letters, digits or signs.`,
    );
  return token;
}
