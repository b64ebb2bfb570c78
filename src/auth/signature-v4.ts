import type { Clock } from "../kernel/clock.ts";
import type { Credential } from "./auth.ts";
import { DECOY_SECRET, type Identity, type Keyring } from "./credentials.ts";
import { type AuthErrors, SKEW_MS_MAX } from "./errors.ts";
import { type HmacSha256, sameSecret, sha256Hex } from "./hmac.ts";
import { parseScope, type Scope, signingKey, stringToSign } from "./scope.ts";
import { SignedHeaderLists } from "./signed-headers.ts";
import { parseAmzDate } from "./times.ts";

/** What a Version 4 request claims, read and in order, but for the hash of its body. */
export interface Claim {
  /** As sent: `<access key>/<scope>`. */
  readonly credential: string;
  readonly scope: Scope;
  /** `20130524T000000Z` */
  readonly date: string;
  readonly signature: string;
  /** Names of the headers that are signed. */
  readonly signedHeaders: readonly string[];
  /** The canonical request up to where the body's hash stands. */
  readonly head: string;
  readonly token: string | undefined;
  readonly errors: AuthErrors;
}

/** Who signed it, and the key that signs its chunks. */
export interface Proof {
  readonly identity: Identity;
  readonly key: HmacSha256;
}

interface KnownScope extends Proof {
  readonly scope: Scope;
}

/** A scope is a key, a day, a region and a service: few are in use at a time. */
const SCOPES_MAX = 1000;

/** Signature Version 4 without its two ways of carrying it. */
export class VersionFour {
  readonly clock: Clock;
  readonly lists = new SignedHeaderLists();
  readonly #keyring: Keyring;
  /** By credential as sent. Only a valid signature puts one here, so that strangers cannot fill it. */
  readonly #scopes = new Map<string, KnownScope>();

  #lastDate: { text: string; ms: number | undefined } = { text: "", ms: undefined };

  constructor(clock: Clock, keyring: Keyring) {
    this.clock = clock;
    this.#keyring = keyring;
  }

  /** @returns what is wrong with the credential, in words, where it is not one. */
  scope(credential: string): Scope | string {
    return this.#scopes.get(credential)?.scope ?? parseScope(credential);
  }

  /** Epoch milliseconds of `20130524T000000Z`. Most requests come within the second of the one before. */
  timeOf(date: string): number | undefined {
    if (date !== this.#lastDate.text) this.#lastDate = { text: date, ms: parseAmzDate(date) };
    return this.#lastDate.ms;
  }

  /** @throws {ServiceError} where the request's time is more than 15 minutes from ours. */
  checkSkew(requestMs: number, errors: AuthErrors): void {
    const nowMs = this.clock.nowMs();
    if (Math.abs(nowMs - requestMs) > SKEW_MS_MAX) throw errors.skewed(requestMs, nowMs);
  }

  /**
   * @param bodySha256 what stands at the end of the canonical request: a hash, or a word such as `UNSIGNED-PAYLOAD`.
   * @throws {ServiceError} where the access key is unknown, the signature wrong, or the token not its own.
   */
  prove(claim: Claim, bodySha256: string): Proof {
    const known = this.#scopes.get(claim.credential);
    const identity = known?.identity ?? this.#keyring.find(claim.scope.accessKeyId);
    const key = known?.key ?? signingKey(identity?.credential.secretAccessKey ?? DECOY_SECRET, claim.scope);
    const canonicalRequest = claim.head + bodySha256;
    const signed = stringToSign(claim.date, claim.scope.text, sha256Hex(canonicalRequest));
    const matches = key.matches(signed, claim.signature);
    if (identity === undefined) throw claim.errors.unknownAccessKey(claim.scope.accessKeyId);
    if (!matches) {
      const { accessKeyId } = claim.scope;
      throw claim.errors.wrongSignature({ accessKeyId, signature: claim.signature, stringToSign: signed, canonicalRequest });
    }
    checkToken(identity.credential, claim.token, claim.errors);
    if (known !== undefined) return known;
    return this.#remember(claim, { identity, key, scope: claim.scope });
  }

  #remember(claim: Claim, scope: KnownScope): Proof {
    const oldest = this.#scopes.size >= SCOPES_MAX ? this.#scopes.keys().next().value : undefined;
    if (oldest !== undefined) this.#scopes.delete(oldest);
    this.#scopes.set(claim.credential, scope);
    return scope;
  }
}

/** @throws {ServiceError} where the token is not the credential's own: missing, another, or one too many. */
export function checkToken(credential: Credential, token: string | undefined, errors: AuthErrors): void {
  if (credential.sessionToken === undefined && token === undefined) return;
  if (credential.sessionToken === undefined || token === undefined) throw errors.wrongToken();
  if (!sameSecret(credential.sessionToken, token)) throw errors.wrongToken();
}
