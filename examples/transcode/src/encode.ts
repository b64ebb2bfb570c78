/** Makes a version of a media file: an exec stage's command. A job in JSON on standard input. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { convert, probe } from "./ffmpeg.ts";
import { download, ownFolder, upload } from "./files.ts";
import { encoding, FORMATS, fractionOf, versionKey } from "./formats.ts";
import type { Job, Version } from "./messages.ts";

const job = JSON.parse(readFileSync(0, "utf8")) as Job;
const { media, format, formats, kind } = job;
const bucket = process.env["MILLRACE_BUCKET"] ?? "";
const folder = ownFolder();
const key = versionKey(job);
const [from, to] = [join(folder, "upload"), join(folder, `version.${key.split(".").at(-1)}`)];

if (!(await download({ bucket, key: job.key }, from))) throw new Error(`there is no ${job.key}`);
await convert({ from, to }, encoding(FORMATS[format], kind), (line) => {
  const fraction = fractionOf(line, job.seconds);
  if (fraction !== undefined) console.log(`::progress ${fraction.toFixed(3)} ${format}`);
});
const made = await probe(to);
// A version that lacks its end would pass for one to whoever only looks whether it is there.
if (made === undefined || Math.abs(made.seconds - job.seconds) > Math.max(0.5, job.seconds / 20))
  throw new Error(`${key} is ${made?.seconds} s long, not ${job.seconds} s`);
await upload(to, { bucket, key, contentType: `${kind}/mp4` });
const { codec, height, seconds } = made;
console.log(
  `::emit version ${JSON.stringify({ media, format, formats, key, codec, height, seconds, bytes: statSync(to).size } satisfies Version)}`,
);
