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
  parentPort?.postMessage(run());
});

/** An error goes to the engine as it is: a full disk is not the end. */
function run(): { error?: { message: string; errcode: number } } {
  try {
    checkpoint.get();
    return {};
  } catch (error) {
    return { error: { message: (error as Error).message, errcode: (error as { errcode?: number }).errcode ?? 0 } };
  }
}
