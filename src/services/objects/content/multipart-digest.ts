import { createHash, hash } from "node:crypto";
import type { Checksum } from "../rules/checksum.ts";
import { combineCrcs, CRC32, CRC32C, CRC64NVME } from "../rules/crc.ts";
import type { Part, UploadChecksum } from "../rules/multipart.ts";
import { runningDigest } from "./digest.ts";

/** The ETag of what was uploaded in parts: the MD5 of the parts' MD5s, and how many there were. */
export function multipartEtag(parts: readonly Part[]): string {
  const md5 = createHash("md5");
  for (const { etag } of parts) md5.update(etag, "hex");
  return `${md5.digest("hex")}-${parts.length}`;
}

const CRCS = { CRC32, CRC32C, CRC64NVME } as const;

/** The checksum of the whole, from those of its parts; no byte is read again. */
export function multipartChecksum({ algorithm, type }: UploadChecksum, parts: readonly Part[]): Checksum {
  const values = parts.map(({ checksum }) => Buffer.from(checksum, "base64"));
  if (type === "COMPOSITE" || algorithm === "SHA1" || algorithm === "SHA256") {
    const digest = runningDigest([algorithm]);
    for (const value of values) digest.update(value);
    return { algorithm, type: "COMPOSITE", value: `${digest.checksums()[algorithm] ?? ""}-${parts.length}` };
  }
  const pieces = parts.map(({ sizeBytes }, index) => ({ crc: values[index] ?? Buffer.alloc(0), lengthBytes: sizeBytes }));
  return { algorithm, type, value: combineCrcs(CRCS[algorithm], pieces).toString("base64") };
}

/** What a repeated completion is known by. */
export function hashOf(partsText: string): string {
  return hash("sha256", partsText);
}
