import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../../../kernel/service-error.ts";
import { checkAcl } from "./acl.ts";
import { checkVersionId, refuseNotOffered } from "./not-offered.ts";

function outcome(decide: () => void): string {
  try {
    decide();
    return "taken";
  } catch (error) {
    if (error instanceof ServiceError) return error.code;
    throw error;
  }
}

describe("headers", () => {
  for (const [headers, expected] of [
    [{}, "taken"],
    [{ "x-amz-acl": "private" }, "taken"],
    [{ "x-amz-acl": "bucket-owner-full-control" }, "taken"],
    [{ "x-amz-acl": "public-read" }, "AccessControlListNotSupported"],
    [{ "x-amz-grant-read": "id=1" }, "AccessControlListNotSupported"],
    [{ "x-amz-server-side-encryption": "AES256" }, "taken"],
    [{ "x-amz-server-side-encryption": "aws:kms" }, "NotImplemented"],
    [{ "x-amz-server-side-encryption-customer-algorithm": "AES256" }, "NotImplemented"],
    [{ "x-amz-server-side-encryption-bucket-key-enabled": "false" }, "taken"],
    [{ "x-amz-server-side-encryption-bucket-key-enabled": "true" }, "NotImplemented"],
    [{ "x-amz-object-lock-mode": "GOVERNANCE" }, "NotImplemented"],
    [{ "x-amz-bucket-object-lock-enabled": "False" }, "taken"],
    [{ "x-amz-object-ownership": "BucketOwnerEnforced" }, "taken"],
    [{ "x-amz-object-ownership": "ObjectWriter" }, "NotImplemented"],
    [{ "x-amz-storage-class": "GLACIER_IR" }, "taken"],
    [{ "x-amz-storage-class": "TAPE" }, "InvalidStorageClass"],
    [{ "x-amz-mfa": "1 2" }, "NotImplemented"],
    [{ "x-amz-write-offset-bytes": "5" }, "NotImplemented"],
  ] as const) {
    test(`${JSON.stringify(headers)} → ${expected}`, () =>
      assert.equal(
        outcome(() => refuseNotOffered(headers)),
        expected,
      ));
  }
});

test("the only version is null", () => {
  assert.equal(
    outcome(() => checkVersionId(undefined)),
    "taken",
  );
  assert.equal(
    outcome(() => checkVersionId("null")),
    "taken",
  );
  assert.equal(
    outcome(() => checkVersionId("")),
    "InvalidArgument",
  );
  assert.equal(
    outcome(() => checkVersionId("3/L4kqtJlcpXroDTDmJ")),
    "InvalidArgument",
  );
});

test("an access control list says that the owner may do everything, or is refused", () => {
  const grant = (ID: string | undefined, Permission = "FULL_CONTROL") => ({ Grantee: { ID }, Permission });
  assert.equal(
    outcome(() => checkAcl([], "o")),
    "taken",
  );
  assert.equal(
    outcome(() => checkAcl([grant("o")], "o")),
    "taken",
  );
  assert.equal(
    outcome(() => checkAcl([grant("o"), grant("other")], "o")),
    "AccessControlListNotSupported",
  );
  assert.equal(
    outcome(() => checkAcl([grant("o", "READ")], "o")),
    "AccessControlListNotSupported",
  );
  assert.equal(
    outcome(() => checkAcl([{ Grantee: { URI: "http://acs.amazonaws.com/groups/global/AllUsers" }, Permission: "READ" }], "o")),
    "AccessControlListNotSupported",
  );
  assert.equal(
    outcome(() => checkAcl([{ Permission: "READ" }], "o")),
    "MalformedXML",
  );
});
