import { methodNotAllowed, notAForm, parameterNotOffered } from "./errors.ts";

/**
 * From method, address and parameters to the name of the action: S3 names none in its requests. A subresource is the name
 * of a parameter, with or without a value. Source: the service model of S3, all of its operations.
 */

type Methods = Readonly<Partial<Record<string, string>>>;

const BUCKET_SUBRESOURCES: Readonly<Record<string, Methods>> = {
  abac: { GET: "GetBucketAbac", PUT: "PutBucketAbac" },
  accelerate: { GET: "GetBucketAccelerateConfiguration", PUT: "PutBucketAccelerateConfiguration" },
  acl: { GET: "GetBucketAcl", PUT: "PutBucketAcl" },
  analytics: {
    GET: "GetBucketAnalyticsConfiguration",
    PUT: "PutBucketAnalyticsConfiguration",
    DELETE: "DeleteBucketAnalyticsConfiguration",
  },
  cors: { GET: "GetBucketCors", PUT: "PutBucketCors", DELETE: "DeleteBucketCors" },
  delete: { POST: "DeleteObjects" },
  encryption: { GET: "GetBucketEncryption", PUT: "PutBucketEncryption", DELETE: "DeleteBucketEncryption" },
  "intelligent-tiering": {
    GET: "GetBucketIntelligentTieringConfiguration",
    PUT: "PutBucketIntelligentTieringConfiguration",
    DELETE: "DeleteBucketIntelligentTieringConfiguration",
  },
  inventory: {
    GET: "GetBucketInventoryConfiguration",
    PUT: "PutBucketInventoryConfiguration",
    DELETE: "DeleteBucketInventoryConfiguration",
  },
  lifecycle: { GET: "GetBucketLifecycleConfiguration", PUT: "PutBucketLifecycleConfiguration", DELETE: "DeleteBucketLifecycle" },
  location: { GET: "GetBucketLocation" },
  logging: { GET: "GetBucketLogging", PUT: "PutBucketLogging" },
  metadataAnnotationTable: { PUT: "UpdateBucketMetadataAnnotationTableConfiguration" },
  metadataConfiguration: {
    GET: "GetBucketMetadataConfiguration",
    POST: "CreateBucketMetadataConfiguration",
    DELETE: "DeleteBucketMetadataConfiguration",
  },
  metadataInventoryTable: { PUT: "UpdateBucketMetadataInventoryTableConfiguration" },
  metadataJournalTable: { PUT: "UpdateBucketMetadataJournalTableConfiguration" },
  metadataTable: {
    GET: "GetBucketMetadataTableConfiguration",
    POST: "CreateBucketMetadataTableConfiguration",
    DELETE: "DeleteBucketMetadataTableConfiguration",
  },
  metrics: { GET: "GetBucketMetricsConfiguration", PUT: "PutBucketMetricsConfiguration", DELETE: "DeleteBucketMetricsConfiguration" },
  notification: { GET: "GetBucketNotificationConfiguration", PUT: "PutBucketNotificationConfiguration" },
  "object-lock": { GET: "GetObjectLockConfiguration", PUT: "PutObjectLockConfiguration" },
  ownershipControls: { GET: "GetBucketOwnershipControls", PUT: "PutBucketOwnershipControls", DELETE: "DeleteBucketOwnershipControls" },
  policy: { GET: "GetBucketPolicy", PUT: "PutBucketPolicy", DELETE: "DeleteBucketPolicy" },
  policyStatus: { GET: "GetBucketPolicyStatus" },
  publicAccessBlock: { GET: "GetPublicAccessBlock", PUT: "PutPublicAccessBlock", DELETE: "DeletePublicAccessBlock" },
  replication: { GET: "GetBucketReplication", PUT: "PutBucketReplication", DELETE: "DeleteBucketReplication" },
  requestPayment: { GET: "GetBucketRequestPayment", PUT: "PutBucketRequestPayment" },
  session: { GET: "CreateSession" },
  tagging: { GET: "GetBucketTagging", PUT: "PutBucketTagging", DELETE: "DeleteBucketTagging" },
  uploads: { GET: "ListMultipartUploads" },
  versioning: { GET: "GetBucketVersioning", PUT: "PutBucketVersioning" },
  versions: { GET: "ListObjectVersions" },
  website: { GET: "GetBucketWebsite", PUT: "PutBucketWebsite", DELETE: "DeleteBucketWebsite" },
};

const OBJECT_SUBRESOURCES: Readonly<Record<string, Methods>> = {
  acl: { GET: "GetObjectAcl", PUT: "PutObjectAcl" },
  annotation: { GET: "GetObjectAnnotation", PUT: "PutObjectAnnotation", DELETE: "DeleteObjectAnnotation" },
  attributes: { GET: "GetObjectAttributes" },
  encryption: { PUT: "UpdateObjectEncryption" },
  "legal-hold": { GET: "GetObjectLegalHold", PUT: "PutObjectLegalHold" },
  renameObject: { PUT: "RenameObject" },
  restore: { POST: "RestoreObject" },
  retention: { GET: "GetObjectRetention", PUT: "PutObjectRetention" },
  select: { POST: "SelectObjectContent" },
  tagging: { GET: "GetObjectTagging", PUT: "PutObjectTagging", DELETE: "DeleteObjectTagging" },
  torrent: { GET: "GetObjectTorrent" },
  uploadId: { GET: "ListParts", PUT: "UploadPart", POST: "CompleteMultipartUpload", DELETE: "AbortMultipartUpload" },
  uploads: { POST: "CreateMultipartUpload" },
};

/** Without an id these ask for all configurations of their kind. */
const WITHOUT_ID: Methods = {
  GetBucketAnalyticsConfiguration: "ListBucketAnalyticsConfigurations",
  GetBucketIntelligentTieringConfiguration: "ListBucketIntelligentTieringConfigurations",
  GetBucketInventoryConfiguration: "ListBucketInventoryConfigurations",
  GetBucketMetricsConfiguration: "ListBucketMetricsConfigurations",
};

/** Operations of other endpoints, and one that shares its path with another. */
const ELSEWHERE: readonly string[] = ["ListDirectoryBuckets", "ListObjectAnnotations", "WriteGetObjectResponse"];

const SERVICE: Methods = { GET: "ListBuckets" };
/** What browsers do with a form; the service model, which is about SDKs, does not have it. */
export const FORM_UPLOAD = "PostObject";
const BUCKET: Methods = { GET: "ListObjects", HEAD: "HeadBucket", PUT: "CreateBucket", DELETE: "DeleteBucket", POST: FORM_UPLOAD };
const OBJECT: Methods = { GET: "GetObject", HEAD: "HeadObject", PUT: "PutObject", DELETE: "DeleteObject" };

interface Routed {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The action that a request asks for. @throws {ServiceError} MethodNotAllowed, NotImplemented, PreconditionFailed */
export function actionOf({ method, bucket, key, parameters, headers }: Routed): string {
  if (bucket === undefined) return named(SERVICE, method, "SERVICE");
  const subresource =
    method === "HEAD" ? undefined : subresourceOf(key === undefined ? BUCKET_SUBRESOURCES : OBJECT_SUBRESOURCES, parameters);
  const copies = headers["x-amz-copy-source"] !== undefined;
  if (subresource !== undefined) {
    const action = named(subresource.methods, method, subresource.name.toUpperCase());
    if (action === "UploadPart" && copies) return "UploadPartCopy";
    return parameters.has("id") ? action : (WITHOUT_ID[action] ?? action);
  }
  if (method !== "GET" && method !== "HEAD") refuseBare(parameters);
  if (key === undefined) {
    if (method === "GET" && parameters.get("list-type") === "2") return "ListObjectsV2";
    if (method === "POST" && !isForm(headers)) throw notAForm();
    return named(BUCKET, method, "BUCKET");
  }
  const action = named(OBJECT, method, "OBJECT");
  return action === "PutObject" && copies ? "CopyObject" : action;
}

function isForm(headers: Routed["headers"]): boolean {
  return headers["content-type"]?.trimStart().toLowerCase().startsWith("multipart/form-data") === true;
}

function subresourceOf(
  table: Readonly<Record<string, Methods>>,
  parameters: Routed["parameters"],
): { name: string; methods: Methods } | undefined {
  for (const name of parameters.keys()) {
    const methods = Object.hasOwn(table, name) ? table[name] : undefined;
    if (methods !== undefined) return { name, methods };
  }
  return undefined;
}

function named(methods: Methods, method: string, resourceType: string): string {
  const action = methods[method];
  if (action === undefined) throw methodNotAllowed(method, resourceType);
  return action;
}

/**
 * A write with a parameter that has no value may be one about a subresource that we do not know; to take it for the plain
 * write would replace or remove what it does not mean. So would a part whose upload is not named.
 */
function refuseBare(parameters: Routed["parameters"]): void {
  for (const [name, value] of parameters) {
    if ((value === "" && !/^(?:x-|versionId$)/i.test(name)) || name === "partNumber") throw parameterNotOffered(name);
  }
}

/** Every action of S3's service model, offered or not. */
export function allActions(): string[] {
  const tables = [...Object.values(BUCKET_SUBRESOURCES), ...Object.values(OBJECT_SUBRESOURCES), WITHOUT_ID, SERVICE, BUCKET, OBJECT];
  const names = tables.flatMap((methods) => Object.values(methods)).filter((name) => name !== undefined && name !== FORM_UPLOAD);
  return [...new Set([...names, "ListObjectsV2", "CopyObject", "UploadPartCopy", ...ELSEWHERE])] as string[];
}
