/** How far every upload is: `node status.ts`, or `node status.ts --watch` until all are ready. */
import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import type { KeyStatus } from "millrace/worker";
import { parse } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { s3 } from "./files.ts";
import { FORMAT_NAMES } from "./formats.ts";
import { transcode } from "./pipeline.ts";

const LOOK_MS = 1000;

const said = (status: KeyStatus | undefined): string => {
  if (status === undefined) return "waiting";
  if (status.state === "open") return "again";
  return status.state === "running" ? `${Math.floor(100 * (status.progress ?? 0))} %` : status.state;
};

/** @returns a line for each upload, and whether all are ready. */
async function look(): Promise<{ lines: string[]; isReady: boolean }> {
  const lines: string[] = [];
  let isReady = true;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: transcode.graph().bucket, Prefix: "uploads/" }))
    for (const { Key = "" } of Contents) {
      const { name: media } = parse(Key);
      const publish = await transcode.status("publish", media);
      const formats = await Promise.all(
        FORMAT_NAMES.map(async (format) => `${format} ${said(await transcode.status(format, media)).padEnd(8)}`),
      );
      lines.push(`${media.padEnd(32)} ${formats.join(" ")} ${publish?.state === "done" ? "ready" : ""}`.trimEnd());
      isReady &&= publish?.state === "done";
    }
  return { lines, isReady };
}

const watches = process.argv.includes("--watch");
for (;;) {
  const { lines, isReady } = await look();
  console.log(lines.join("\n"));
  if (!watches || isReady) break;
  await pause(LOOK_MS);
  console.log();
}
s3.destroy();
await transcode[Symbol.asyncDispose]();
