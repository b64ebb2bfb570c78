import { GRANT_HEADERS, HEADERS_NOT_OFFERED } from "../../src/services/objects/rules/not-offered.ts";

/** A difference from AWS's model that is meant, and why. One that no longer exists fails the test: it must not outlive its reason. */
export interface Exclusion {
  /** The difference as it is reported, or a pattern for several. */
  readonly difference: string | RegExp;
  readonly reason: string;
}

const sqs: readonly Exclusion[] = [
  {
    difference: /\.Message(?:System)?Attributes\{\}\.DataType: required at AWS, optional here$/,
    reason: "AWS refuses its absence in words of its own, which name the message attribute.",
  },
];

function inHeader(header: string, reason: string): Exclusion {
  return { difference: new RegExp(` input\\.\\w+: AWS has it in the header ${header}, we do not$`), reason };
}

const OTHER_ALGORITHMS = "(?:SHA512|MD5|XXHASH64|XXHASH3|XXHASH128)";

const s3: readonly Exclusion[] = [
  // Requests: headers that are looked at for every action, before its own shape.
  ...HEADERS_NOT_OFFERED.map((header) => inHeader(header, "Refused for every action.")),
  ...GRANT_HEADERS.map((header) => inHeader(header, "Refused for every action: ACLs grant nothing.")),
  inHeader("x-amz-acl", "For every action: what says more than that the owner may do everything is refused."),
  inHeader("x-amz-object-ownership", "For every action: only the bucket owner's enforced ownership is taken."),
  inHeader("x-amz-server-side-encryption", "For every action: only AES256 is taken, and nothing else refused in silence."),
  inHeader("x-amz-expected-bucket-owner", "Compared wherever a bucket is looked up."),
  inHeader("x-amz-source-expected-bucket-owner", "Compared wherever the source's bucket is looked up."),
  inHeader("x-amz-request-payer", "There is nobody to be charged."),
  inHeader("x-amz-optional-object-attributes", "Only asks for the state of a restore from an archive, and there are no archives."),

  // Requests: the body's own headers, read where the body is taken in.
  inHeader("content-length", "Read with the body."),
  inHeader("content-md5", "Compared with the body while it is read."),
  inHeader("x-amz-sdk-checksum-algorithm", "Means nothing without the checksum itself."),
  {
    difference: /^(?:PutObject|UploadPart) input\.Checksum\w+: AWS has it in the header x-amz-checksum-\w+, we do not$/,
    reason: "Compared with the body while it is read; an algorithm that is not offered is refused there.",
  },
  {
    difference: new RegExp(`^CompleteMultipartUpload input\\.(?:MultipartUpload\\.Parts\\[\\]\\.)?Checksum${OTHER_ALGORITHMS}: AWS has it`),
    reason: "A gap: an upload cannot be created with these algorithms, but a checksum named here is passed over and not refused.",
  },

  // Requests: values that AWS words in its own way when they are wrong.
  {
    difference: / input\.Max(?:Keys|Parts|Uploads|Buckets): a number at AWS, a string here$/,
    reason: "AWS words it when it is no number.",
  },
  { difference: / input\.PartNumberMarker: a string at AWS, a number here$/, reason: "It is one in every answer." },
  { difference: / (?:input|output)\.(?:Response)?Expires: a timestamp at AWS, a string here$/, reason: "Any text is kept and given back." },
  {
    difference: "DeleteObjects input.Delete.Objects[].LastModifiedTime: a timestamp at AWS, a string here",
    reason: "A condition of directory buckets, which there are not.",
  },
  { difference: /\.Grantee\.Type: required at AWS, optional here$/, reason: "Old clients write a grantee by its other members alone." },
  {
    difference: /\.(?:TopicArn|LambdaFunctionArn): required at AWS, optional here$/,
    reason: "A configuration for what is no queue is refused by name, whatever it lacks.",
  },

  // Answers: features that no object or bucket here can have, and so nothing is ever said of them.
  { difference: new RegExp(` output\\.(?:.+\\.)?Checksum${OTHER_ALGORITHMS}: AWS has it`), reason: "These algorithms are not offered." },
  { difference: / output\.(?:VersionId|CopySourceVersionId|DeleteMarkers?): AWS has it/, reason: "There is no versioning." },
  {
    difference: / output\.(?:ServerSideEncryption|SSE\w+|BucketKeyEnabled): AWS has it/,
    reason: "Nothing is encrypted by the server, and it does not claim to.",
  },
  { difference: / output\.RequestCharged: AWS has it/, reason: "Nobody is charged." },
  { difference: / output\.ObjectLock\w+: AWS has it/, reason: "There is no object lock." },
  { difference: / output\.(?:Expiration|AbortDate|AbortRuleId): AWS has it/, reason: "There are no lifecycle rules." },
  { difference: / output\.(?:.+\.)?(?:Restore|RestoreStatus|ArchiveStatus): AWS has it/, reason: "There are no archives." },
  { difference: / output\.ReplicationStatus: AWS has it/, reason: "There is no replication." },
  { difference: / output\.MissingMeta: AWS has it/, reason: "All metadata can be given back." },
  { difference: / output\.ExpiresString: AWS has it/, reason: "The SDK's own name for the text of Expires." },
  {
    difference: / output\.BucketLocation\w+: AWS has it| output\.AccessPointAlias: AWS has it/,
    reason: "There are no directory buckets and no access points.",
  },
  {
    difference: "CreateBucket output.BucketArn: AWS has it in the header x-amz-bucket-arn, we do not",
    reason: "Of directory buckets alone.",
  },
  {
    difference: "PutObject output.Size: AWS has it in the header x-amz-object-size, we do not",
    reason: "Of objects that are appended to.",
  },
  {
    difference:
      /^Get(?:BucketLifecycleConfiguration|BucketPolicy|BucketPolicyStatus|BucketReplication|BucketWebsite|ObjectLockConfiguration|PublicAccessBlock) output\.\w+: AWS has it/,
    reason: "No bucket has this setting: the answer is an error that says so.",
  },
  {
    difference:
      /^GetBucket(?:Encryption|Logging|OwnershipControls) output\.(?:ServerSideEncryptionConfiguration|LoggingEnabled|OwnershipControls)\./,
    reason: "Every bucket has the same setting; the members are those of the one answer.",
  },

  // Answers: what we say beside the model.
  {
    difference: / output\.StatusCode: we have it, AWS does not$/,
    reason: "206 for a part of an object; the model leaves it to the protocol.",
  },
  { difference: "PutBucketTagging output: the status is 200 at AWS, 204 here", reason: "AWS was recorded to answer 204." },

  // Actions.
  { difference: "PostObject: we have it, AWS does not", reason: "The upload by a browser's form, which the model leaves out." },
  {
    difference: /^ListBucket(?:Analytics|IntelligentTiering|Inventory|Metrics)Configurations: AWS has it/,
    reason: "The same request as the Get of that name, without an id: refused by that name.",
  },
];

/** By signing name. */
export const EXCLUSIONS: Readonly<Record<string, readonly Exclusion[]>> = { sqs, s3 };
