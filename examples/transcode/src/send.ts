/** Uploads media files and queues them: `node send.ts a.mov b.mp3`, or without arguments those that are bundled. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { s3, upload } from "./files.ts";
import { transcode } from "./pipeline.ts";

const BUNDLED = join(import.meta.dirname, "..", "media");
const given = process.argv.slice(2);
const files =
  given.length > 0 ? given : (await readdir(BUNDLED)).filter((name) => !name.endsWith(".md")).map((name) => join(BUNDLED, name));

await transcode.ensure();
const { bucket } = transcode.graph();
for (const file of files) {
  const [extension, digest] = [
    extname(file),
    createHash("sha256")
      .update(await readFile(file))
      .digest("hex"),
  ];
  // Named after its content: the same file again changes nothing, another of the same name is another.
  const media = `${basename(file, extension)}-${digest.slice(0, 8)}`;
  const key = `uploads/${media}${extension}`;
  await upload(file, { bucket, key });
  await transcode.send("probe", { media, key }, { id: media });
  console.log(`${media}: sent; its manifest will be at s3://${bucket}/manifests/${media}.json`);
}
s3.destroy();
await transcode[Symbol.asyncDispose]();
