import type { Socket } from "node:net";
import { systemWallMs } from "../kernel/clock.ts";
import { KIB, SECOND_MS } from "../kernel/units.ts";
import type { HttpResponse } from "../wire/http.ts";
import type { Awaited, Patience, SlowPeers } from "./slow-peers.ts";

const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** Larger ones are handed over in pieces, by Node's response. */
const BODY_CHARACTERS_MAX = 16 * KIB;

/** What Node says itself of its connections, or by which it frames a body in another way. */
const NODES_OWN = new Set(["connection", "keep-alive", "date", "transfer-encoding", "trailer"]);

/** Visible ASCII: whatever else may stand in a header, or may not, Node knows. */
const PLAIN = /^[\t\x20-\x7e]*$/;

/**
 * An answer as Node's response would write it on a connection that stays, to the byte: that takes a third of the time. Only for
 * what is plain text and small; undefined: Node is to write it.
 */
export function textOf({ status, headers, body }: HttpResponse, { idleMs, date }: { idleMs: number; date: string }): string | undefined {
  const isPlain = typeof body === "string" && body.length <= BODY_CHARACTERS_MAX && status >= 200 && status !== 204 && status !== 304;
  if (!isPlain) return undefined;
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (NODES_OWN.has(name) || !PLAIN.test(value)) return undefined;
    text += `${name}: ${value}\r\n`;
  }
  if (headers["content-length"] === undefined) text += `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `${text}Date: ${date}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(idleMs / SECOND_MS)}\r\n\r\n${body}`;
}

/** Writes an answer, and tells when the connection has taken it. */
export function writeText(socket: Socket, text: string, { peers, taken }: { peers: SlowPeers; taken: () => void }): void {
  socket.write(text, "utf8");
  if (socket.writableLength === 0) return taken(); // The system has it all, as nearly always.
  const peer = new TakingPeer(socket);
  peers.await(peer);
  socket.once("close", () => peers.done(peer));
  socket.write("", (failure) => {
    peers.done(peer);
    if (!failure) taken();
  });
}

/** A peer that has not taken all of its answer. */
class TakingPeer implements Awaited {
  sinceMs: number | undefined;
  movedBefore = 0;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  waiting(): boolean {
    return this.#socket.writableLength > 0;
  }

  moved(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  bytesMin({ writtenBytesMin }: Patience): number {
    return writtenBytesMin;
  }

  giveUp(): void {
    this.#socket.destroy();
  }
}

let second = 0;
let date = "";

/** As the header says it, made once a second. */
export function dateHeader(): string {
  const nowMs = systemWallMs();
  if (Math.floor(nowMs / SECOND_MS) !== second) {
    second = Math.floor(nowMs / SECOND_MS);
    date = new Date(nowMs).toUTCString();
  }
  return date;
}
