import { createPublicKey, hash, sign, type KeyObject } from "node:crypto";

/** X.690: the tags that a certificate has. */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const NULL = 0x05;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;

/** 1.2.840.113549.1.1.11 and 2.5.4.3, as X.690 packs them. */
const SHA256_WITH_RSA = Buffer.from("2a864886f70d01010b", "hex");
const COMMON_NAME = Buffer.from("550403", "hex");

export interface CertificateOptions {
  /** RSA. */
  readonly privateKey: KeyObject;
  readonly commonName: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * A certificate for a key, signed by the same key, in PEM: an X.509 certificate of version 3 without extensions (RFC 5280,
 * section 4.1). Nobody's word but the server's stands behind it, so there is nothing to say in extensions.
 */
export function selfSigned({ privateKey, commonName, fromMs, untilMs }: CertificateOptions): string {
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const algorithm = der(SEQUENCE, der(OBJECT_IDENTIFIER, SHA256_WITH_RSA), der(NULL));
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, der(OBJECT_IDENTIFIER, COMMON_NAME), der(UTF8_STRING, Buffer.from(commonName)))));
  const serial = Buffer.from(hash("sha256", publicKey, "buffer").subarray(0, 16));
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // Positive, and without a zero in front.
  const content = der(
    SEQUENCE,
    der(VERSION, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    algorithm,
    name,
    der(SEQUENCE, time(fromMs), time(untilMs)),
    name,
    publicKey,
  );
  const signature = sign("sha256", content, privateKey);
  const certificate = der(SEQUENCE, content, algorithm, der(BIT_STRING, Buffer.from([0]), signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** One value: its tag, its length, and what it holds. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [length] : [length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length, ...bytes]), content]);
}

/** From 2050 on with four digits of the year. */
function time(atMs: number): Buffer {
  const digits = `${new Date(atMs).toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
  return new Date(atMs).getUTCFullYear() < 2050 ? der(UTC_TIME, Buffer.from(digits.slice(2))) : der(GENERALIZED_TIME, Buffer.from(digits));
}
