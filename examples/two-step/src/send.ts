/** Uploads photos and sends a message for each: `node send.ts a.jpg b.jpg`, or without arguments those that are bundled. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { twoStep } from "./pipeline.ts";

const BUNDLED = join(import.meta.dirname, "..", "photos");
const given = process.argv.slice(2);
const files =
  given.length > 0 ? given : (await readdir(BUNDLED)).filter((name) => name.endsWith(".jpg")).map((name) => join(BUNDLED, name));

await twoStep.ensure();
const { bucket: Bucket } = twoStep.graph();
const s3 = new S3Client({ forcePathStyle: (process.env["AWS_ENDPOINT_URL"] ?? "") !== "" });
for (const file of files) {
  const photo = basename(file).replace(/\.[^.]*$/, "");
  const key = `photos/${basename(file)}`;
  await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: await readFile(file) }));
  // The same id however often it is sent: whoever sends it again changes nothing.
  await twoStep.send("analyse", { photo, key }, { id: photo });
  console.log(`${photo}: sent; its card will be at s3://${Bucket}/cards/${photo}.png`);
}
s3.destroy();
await twoStep[Symbol.asyncDispose]();
