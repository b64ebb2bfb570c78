import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { manualClock, type ManualClock } from "../../../src/kernel/clock.ts";
import type { Logger, LogFields } from "../../../src/kernel/logger.ts";
import { configWith } from "../../../src/server/config.ts";
import { startServer, type Server } from "../../../src/server/server.ts";
import { parametersOf } from "./query-protocol.ts";

/** Somebody with an access key: the root of an account, or a user of it. */
export interface Caller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: string;
  readonly name?: string;
}

const OWNING = "000000000000";
const OTHER = "111111111111";

export const OWNER: Caller = { accessKeyId: "AKIAOWNER", secretAccessKey: "the-secret-of-the-owner", accountId: OWNING };
export const OWN_USER: Caller = { accessKeyId: "AKIAALICE", secretAccessKey: "the-secret-of-alice", accountId: OWNING, name: "alice" };
export const STRANGER: Caller = { accessKeyId: "AKIASTRANGER", secretAccessKey: "the-secret-of-a-stranger", accountId: OTHER };
export const STRANGE_USER: Caller = { accessKeyId: "AKIABOB", secretAccessKey: "the-secret-of-bob", accountId: OTHER, name: "bob" };
/** Made once: AWS's clients write into the credentials that they are given. */
const CREDENTIALS_FILE = JSON.stringify([OWNER, OWN_USER, STRANGER, STRANGE_USER]);

/** `arn:aws:iam::<account>:root` or `…:user/<name>`. */
export function arnOf({ accountId, name }: Caller): string {
  return `arn:aws:iam::${accountId}:${name === undefined ? "root" : `user/${name}`}`;
}

/** A request with all that its signer put on it, ready to be sent, also again. */
export interface Signed {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  /** The error's code as the Query protocol names it; empty where there is none. */
  readonly code: string;
  readonly text: string;
}

/** What an action is asked, before anybody has signed it. */
export interface Asked {
  readonly protocol: "JSON" | "Query";
  readonly action: string;
  readonly input: object;
}

/** A server that knows some callers by their keys, and what it logs. */
export class GuardedServer implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly logged: string[];
  readonly #server: Server;
  readonly #directory: string;

  private constructor(parts: { server: Server; clock: ManualClock; directory: string; logged: string[] }) {
    this.#server = parts.server;
    this.clock = parts.clock;
    this.#directory = parts.directory;
    this.logged = parts.logged;
  }

  /** @param clock stands still where the callers' signers are told its time; AWS's own clients sign with the time of day. */
  static async start(clock: ManualClock = manualClock()): Promise<GuardedServer> {
    const directory = mkdtempSync(join(tmpdir(), "millrace-callers-"));
    const credentials = join(directory, "keys.json");
    writeFileSync(credentials, CREDENTIALS_FILE, { mode: 0o600 });
    const logged: string[] = [];
    const config = configWith({ port: 0, memory: true, coolDown: false, credentials });
    const server = await startServer(config, { clock, logger: loggerInto(logged) });
    return new GuardedServer({ server, clock, directory, logged });
  }

  get endpoint(): string {
    return this.#server.endpoint;
  }

  /** @param options `service`: for which it is signed; `contentSha256`: what the header of that name says; `aheadMs`: of the server's clock. */
  async sign(caller: Caller, asked: Asked, options: { service?: string; contentSha256?: string; aheadMs?: number } = {}): Promise<Signed> {
    const { contentSha256 } = options;
    const unsigned = this.unsigned(asked);
    const headers = { ...unsigned.headers, ...(contentSha256 === undefined ? {} : { "x-amz-content-sha256": contentSha256 }) };
    return this.signRequest(caller, { ...unsigned, headers }, options);
  }

  /** The same for a request that is no action's. */
  async signRequest(caller: Caller, unsigned: Signed, options: { service?: string; aheadMs?: number } = {}): Promise<Signed> {
    const { service = "sqs", aheadMs = 0 } = options;
    const signer = new SignatureV4({ credentials: caller, region: "us-east-1", service, sha256: Sha256, applyChecksum: true });
    const { hostname, port } = new URL(this.endpoint);
    const made = new HttpRequest({ ...unsigned, hostname, port: Number(port), protocol: "http:" });
    const signed = await signer.sign(made, { signingDate: new Date(this.clock.nowMs() + aheadMs) });
    return { ...unsigned, headers: signed.headers };
  }

  unsigned({ protocol, action, input }: Asked): Signed {
    const { host } = new URL(this.endpoint);
    const to = { method: "POST", path: "/" };
    if (protocol === "JSON") {
      const headers = { host, "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` };
      return { ...to, headers, body: JSON.stringify(input) };
    }
    const form = new URLSearchParams([["Action", action], ["Version", "2012-11-05"], ...parametersOf(action, input)]);
    return { ...to, headers: { host, "content-type": "application/x-www-form-urlencoded" }, body: form.toString() };
  }

  /** A page, asked for by somebody who may do so or not. */
  async page(caller: Caller, path: string): Promise<Answer> {
    const { host } = new URL(this.endpoint);
    return this.send(await this.signRequest(caller, { method: "GET", path, headers: { host }, body: "" }));
  }

  send({ method, path, headers, body }: Signed): Promise<Answer> {
    const length = String(Buffer.byteLength(body));
    return new Promise((resolve, reject) => {
      const sent = request(this.endpoint + path, { method, headers: { ...headers, "content-length": length } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const code = String(answer.headers["x-amzn-query-error"] ?? "").split(";")[0] ?? "";
          resolve({ status: answer.statusCode ?? 0, code: code || (/<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? ""), text });
        });
      });
      sent.on("error", reject);
      sent.end(body);
    });
  }

  async ask(caller: Caller, asked: Asked): Promise<Answer> {
    return this.send(await this.sign(caller, asked));
  }

  /** The output of an action that a caller may do. */
  async output(caller: Caller, action: string, input: object): Promise<Record<string, unknown>> {
    const { status, text } = await this.ask(caller, { protocol: "JSON", action, input });
    assert.equal(status, 200, `${action}: ${text}`);
    return JSON.parse(text === "" ? "{}" : text) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Lines as `warn event not delivered outcome=denied`. */
function loggerInto(lines: string[]): Logger {
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}) => {
      const named = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
      lines.push([level, event, ...named].join(" "));
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
