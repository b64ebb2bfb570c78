import type { AnyAction } from "../../../wire/api.ts";
import { boolean, list, operation, optional, required, string, structure, type Infer, type StructureShape } from "../../../wire/shapes.ts";
import { noSuchSetting, type NO_SUCH_SETTING } from "../rules/errors.ts";
import { objectAction, type Context } from "./context.ts";
import { bucketOf } from "./owned.ts";
import { bucketLabel } from "./shapes.ts";

/**
 * Questions about settings that no bucket of this release can have. Clients ask them before and after everything else
 * (Terraform all of them), and are told truly what a bucket is in which nothing of the kind was ever set.
 */

/** What is told of a bucket that has not got it: an error of its own. */
const ABSENT = {
  GetBucketLifecycleConfiguration: "NoSuchLifecycleConfiguration",
  GetBucketPolicy: "NoSuchBucketPolicy",
  GetBucketPolicyStatus: "NoSuchBucketPolicy",
  GetBucketReplication: "ReplicationConfigurationNotFoundError",
  GetBucketWebsite: "NoSuchWebsiteConfiguration",
  GetObjectLockConfiguration: "ObjectLockConfigurationNotFoundError",
  GetPublicAccessBlock: "NoSuchPublicAccessBlockConfiguration",
} as const satisfies Record<string, keyof typeof NO_SUCH_SETTING>;

const encryptionRule = structure({
  ApplyServerSideEncryptionByDefault: structure({ SSEAlgorithm: required(string) }),
  BucketKeyEnabled: boolean,
});
const encryption = structure({ Rules: required(list(encryptionRule, { flattened: true }), { wireName: "Rule" }) });
const ownershipRules = list(structure({ ObjectOwnership: required(string) }), { flattened: true });
const ownership = structure({ Rules: required(ownershipRules, { wireName: "Rule" }) });

export function neverSet(context: Context): Record<string, AnyAction> {
  const absent = Object.entries(ABSENT).map(([name, code]) => [name, absentSetting(context, name, code)] as const);
  return {
    ...Object.fromEntries(absent),
    GetBucketAccelerateConfiguration: defaultSetting(context, {
      name: "GetBucketAccelerateConfiguration",
      root: "AccelerateConfiguration",
      shape: structure({ Status: string }),
      value: {},
    }),
    GetBucketEncryption: defaultSetting(context, {
      name: "GetBucketEncryption",
      shape: structure({ ServerSideEncryptionConfiguration: optional(encryption, { payload: true }) }),
      value: {
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }],
        },
      },
    }),
    GetBucketLogging: defaultSetting(context, {
      name: "GetBucketLogging",
      root: "BucketLoggingStatus",
      shape: structure({ LoggingEnabled: structure({}) }),
      value: {},
    }),
    GetBucketOwnershipControls: defaultSetting(context, {
      name: "GetBucketOwnershipControls",
      shape: structure({ OwnershipControls: optional(ownership, { payload: true }) }),
      value: { OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] } },
    }),
    GetBucketRequestPayment: defaultSetting(context, {
      name: "GetBucketRequestPayment",
      root: "RequestPaymentConfiguration",
      shape: structure({ Payer: string }),
      value: { Payer: "BucketOwner" },
    }),
    GetBucketVersioning: defaultSetting(context, {
      name: "GetBucketVersioning",
      root: "VersioningConfiguration",
      shape: structure({ Status: string, MFADelete: optional(string, { wireName: "MfaDelete" }) }),
      value: {},
    }),
  };
}

function absentSetting(context: Context, name: string, code: keyof typeof NO_SUCH_SETTING): AnyAction {
  return objectAction(operation(name, { input: structure(bucketLabel), output: structure({}) }), async (input, call) => {
    const bucket = await bucketOf(context, input.Bucket, call);
    throw noSuchSetting(code, bucket.name);
  });
}

function defaultSetting<S extends StructureShape>(
  context: Context,
  { name, root, shape, value }: { name: string; root?: string; shape: S; value: Infer<S> },
): AnyAction {
  const traits = root === undefined ? {} : { xmlRoot: { response: root } };
  const told = operation(name, { input: structure(bucketLabel), output: shape, ...traits });
  return objectAction(told, async (input, call) => {
    await bucketOf(context, input.Bucket, call);
    return value;
  });
}
