/** A thread that signs: it takes texts with their digests by turns, and answers each list with one of signatures. */
import { createPrivateKey, sign } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import type { ToSign } from "./signing-threads.ts";

const key = createPrivateKey(workerData as string);

parentPort?.on("message", (asked: readonly ToSign[]) => {
  parentPort?.postMessage(asked.map(([digest, text]) => sign(digest, Buffer.from(text), key).toString("base64")));
});
