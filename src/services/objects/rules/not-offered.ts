import { aclNotSupported, headerNotOffered, invalidArgument, invalidStorageClass } from "./errors.ts";
import { STORAGE_CLASSES } from "./limits.ts";

/**
 * Request headers that ask for what this release does not have. They are refused for every action, so that no guarantee
 * is ever accepted and not kept.
 */
const HEADERS_NOT_OFFERED: readonly string[] = [
  "x-amz-bucket-namespace",
  "x-amz-bucket-object-lock-enabled",
  "x-amz-bypass-governance-retention",
  "x-amz-copy-source-server-side-encryption-customer-algorithm",
  "x-amz-copy-source-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-key-md5",
  "x-amz-if-match-initiated-time",
  "x-amz-if-match-last-modified-time",
  "x-amz-if-match-size",
  "x-amz-mfa",
  "x-amz-object-annotation-directive",
  "x-amz-object-lock-event-hold",
  "x-amz-object-lock-event-hold-duration-days",
  "x-amz-object-lock-event-hold-duration-years",
  "x-amz-object-lock-legal-hold",
  "x-amz-object-lock-mode",
  "x-amz-object-lock-retain-until-date",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-server-side-encryption-bucket-key-enabled",
  "x-amz-server-side-encryption-context",
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-server-side-encryption-customer-key",
  "x-amz-server-side-encryption-customer-key-md5",
  "x-amz-write-offset-bytes",
];

/** Grants to anybody but the owner; ACLs give nothing here. */
const GRANT_HEADERS: readonly string[] = [
  "x-amz-grant-full-control",
  "x-amz-grant-read",
  "x-amz-grant-read-acp",
  "x-amz-grant-write",
  "x-amz-grant-write-acp",
];

/** Canned ACLs that say what holds anyway. */
const CANNED_ACLS: readonly string[] = ["private", "bucket-owner-full-control", "bucket-owner-read"];

/**
 * @param headers by lower-case name.
 * @throws NotImplemented, AccessControlListNotSupported, InvalidStorageClass
 */
export function refuseNotOffered(headers: Readonly<Record<string, string | undefined>>): void {
  // SDKs write some switches out although they are off.
  const refused = HEADERS_NOT_OFFERED.find((header) => headers[header] !== undefined && headers[header]?.toLowerCase() !== "false");
  if (refused !== undefined) throw headerNotOffered(refused);
  const encryption = headers["x-amz-server-side-encryption"];
  if (encryption !== undefined && encryption !== "AES256") throw headerNotOffered("x-amz-server-side-encryption");
  const ownership = headers["x-amz-object-ownership"];
  if (ownership !== undefined && ownership !== "BucketOwnerEnforced") throw headerNotOffered("x-amz-object-ownership");
  const acl = headers["x-amz-acl"];
  if (acl !== undefined && !CANNED_ACLS.includes(acl)) throw aclNotSupported();
  if (GRANT_HEADERS.some((header) => headers[header] !== undefined)) throw aclNotSupported();
  const storageClass = headers["x-amz-storage-class"];
  if (storageClass !== undefined && !STORAGE_CLASSES.includes(storageClass)) throw invalidStorageClass(storageClass);
}

/**
 * Without versioning the only version is `null`.
 * @throws InvalidArgument the parameter names another
 */
export function checkVersionId(versionId: string | undefined): void {
  if (versionId === undefined || versionId === "null") return;
  throw invalidArgument("Invalid version id specified", { name: "versionId", value: versionId });
}
