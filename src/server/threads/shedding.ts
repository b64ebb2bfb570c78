import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/units.ts";

/** Whoever asks nothing for so long is no burden. */
const SHED_MS = 30 * SECOND_MS;

/**
 * Ends each connection that is there now after its next answer: its client opens another one, which the system gives to any
 * of the threads that listen by then. Else a thread that was added would see none but new clients.
 */
export function shed(server: Server, clock: Clock): void {
  const later = new WeakSet<Socket>();
  const came = (socket: Socket) => void later.add(socket);
  const asked = ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    if (!later.has(socket)) outgoing.setHeader("connection", "close");
  };
  server.on("connection", came);
  server.prependListener("request", asked);
  clock.after(SHED_MS, () => {
    server.off("connection", came);
    server.off("request", asked);
  });
}
