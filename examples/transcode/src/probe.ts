/** What an upload is, and the jobs that follow: an exec stage's command. An upload in JSON on standard input. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { probe } from "./ffmpeg.ts";
import { download, ownFolder } from "./files.ts";
import { FORMAT_NAMES } from "./formats.ts";
import type { Job, Upload } from "./messages.ts";

const REJECT = 3;

const { media, key } = JSON.parse(readFileSync(0, "utf8")) as Upload;
const path = join(ownFolder(), "upload");
const isThere = await download({ bucket: process.env["MILLRACE_BUCKET"] ?? "", key }, path);
const found = isThere ? await probe(path) : undefined;
if (found === undefined) {
  console.error(isThere ? `${key} is no media file that can be read, or none of a known length` : `there is no ${key}`);
  process.exitCode = REJECT;
} else {
  const { kind, seconds } = found;
  for (const format of FORMAT_NAMES)
    console.log(`::emit job ${JSON.stringify({ media, key, format, formats: FORMAT_NAMES.length, kind, seconds } satisfies Job)}`);
}
