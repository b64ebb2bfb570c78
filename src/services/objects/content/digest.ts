import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { ChecksumAlgorithm } from "../rules/checksum.ts";
import { CRC32C, CRC64NVME, runningCrc } from "../rules/crc.ts";

/** MD5 and checksums over bytes that come in pieces. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  md5(): Buffer;
  /** Base64 by algorithm. */
  checksums(): Checksums;
}

export type Checksums = { readonly [A in ChecksumAlgorithm]?: string };

interface Running {
  update(bytes: Uint8Array): unknown;
  digest(): Buffer;
}

export function runningDigest(algorithms: readonly ChecksumAlgorithm[]): RunningDigest {
  const md5 = createHash("md5");
  const running = algorithms.map((algorithm) => [algorithm, runningChecksum(algorithm)] as const);
  return {
    update(bytes) {
      md5.update(bytes);
      for (const [, checksum] of running) checksum.update(bytes);
    },
    md5: () => md5.digest(),
    checksums: () => Object.fromEntries(running.map(([algorithm, checksum]) => [algorithm, checksum.digest().toString("base64")])),
  };
}

function runningChecksum(algorithm: ChecksumAlgorithm): Running {
  switch (algorithm) {
    case "CRC32":
      return platformCrc32();
    case "CRC32C":
      return runningCrc(CRC32C);
    case "CRC64NVME":
      return runningCrc(CRC64NVME);
    case "SHA1":
      return createHash("sha1");
    case "SHA256":
      return createHash("sha256");
  }
}

/** zlib's is seven times as fast as ours by tables. */
function platformCrc32(): Running {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}
