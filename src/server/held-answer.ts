import type { Socket } from "node:net";
import { KIB, SECOND_MS } from "../kernel/units.ts";
import type { HttpResponse } from "../wire/http.ts";
import type { SlowPeers } from "./slow-peers.ts";

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
  const done = peers.answer(socket, socket);
  socket.write("", (failure) => {
    done();
    if (!failure) taken();
  });
}
