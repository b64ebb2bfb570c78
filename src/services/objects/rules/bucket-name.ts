import { invalidBucketName } from "./errors.ts";

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** The naming rules of general purpose buckets, from the S3 user guide. */
export function isBucketName(name: string): boolean {
  return NAME.test(name) && !name.includes("..") && !IPV4.test(name) && !name.startsWith("xn--") && !name.endsWith("-s3alias");
}

/** @throws InvalidBucketName */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw invalidBucketName(name);
}
