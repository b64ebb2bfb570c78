/**
 * fauxqs in a process of its own. Arguments: the file of its package to import, and the directory to keep its data in;
 * without the second it keeps everything in memory.
 */
import { existsSync, readdirSync } from "node:fs";
import { Server } from "node:net";
import { pathToFileURL } from "node:url";
import { endWithParent } from "./parent.ts";

interface Fauxqs {
  startFauxqs(options: { port: number; logger: boolean; dataDir?: string }): Promise<{ readonly port: number }>;
}

// It listens on all interfaces and offers no choice; nothing here is for the network.
const listen = Reflect.get(Server.prototype, "listen") as (...given: unknown[]) => Server;
Server.prototype.listen = function listenOnLoopback(this: Server, ...given: unknown[]): Server {
  const [options, ...rest] = given;
  return Reflect.apply(listen, this, [{ ...(options as object), host: "127.0.0.1" }, ...rest]);
};

endWithParent();
const [file = "", dataDir] = process.argv.slice(2);
const fauxqs = (await import(pathToFileURL(file).href)) as Fauxqs;
const { port } = await fauxqs.startFauxqs({ port: 0, logger: false, ...(dataDir === undefined ? {} : { dataDir }) });
// A version that does not know the option ignores it: what is on the disk tells.
const keepsFiles = dataDir !== undefined && existsSync(dataDir) && readdirSync(dataDir).length > 0;
console.log(JSON.stringify({ port, keepsFiles }));
