import type { AnyAction, Api } from "../../wire/api.ts";
import { abortMultipartUpload } from "./actions/abort-multipart-upload.ts";
import { completeMultipartUpload } from "./actions/complete-multipart-upload.ts";
import type { Context } from "./actions/context.ts";
import { copyObject } from "./actions/copy-object.ts";
import { createBucket } from "./actions/create-bucket.ts";
import { createMultipartUpload } from "./actions/create-multipart-upload.ts";
import { deleteBucketCors } from "./actions/delete-bucket-cors.ts";
import { deleteBucketTagging } from "./actions/delete-bucket-tagging.ts";
import { deleteBucket } from "./actions/delete-bucket.ts";
import { deleteObjectTagging } from "./actions/delete-object-tagging.ts";
import { deleteObject } from "./actions/delete-object.ts";
import { deleteObjects } from "./actions/delete-objects.ts";
import { getBucketAcl } from "./actions/get-bucket-acl.ts";
import { getBucketCors } from "./actions/get-bucket-cors.ts";
import { getBucketLocation } from "./actions/get-bucket-location.ts";
import { getBucketNotificationConfiguration } from "./actions/get-bucket-notification-configuration.ts";
import { getBucketTagging } from "./actions/get-bucket-tagging.ts";
import { getObjectAcl } from "./actions/get-object-acl.ts";
import { getObjectAttributes } from "./actions/get-object-attributes.ts";
import { getObjectTagging } from "./actions/get-object-tagging.ts";
import { getObject } from "./actions/get-object.ts";
import { headBucket } from "./actions/head-bucket.ts";
import { headObject } from "./actions/head-object.ts";
import { listBuckets } from "./actions/list-buckets.ts";
import { listMultipartUploads } from "./actions/list-multipart-uploads.ts";
import { listObjectVersions } from "./actions/list-object-versions.ts";
import { listObjectsV2 } from "./actions/list-objects-v2.ts";
import { listObjects } from "./actions/list-objects.ts";
import { listParts } from "./actions/list-parts.ts";
import { neverSet } from "./actions/never-set.ts";
import { putBucketAcl } from "./actions/put-bucket-acl.ts";
import { putBucketCors } from "./actions/put-bucket-cors.ts";
import { putBucketNotificationConfiguration } from "./actions/put-bucket-notification-configuration.ts";
import { putBucketTagging } from "./actions/put-bucket-tagging.ts";
import { putObjectAcl } from "./actions/put-object-acl.ts";
import { putObjectTagging } from "./actions/put-object-tagging.ts";
import { putObject } from "./actions/put-object.ts";
import { uploadPartCopy } from "./actions/upload-part-copy.ts";
import { uploadPart } from "./actions/upload-part.ts";
import { actionNotOffered, invalidArgument, malformedXml, missingParameter } from "./rules/errors.ts";
import { PART_NUMBER_MAX } from "./rules/limits.ts";
import { allActions } from "./rules/routes.ts";

/** The contents page of the object service: every action of Amazon S3, answered or refused by name. */
export function objectsApi(context: Context): Api {
  const actions: Readonly<Record<string, AnyAction>> = {
    CreateBucket: createBucket(context),
    DeleteBucket: deleteBucket(context),
    DeleteBucketCors: deleteBucketCors(context),
    DeleteBucketTagging: deleteBucketTagging(context),
    GetBucketAcl: getBucketAcl(context),
    GetBucketCors: getBucketCors(context),
    GetBucketLocation: getBucketLocation(context),
    GetBucketNotificationConfiguration: getBucketNotificationConfiguration(context),
    GetBucketTagging: getBucketTagging(context),
    HeadBucket: headBucket(context),
    ListBuckets: listBuckets(context),
    PutBucketAcl: putBucketAcl(context),
    PutBucketCors: putBucketCors(context),
    PutBucketNotificationConfiguration: putBucketNotificationConfiguration(context),
    PutBucketTagging: putBucketTagging(context),
    ...neverSet(context),

    CopyObject: copyObject(context),
    DeleteObject: deleteObject(context),
    DeleteObjectTagging: deleteObjectTagging(context),
    DeleteObjects: deleteObjects(context),
    GetObject: getObject(context),
    GetObjectAcl: getObjectAcl(context),
    GetObjectAttributes: getObjectAttributes(context),
    GetObjectTagging: getObjectTagging(context),
    HeadObject: headObject(context),
    ListObjectVersions: listObjectVersions(context),
    ListObjects: listObjects(context),
    ListObjectsV2: listObjectsV2(context),
    PutObject: putObject(context),
    PutObjectAcl: putObjectAcl(context),
    PutObjectTagging: putObjectTagging(context),

    AbortMultipartUpload: abortMultipartUpload(context),
    CompleteMultipartUpload: completeMultipartUpload(context),
    CreateMultipartUpload: createMultipartUpload(context),
    ListMultipartUploads: listMultipartUploads(context),
    ListParts: listParts(context),
    UploadPart: uploadPart(context),
    UploadPartCopy: uploadPartCopy(context),
  };
  return {
    service: "objects",
    signingName: "s3",
    errorNamespace: "com.amazonaws.s3",
    actions,
    notOffered: allActions().filter((name) => actions[name] === undefined),
    errors: {
      // What lacks in XML makes it malformed; headers and parameters have lower-case names.
      missingParameter: (name) => (/^[A-Z]/.test(name) ? malformedXml() : missingParameter(name)),
      malformedInput: () => malformedXml(),
      invalidArgument: (name, value) => invalidArgument(INVALID_TEXTS[name] ?? `The value of ${name} is invalid.`, { name, value }),
      unknownAction: actionNotOffered,
      notOffered: actionNotOffered,
    },
  };
}

const INVALID_TEXTS: Readonly<Record<string, string>> = {
  partNumber: `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`,
};
