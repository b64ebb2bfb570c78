/** A worker on all stages, or those that are named: `node worker.ts phone tablet`. Start as many as there is work for, and kill any. */
import { transcode } from "./pipeline.ts";

const stages = process.argv.slice(2);
await transcode.ensure();
transcode.work(stages.length === 0 ? {} : { stages });
console.log(`Transcoding ${stages.join(", ") || "everything"} (pid ${process.pid}).`);
