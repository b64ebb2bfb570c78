import { aclNotSupported, malformedXml } from "./errors.ts";

export interface Grant {
  readonly Grantee?:
    | { readonly ID?: string | undefined; readonly URI?: string | undefined; readonly EmailAddress?: string | undefined }
    | undefined;
  readonly Permission?: string | undefined;
}

/**
 * An access control list is taken only if it says what holds anyway: that the owner may do everything.
 * @throws MalformedXML, AccessControlListNotSupported
 */
export function checkAcl(grants: readonly Grant[], ownerId: string): void {
  for (const { Grantee, Permission } of grants) {
    if (Grantee === undefined || Permission === undefined) throw malformedXml();
    if (Grantee.ID !== ownerId || Permission !== "FULL_CONTROL") throw aclNotSupported();
  }
}
