import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { HttpClient, type Answer } from "./http-client.ts";

/** Treats one request of those that it concerns wrongly; the rest goes through it unchanged. */
export interface Fault {
  readonly concerns: (asked: Forwarded) => boolean;
  readonly one: number;
  readonly answer: (asked: Forwarded, forward: (changed?: Partial<Forwarded>) => Promise<Answer>) => Answer | Promise<Answer>;
}

interface Forwarded {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One in so many. */
const OFTEN = 2;
const ALWAYS = 1;

const asks = (action: string) => (asked: Forwarded) => asked.headers["x-amz-target"] === `AmazonSQS.${action}`;
const object = (method: string) => (asked: Forwarded) => asked.method === method && /^\/[^/]+\/[^?]+$/.test(asked.path);
const hex = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest("hex");
const made = (status: number, body = "", headers: Record<string, string> = {}): Answer => ({ status, headers, body: Buffer.from(body) });
const rewritten = (answer: Answer, pattern: RegExp, by: string): Answer => ({
  ...answer,
  body: Buffer.from(answer.body.toString().replace(pattern, by)),
});

/**
 * Bugs that a server might have, planted between the clients and a right one. Each must be found, or the method proves
 * nothing.
 */
const FAULTS: Readonly<Record<string, Fault>> = {
  "a send is acknowledged and forgotten": {
    concerns: asks("SendMessage"),
    one: OFTEN,
    answer: () => made(200, JSON.stringify({ MessageId: randomUUID() })),
  },
  "a send makes two messages": {
    concerns: asks("SendMessage"),
    one: OFTEN,
    answer: async (_asked, forward) => {
      await forward();
      return forward();
    },
  },
  "a delete is acknowledged and forgotten": { concerns: asks("DeleteMessage"), one: OFTEN, answer: () => made(200, "{}") },
  "a body is delivered with one character changed": {
    concerns: asks("ReceiveMessage"),
    one: OFTEN,
    answer: async (_asked, forward) => rewritten(await forward(), /"Body":"writer/, '"Body":"Writer'),
  },
  "receives are not counted": {
    concerns: asks("ReceiveMessage"),
    one: ALWAYS,
    answer: async (_asked, forward) => rewritten(await forward(), /"ApproximateReceiveCount":"\d+"/g, '"ApproximateReceiveCount":"1"'),
  },
  "a received message stays visible": {
    concerns: asks("ReceiveMessage"),
    one: 2,
    answer: (asked, forward) =>
      forward({ body: Buffer.from(asked.body.toString().replace(/"VisibilityTimeout":\d+/, '"VisibilityTimeout":0')) }),
  },
  "an object is acknowledged and forgotten": {
    concerns: object("PUT"),
    one: 3,
    answer: ({ body }) => made(200, "", { etag: `"${hex("md5", body)}"` }),
  },
  "an object's removal is acknowledged and forgotten": { concerns: object("DELETE"), one: 3, answer: () => made(204) },
  "half of an object is read": {
    concerns: object("GET"),
    one: 3,
    answer: async (_asked, forward) => {
      const answer = await forward();
      return { ...answer, body: answer.body.subarray(0, answer.body.length / 2) };
    },
  },
  "a refused object is kept": {
    concerns: (asked) => asked.headers["content-md5"] !== undefined,
    one: ALWAYS,
    answer: async ({ headers }, forward) => {
      await forward({ headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "content-md5")) });
      return made(400);
    },
  },
  "an object's event is forgotten": {
    concerns: (asked) => asks("ReceiveMessage")(asked) && asked.body.includes('"VisibilityTimeout":60'),
    one: 2,
    answer: async (_asked, forward) => rewritten(await forward(), /Records/, "Nothing"),
  },
};

export const FAULT_NAMES = Object.keys(FAULTS);

export interface FaultyProxy {
  /** Puts it between the clients and the server at this port. */
  readonly between: (port: number) => Promise<{ port: number; close: () => void }>;
  /** Requests that it has treated wrongly. */
  readonly treated: () => number;
}

export function faultyProxy(name: string): FaultyProxy {
  const fault = FAULTS[name];
  if (fault === undefined) throw new Error(`a fault is one of: ${FAULT_NAMES.join("; ")}`);
  return proxyOf(fault);
}

export function proxyOf(fault: Fault): FaultyProxy {
  let concerned = 0;
  const isTreatedWrongly = (asked: Forwarded) => fault.concerns(asked) && ++concerned % fault.one === 0;
  const between: FaultyProxy["between"] = async (upstream) => {
    const server = createServer((incoming, outgoing) => {
      const client = clientOf(incoming.socket, upstream);
      const answer = async () => {
        const asked = await received(incoming);
        const forward = (changed: Partial<Forwarded> = {}) => client.ask({ ...asked, ...changed });
        return isTreatedWrongly(asked) ? fault.answer(asked, forward) : forward();
      };
      answer()
        .then((answer) => send(outgoing, answer))
        .catch(() => outgoing.destroy()); // One of the two connections broke: so does the other.
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
  };
  return { between, treated: () => Math.floor(concerned / fault.one) };
}

const clients = new WeakMap<Socket, HttpClient>();

/** A connection to the server for each to the proxy. */
function clientOf(socket: Socket, upstream: number): HttpClient {
  const before = clients.get(socket);
  if (before !== undefined) return before;
  const client = new HttpClient(upstream);
  clients.set(socket, client);
  socket.once("close", () => client.close());
  return client;
}

async function received(incoming: IncomingMessage): Promise<Forwarded> {
  const body = await buffer(incoming);
  return { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers: passedOn(incoming.headers), body };
}

function passedOn(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name, value]) => typeof value === "string" && !/^(?:host|connection|content-length)$/.test(name),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { "content-length": _length, connection: _connection, ...rest } = headers;
  outgoing.writeHead(status, status === 204 ? rest : { ...rest, "content-length": body.length });
  outgoing.end(body);
}
