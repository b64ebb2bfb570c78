import { ServiceError } from "../../../kernel/service-error.ts";
import { PART_BYTES_MIN } from "./limits.ts";

/**
 * Everything that the object service may answer instead of a result: the code and its HTTP status. Source: "Error
 * responses" of the S3 API reference, and recorded answers for the texts.
 */
export const OBJECT_ERRORS = {
  AccessControlListNotSupported: 400,
  AccessDenied: 403,
  AccessForbidden: 403,
  BadDigest: 400,
  BadRequest: 400,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ConditionalRequestConflict: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidDigest: 400,
  InvalidLocationConstraint: 400,
  InvalidPart: 400,
  InvalidPartNumber: 416,
  InvalidPartOrder: 400,
  InvalidPolicyDocument: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidStorageClass: 400,
  InvalidTag: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedPOSTRequest: 400,
  MalformedTrailerError: 400,
  MalformedXML: 400,
  MaxMessageLengthExceeded: 400,
  MaxPostPreDataLengthExceeded: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchCORSConfiguration: 404,
  NoSuchKey: 404,
  NoSuchLifecycleConfiguration: 404,
  NoSuchPublicAccessBlockConfiguration: 404,
  NoSuchTagSet: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  NoSuchWebsiteConfiguration: 404,
  NotImplemented: 501,
  NotModified: 304,
  ObjectLockConfigurationNotFoundError: 404,
  OperationAborted: 409,
  PreconditionFailed: 412,
  ReplicationConfigurationNotFoundError: 404,
  ServiceUnavailable: 503,
} as const satisfies Record<string, number>;

export type ObjectErrorCode = keyof typeof OBJECT_ERRORS;
type Details = Readonly<Record<string, string>>;

function objectError(code: ObjectErrorCode, message: string, details: Details = {}): ServiceError {
  const httpStatus = OBJECT_ERRORS[code];
  return new ServiceError({ code, httpStatus, fault: httpStatus >= 500 ? "server" : "client", message, details });
}

// Buckets

/** @param bucket absent where it was deleted after it had been found. */
export function noSuchBucket(bucket?: string): ServiceError {
  return objectError("NoSuchBucket", "The specified bucket does not exist", bucket === undefined ? {} : { BucketName: bucket });
}

export function invalidBucketName(bucket: string): ServiceError {
  return objectError("InvalidBucketName", "The specified bucket is not valid.", { BucketName: bucket });
}

export function bucketAlreadyExists(bucket: string): ServiceError {
  const message =
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. " +
    "Please select a different name and try again.";
  return objectError("BucketAlreadyExists", message, { BucketName: bucket });
}

export function bucketAlreadyOwnedByYou(bucket: string): ServiceError {
  const message = "Your previous request to create the named bucket succeeded and you already own it.";
  return objectError("BucketAlreadyOwnedByYou", message, { BucketName: bucket });
}

export function bucketNotEmpty(bucket: string): ServiceError {
  return objectError("BucketNotEmpty", "The bucket you tried to delete is not empty", { BucketName: bucket });
}

export function invalidLocationConstraint(constraint: string): ServiceError {
  return objectError("InvalidLocationConstraint", "The specified location-constraint is not valid", { LocationConstraint: constraint });
}

/** What a bucket has not got, by the code that says so. */
export const NO_SUCH_SETTING = {
  NoSuchBucketPolicy: "The bucket policy does not exist",
  NoSuchCORSConfiguration: "The CORS configuration does not exist",
  NoSuchLifecycleConfiguration: "The lifecycle configuration does not exist",
  NoSuchPublicAccessBlockConfiguration: "The public access block configuration was not found",
  NoSuchTagSet: "The TagSet does not exist",
  NoSuchWebsiteConfiguration: "The specified bucket does not have a website configuration",
  ObjectLockConfigurationNotFoundError: "Object Lock configuration does not exist for this bucket",
  ReplicationConfigurationNotFoundError: "The replication configuration was not found",
} as const satisfies Partial<Record<ObjectErrorCode, string>>;

export function noSuchSetting(code: keyof typeof NO_SUCH_SETTING, bucket: string): ServiceError {
  return objectError(code, NO_SUCH_SETTING[code], { BucketName: bucket });
}

// Objects

export function noSuchKey(key: string): ServiceError {
  return objectError("NoSuchKey", "The specified key does not exist.", { Key: key });
}

export function noSuchVersion(key: string, versionId: string): ServiceError {
  return objectError("NoSuchVersion", "The specified version does not exist.", { Key: key, VersionId: versionId });
}

export function keyTooLong(bytes: number, bytesMax: number): ServiceError {
  return objectError("KeyTooLongError", "Your key is too long", { Size: String(bytes), MaxSizeAllowed: String(bytesMax) });
}

export function metadataTooLarge(bytes: number, bytesMax: number): ServiceError {
  const details = { Size: String(bytes), MaxSizeAllowed: String(bytesMax) };
  return objectError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", details);
}

export function invalidStorageClass(value: string): ServiceError {
  return objectError("InvalidStorageClass", "The storage class you specified is not valid", { StorageClassRequested: value });
}

export function invalidRange(range: string, sizeBytes: number): ServiceError {
  const details = { RangeRequested: range, ActualObjectSize: String(sizeBytes) };
  return objectError("InvalidRange", "The requested range is not satisfiable", details);
}

export function invalidPartNumber(asked: number, partsCount: number): ServiceError {
  const details = { PartNumberRequested: String(asked), ActualPartCount: String(partsCount) };
  return objectError("InvalidPartNumber", "The requested partnumber is not satisfiable", details);
}

/** @param condition the header that did not hold, as AWS spells it: `If-None-Match`. */
export function preconditionFailed(condition: string): ServiceError {
  return objectError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", { Condition: condition });
}

/** Answered without a body; the headers that a cache may need go with it. */
export function notModified(headers: Readonly<Record<string, string>>): ServiceError {
  return new ServiceError({ code: "NotModified", httpStatus: 304, fault: "client", message: "Not Modified", headers });
}

/** @param condition the write condition that held at the end but not all the time. */
export function conditionalRequestConflict(condition: string, key: string): ServiceError {
  const message = "The conditional request cannot succeed due to a conflicting operation against this resource.";
  return objectError("ConditionalRequestConflict", message, { Condition: condition, Key: key });
}

/** Somebody else changed what this request had read; asked again, it may succeed. @param details for who asks again itself. */
export function operationAborted(details: Details = {}): ServiceError {
  const message = "A conflicting conditional operation is currently in progress against this resource. Please try again.";
  return objectError("OperationAborted", message, details);
}

/** In the details of an `operationAborted`: a change of the key that was numbered later was committed before. */
export const OVERTAKEN: Details = { Reason: "Overtaken" };

// Bodies

export function missingContentLength(): ServiceError {
  return objectError("MissingContentLength", "You must provide the Content-Length HTTP header.");
}

export function incompleteBody(announcedBytes: number, receivedBytes: number): ServiceError {
  const message = "The request body terminated unexpectedly";
  return objectError("IncompleteBody", message, { BytesAnnounced: String(announcedBytes), BytesReceived: String(receivedBytes) });
}

export function entityTooLarge(proposedBytes: number, bytesMax: number): ServiceError {
  const details = { ProposedSize: String(proposedBytes), MaxSizeAllowed: String(bytesMax) };
  return objectError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", details);
}

export function entityTooSmall(proposedBytes: number, bytesMin: number): ServiceError {
  const details = { ProposedSize: String(proposedBytes), MinSizeAllowed: String(bytesMin) };
  return objectError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", details);
}

export function xmlTooLong(bytesMax: number): ServiceError {
  return objectError("MaxMessageLengthExceeded", "Your request was too big.", { MaxMessageLengthBytes: String(bytesMax) });
}

export function malformedXml(): ServiceError {
  return objectError("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
}

/** @param value the Content-MD5 header as it came. */
export function invalidDigest(value: string): ServiceError {
  return objectError("InvalidDigest", "The Content-MD5 you specified was invalid.", { "Content-MD5": value });
}

export function badMd5(expected: string, calculated: string): ServiceError {
  const message = "The Content-MD5 you specified did not match what we received.";
  return objectError("BadDigest", message, { ExpectedDigest: expected, CalculatedDigest: calculated });
}

/** @param algorithm as AWS spells it: `CRC64NVME`. */
export function badChecksum(algorithm: string): ServiceError {
  return objectError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
}

export function invalidChecksum(header: string, place: "header" | "trailing header"): ServiceError {
  return invalidRequest(`Value for ${header} ${place} is invalid.`);
}

export function severalChecksums(): ServiceError {
  return invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
}

export function malformedTrailer(): ServiceError {
  const message = "The request contained trailing data that was not well-formed or did not conform to our published schema.";
  return objectError("MalformedTrailerError", message);
}

// Multipart

export function noSuchUpload(uploadId: string): ServiceError {
  const message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
  return objectError("NoSuchUpload", message, { UploadId: uploadId });
}

export function invalidPart(details: { ETag: string; PartNumber: string; UploadId: string }): ServiceError {
  const message =
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may " +
    "not match the part's entity tag.";
  return objectError("InvalidPart", message, { UploadId: details.UploadId, PartNumber: details.PartNumber, ETag: details.ETag });
}

export function invalidPartOrder(uploadId: string): ServiceError {
  const message = "The list of parts was not in ascending order. Parts must be ordered by part number.";
  return objectError("InvalidPartOrder", message, { UploadId: uploadId });
}

export function partTooSmall(part: { sizeBytes: number; number: number; etag: string }): ServiceError {
  return objectError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", {
    ETag: part.etag,
    MinSizeAllowed: String(PART_BYTES_MIN),
    PartNumber: String(part.number),
    ProposedSize: String(part.sizeBytes),
  });
}

// Arguments

export function invalidArgument(message: string, argument: { name: string; value: string }): ServiceError {
  return objectError("InvalidArgument", message, { ArgumentName: argument.name, ArgumentValue: argument.value });
}

/** For the few that name several arguments, or none. */
export function invalidArguments(message: string, details: Details): ServiceError {
  return objectError("InvalidArgument", message, details);
}

export function invalidRequest(message: string): ServiceError {
  return objectError("InvalidRequest", message);
}

export function invalidUri(uri: string): ServiceError {
  return objectError("InvalidURI", "Couldn't parse the specified URI.", { URI: uri });
}

export function invalidTag(message: string, tag: { key?: string; value?: string } = {}): ServiceError {
  return objectError("InvalidTag", message, {
    ...(tag.key === undefined ? {} : { TagKey: tag.key }),
    ...(tag.value === undefined ? {} : { TagValue: tag.value }),
  });
}

export function missingParameter(name: string): ServiceError {
  return invalidArgument(`The request must contain ${name}.`, { name, value: "" });
}

// Access

export function accessDenied(message: string = "Access Denied"): ServiceError {
  return objectError("AccessDenied", message);
}

/** Access control lists other than the owner's own grant nothing here, as in a bucket whose ownership is enforced. */
export function aclNotSupported(): ServiceError {
  return objectError("AccessControlListNotSupported", "The bucket does not allow ACLs");
}

export function corsForbidden(message: string, details: { method: string; resourceType: "BUCKET" | "OBJECT" }): ServiceError {
  return objectError("AccessForbidden", message, { Method: details.method, ResourceType: details.resourceType });
}

export function badRequest(message: string): ServiceError {
  return objectError("BadRequest", message);
}

// What is not offered

export function methodNotAllowed(method: string, resourceType: string): ServiceError {
  const message = "The specified method is not allowed against this resource.";
  return objectError("MethodNotAllowed", message, { Method: method, ResourceType: resourceType });
}

/** An action of AWS that this release does not have. */
export function actionNotOffered(action: string): ServiceError {
  return objectError("NotImplemented", `${action} is not offered by this release of Millrace.`, { Action: action });
}

/** A header that asks for what this release does not have. */
export function headerNotOffered(header: string): ServiceError {
  return objectError("NotImplemented", "A header you provided implies functionality that is not implemented", { Header: header });
}

/** The same for a parameter of the query string. */
export function parameterNotOffered(parameter: string): ServiceError {
  const message = "A parameter you provided implies functionality that is not implemented";
  return objectError("NotImplemented", message, { Parameter: parameter });
}

export function elementNotOffered(element: string): ServiceError {
  return objectError("NotImplemented", `${element} is not offered by this release of Millrace.`, { Element: element });
}

// POST forms

export function malformedForm(message: string): ServiceError {
  return objectError("MalformedPOSTRequest", message);
}

export function missingField(name: string): ServiceError {
  const message = `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`;
  return invalidArgument(message, { name, value: "" });
}

export function formFieldsTooLong(bytesMax: number): ServiceError {
  const message = "Your POST request fields preceding the upload file were too large.";
  return objectError("MaxPostPreDataLengthExceeded", message, { MaxPostPreDataLengthBytes: String(bytesMax) });
}

/** The bucket's URL takes POST for forms only. */
export function notAForm(): ServiceError {
  return preconditionFailed("Bucket POST must be of the enclosure-type multipart/form-data");
}

export function invalidPolicyDocument(message: string): ServiceError {
  return objectError("InvalidPolicyDocument", `Invalid Policy: ${message}`);
}

// Our own trouble

export function storageFull(): ServiceError {
  const message = "The disk that holds the objects is full. Nothing was stored; free some space and try again.";
  return objectError("ServiceUnavailable", message);
}

export function damagedObject(): ServiceError {
  return objectError(
    "InternalError",
    "The stored bytes of this object are damaged and are not sent; the log says which. Put the object again, or restore it.",
  );
}
