/** The checkpointer's own thread and connection: it copies pages and fsyncs the database while the writer goes on. */
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { configure } from "./open.ts";

const connection = new DatabaseSync((workerData as { file: string }).file);
configure(connection, true);
connection.exec("PRAGMA cache_size = -256"); // It reads the log in order and needs no cache.
const checkpoint = connection.prepare("PRAGMA wal_checkpoint(PASSIVE)");

parentPort?.on("message", (message: unknown) => {
  if (message === "stop") {
    connection.close();
    parentPort?.close();
    return;
  }
  checkpoint.get();
  parentPort?.postMessage("done");
});
