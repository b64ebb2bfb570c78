import type { Principal } from "../wire/api.ts";
import type { Credential } from "./auth.ts";

/** A credential with the principal that it makes. */
export interface Identity {
  readonly credential: Credential;
  readonly principal: Principal;
}

/** The configured credentials. */
export class Keyring {
  readonly #identities = new Map<string, Identity>();

  constructor(credentials: readonly Credential[]) {
    for (const credential of credentials) {
      const { accessKeyId, accountId, arn, uniqueId } = credential;
      this.#identities.set(accessKeyId, {
        credential,
        principal: { accountId, arn, uniqueId, accessKeyId, authenticated: true, verified: true },
      });
    }
  }

  find(accessKeyId: string): Identity | undefined {
    return this.#identities.get(accessKeyId);
  }
}

/** Signed with in place of the secret of an unknown access key, so that its refusal takes as long as any other. */
export const DECOY_SECRET = "no request that is signed with this is ever accepted";

/**
 * The caller of a request whose credentials are not known (yet). It owns nothing: should anything act for it by mistake,
 * it finds no resource of anybody's.
 */
export const ANONYMOUS: Principal = {
  accountId: "anonymous",
  arn: "anonymous",
  uniqueId: "anonymous",
  accessKeyId: "",
  authenticated: false,
  verified: false,
};

/** An account's root, as `dev` mode makes it of any access key. */
export function rootOf(accountId: string, accessKeyId: string): Principal {
  const arn = `arn:aws:iam::${accountId}:root`;
  return { accountId, arn, uniqueId: accountId, accessKeyId, authenticated: accessKeyId !== "", verified: false };
}
