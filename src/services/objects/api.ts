import type { Action, Api } from "../../wire/api.ts";
import type { Context } from "./actions/context.ts";
import { createBucket } from "./actions/create-bucket.ts";
import { deleteBucket } from "./actions/delete-bucket.ts";
import { deleteObject } from "./actions/delete-object.ts";
import { getBucketLocation } from "./actions/get-bucket-location.ts";
import { getObject } from "./actions/get-object.ts";
import { headBucket } from "./actions/head-bucket.ts";
import { headObject } from "./actions/head-object.ts";
import { listBuckets } from "./actions/list-buckets.ts";
import { putObject } from "./actions/put-object.ts";
import { allActions } from "./routes.ts";
import { actionNotOffered, invalidArgument, malformedXml, missingParameter } from "./rules/errors.ts";
import { PART_NUMBER_MAX } from "./rules/limits.ts";

/** The contents page of the object service: every action of Amazon S3, answered or refused by name. */
export function objectsApi(context: Context): Api {
  // oxlint-disable-next-line typescript/no-explicit-any -- As in Api: the actions' inputs differ.
  const actions: Readonly<Record<string, Action<any>>> = {
    CreateBucket: createBucket(context),
    DeleteBucket: deleteBucket(context),
    GetBucketLocation: getBucketLocation(context),
    HeadBucket: headBucket(context),
    ListBuckets: listBuckets(context),

    DeleteObject: deleteObject(context),
    GetObject: getObject(context),
    HeadObject: headObject(context),
    PutObject: putObject(context),
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
