import type { Server } from "node:http";
import { createServer, type AddressInfo, type Server as SocketServer } from "node:net";

export interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** @param together whether other threads listen there, too. @throws the error of `listen`. */
export function listen(server: SocketServer | Server, { host, port }: Address, together: boolean): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: 4096, ...(together ? { reusePort: true } : {}) }, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** The system cannot share a port among sockets: it is none of Linux 3.9, FreeBSD 12 or their like. */
export function cannotShare(error: unknown): boolean {
  return ["ENOTSUP", "EOPNOTSUPP", "ENOPROTOOPT", "EINVAL", "ENOSYS"].includes(String((error as NodeJS.ErrnoException).code));
}

/**
 * Makes sure that a port is nobody else's before several threads share it: the system would let any other process of the
 * same user join them, and send it a part of the connections. Another server that starts in the same moment is kept away
 * by a name that only one can have, until this one listens.
 * @returns to be called then. @throws the error of `listen`: EADDRINUSE.
 */
export async function takePort(address: Address): Promise<() => void> {
  if (address.port === 0) return () => {}; // The system gives one that nobody has, shared or not.
  const claim = createServer();
  if (process.platform === "linux") await listenByName(claim, `\0millrace listens on ${address.host}:${address.port}`, address);
  const probe = createServer();
  try {
    await listen(probe, address, false);
    await new Promise((resolve) => probe.close(resolve));
  } catch (error) {
    claim.close();
    throw error;
  }
  return () => void claim.close();
}

function listenByName(claim: SocketServer, path: string, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    claim.once("error", (error: NodeJS.ErrnoException) => {
      const message = `listen ${error.code}: address already in use ${host}:${port}`;
      reject(error.code === "EADDRINUSE" ? Object.assign(new Error(message), { code: error.code }) : error);
    });
    claim.listen({ path }, resolve);
  });
}
