import { optional, required, string, structure } from "../../../wire/shapes.ts";
import { ownerId } from "./owned.ts";
import { grants, owner } from "./shapes.ts";

/** What the four ACL actions share: there is one list, and it says that the owner may do everything. */

export const aclInput = {
  ACL: optional(string, { header: "x-amz-acl" }),
  AccessControlPolicy: optional(structure({ Owner: owner, Grants: optional(grants, { wireName: "AccessControlList" }) }), {
    payload: true,
  }),
} as const;

export const aclOutput = structure({ Owner: required(owner), Grants: required(grants, { wireName: "AccessControlList" }) });

export function ownersAcl(account: string) {
  const who = { ID: ownerId(account), DisplayName: account };
  return { Owner: who, Grants: [{ Grantee: { Type: "CanonicalUser", ...who }, Permission: "FULL_CONTROL" }] };
}
