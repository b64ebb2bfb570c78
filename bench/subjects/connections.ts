import { Connection } from "../connection.ts";
import type { Session, Subject } from "./subject.ts";

/** How sessions of a server are opened, each on a connection of its own, and all of them closed. */
export function connectionsTo(port: number, session: (connection: Connection) => Session): Pick<Subject, "open" | "close"> {
  const connections: Connection[] = [];
  return {
    async open() {
      const connection = await Connection.open(port);
      connections.push(connection);
      return session(connection);
    },
    async close() {
      for (const connection of connections) connection.close();
    },
  };
}
