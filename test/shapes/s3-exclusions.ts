import type { Exclusion } from "./exclusions.ts";

/** Members of S3's model that the object service has not got in its shapes, and why. */
export const S3_EXCLUSIONS: readonly Exclusion[] = [
  {
    difference: / input\.(?:ExpectedBucketOwner|ExpectedSourceBucketOwner|RequestPayer): AWS has it, we do not$/,
    reason: "Read from the headers of every request in one place; nobody is charged here.",
  },
  {
    difference:
      / input\.(?:ACL|Grant\w+|MFA|BypassGovernanceRetention|ObjectLock\w+|ObjectOwnership|BucketNamespace|AnnotationDirective|WriteOffsetBytes|IfMatchSize|IfMatchLastModifiedTime|IfMatchInitiatedTime): AWS has it, we do not$/,
    reason: "Refused for every action by rules/not-offered.ts, unless it says what holds anyway.",
  },
  {
    difference: / input\.(?:CopySource)?(?:ServerSideEncryption|SSE\w+|BucketKeyEnabled): AWS has it, we do not$/,
    reason: "Encryption with customers' keys is refused for every action by rules/not-offered.ts.",
  },
  {
    difference: / input\.(?:ContentMD5|ContentLength|ChecksumAlgorithm|Checksum(?:CRC\w+|SHA1|SHA256)): AWS has it, we do not$/,
    reason: "What is claimed of a body is read from the headers where bodies are read (actions/incoming.ts).",
  },
  {
    difference: /\.Checksum(?:SHA512|MD5|XXHASH\d+): AWS has it, we do not$/,
    reason: "Newer checksums are refused by rules/checksum.ts.",
  },
  {
    difference: / input\.OptionalObjectAttributes: AWS has it, we do not$/,
    reason: "Asks for the state of restores from archives, of which there are none.",
  },
  {
    difference: /: a (?:number|timestamp|string) at AWS, a (?:string|number) here$/,
    reason: "Taken as text where any text is kept or AWS words its refusal in a special way; a part number marker as a number.",
  },
  {
    difference:
      / output\.(?:(?:Copy\w+Result|Contents\[\]|Versions\[\])\.)?(?:RequestCharged|VersionId|DeleteMarkers?|CopySourceVersionId|Expiration|Restore(?:Status)?|ArchiveStatus|MissingMeta|ReplicationStatus|AbortDate|AbortRuleId|Size|ServerSideEncryption|SSE\w+|BucketKeyEnabled|ObjectLock(?!Configuration)\w+|BucketLocation\w+|AccessPointAlias): AWS has it, we do not$/,
    reason: "Tells of a feature that this release does not have.",
  },
  {
    difference: / output\.ExpiresString: AWS has it, we do not$/,
    reason: "Made by SDKs out of Expires; nothing on the wire is called so.",
  },
  {
    difference: / output\.ContentSecurityPolicy: we have it, AWS does not$/,
    reason: "At AWS objects have an origin of their own; here they share it with the console (rules/active-content.ts).",
  },
  { difference: / output\.StatusCode: we have it, AWS does not$/, reason: "200 or 206, as the request asks for a part or the whole." },
  {
    difference: "PutBucketTagging output: the status is 200 at AWS, 204 here",
    reason: "AWS answers 204, whatever its model says.",
  },
  {
    difference: /^GetBucketEncryption output\.ServerSideEncryptionConfiguration\.Rules\[\]\.\S+: AWS has it, we do not$/,
    reason: "Only the default that every bucket has is told.",
  },
  {
    difference:
      /^(?:GetBucketLifecycleConfiguration|GetBucketLogging|GetBucketPolicy|GetBucketPolicyStatus|GetBucketReplication|GetBucketWebsite|GetObjectLockConfiguration|GetPublicAccessBlock) output\.\S+: AWS has it, we do not$/,
    reason: "Settings that no bucket of this release can have (actions/never-set.ts).",
  },
];
