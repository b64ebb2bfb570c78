import type { Clock } from "../kernel/clock.ts";
import type { ServiceError } from "../kernel/service-error.ts";
import type { Principal } from "../wire/api.ts";
import type { HttpRequest } from "../wire/http.ts";
import type { AuthErrors } from "./errors.ts";
import type { HmacSha256 } from "./hmac.ts";

/** An access key pair and whom it speaks for. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials: the token that every request must carry, signed. */
  readonly sessionToken?: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** `arn:aws:iam::<account>:root` or `…:user/<name>`. */
  readonly arn: string;
  /** `AIDA…`, or the account's number for its root. */
  readonly uniqueId: string;
}

export interface VerifierOptions {
  readonly clock: Clock;
  readonly credentials: readonly Credential[];
  /** `dev` takes any access key and checks no signature; `keys` verifies everything and refuses the unsigned. */
  readonly mode: "dev" | "keys";
  /** Where a request has no signing scope. */
  readonly defaultRegion: string;
  /** Twelve digits: whose caller without a twelve-digit access key is, in `dev` mode. */
  readonly defaultAccount: string;
  /** Whether Signature Version 2 is taken; on by default, because boto3 still presigns S3 URLs with it. */
  readonly signatureV2?: boolean;
  /** Whether S3 uploads may be signed without a hash of their body; on by default, as at AWS. Presigned URLs never have one. */
  readonly unsignedPayload?: boolean;
  /**
   * The bucket that a Host header names (virtual-hosted style), the same function that routes: Signature Version 2 signs
   * the bucket's name, wherever it stands. Without it every request counts as path style.
   */
  readonly bucketOfHost?: (host: string) => string | undefined;
}

/** The one verifier in front of all routing. */
export interface Verifier {
  /**
   * Who asks, by the head of the request alone.
   * @throws {ServiceError} for any request that is not exactly as its signer made it, in the words of its protocol.
   */
  verify(request: HttpRequest): Verified;
  /** Nobody in particular, for the few requests that anybody may make. */
  anonymous(): Verified;
  /**
   * The same with the body in memory, for JSON and Query: checks what `verified.payload` demands, and finds out the
   * principal where only the body tells. Nothing is done with a body before it went through here; those of S3 go through
   * `streamBody` or `readBody`.
   */
  verifyBody(request: HttpRequest, verified: Verified, body: Uint8Array): Verified;
  /** A Query request whose parameters and Signature Version 2 stand in its body (POST) or in its query string (GET). */
  verifyQueryForm(request: HttpRequest, body: Uint8Array): Verified;
  /**
   * Who signed the policy of a browser's form upload to S3. The policy's expiration and conditions are the caller's to check.
   * @param fields form fields by name, before `file`; names in any case.
   */
  verifyPostPolicy(fields: Readonly<Record<string, string>>): Principal;
}

export interface Verified {
  /** The anonymous one until the payload is settled, where `payload.kind` is `unproven`, `form` or `postPolicy`. */
  readonly principal: Principal;
  /** From the signing scope; the default where there is none. */
  readonly region: string;
  /**
   * The service in the signing scope: `sqs`; Version 2 names none, but S3's own form of it is known. Whoever routes refuses
   * what was signed for another service: a URL presigned for S3 leaves its body unsigned, which others act on.
   */
  readonly signingName: string | undefined;
  readonly payload: PayloadCheck;
}

/** What must hold of the body for the request to count. */
export type PayloadCheck = BodyCheck | UnprovenPayload | FormPayload | PostPolicyPayload;

/** What can be checked while the body streams by. */
export type BodyCheck = NoCheck | Sha256Check | ChunkedCheck;

/** Nothing is claimed of the body. */
export interface NoCheck {
  readonly kind: "none";
}

/** The signature covers this hash: the body must have it. */
export interface Sha256Check {
  readonly kind: "sha256";
  /** Lower case. */
  readonly hex: string;
  readonly errors: AuthErrors;
}

/** The body is framed as aws-chunked. */
export interface ChunkedCheck {
  readonly kind: "chunked";
  /** What the chunks' data must add up to. */
  readonly decodedBytes: number;
  /** Names that `x-amz-trailer` announces, in lower case: each must come, no other may. */
  readonly trailers: readonly string[];
  /** Absent where chunks carry no signatures, or in `dev` mode. */
  readonly signing: ChunkSigning | undefined;
  /** The SHA-256 of the decoded data, where a client announced it in spite of the framing. */
  readonly sha256: string | undefined;
  readonly errors: AuthErrors;
}

/** Each chunk's signature covers the one before it; the first covers that of the request, the seed. */
export interface ChunkSigning {
  readonly key: HmacSha256;
  readonly seed: string;
  readonly accessKeyId: string;
  /** `20130524T000000Z` */
  readonly date: string;
  /** `20130524/us-east-1/s3/aws4_request` */
  readonly scope: string;
  /** Whether the trailers are signed, which then is compulsory. */
  readonly trailers: boolean;
}

/** The signature covers a hash that no header announces, so that it can only be verified with the body (botocore signs SQS so). */
export interface UnprovenPayload {
  readonly kind: "unproven";
  /** @throws {ServiceError} when the signature is not that of a request with such a body. */
  prove(bodySha256: string): Verified;
}

/** The parameters, credentials among them, may stand in a form in the body: `verifyQueryForm` tells. */
export interface FormPayload {
  readonly kind: "form";
}

/** A browser's form upload: `verifyPostPolicy` tells whose, once its fields are read. */
export interface PostPolicyPayload {
  readonly kind: "postPolicy";
  /** What to refuse with where no policy is looked at. */
  readonly refusal: ServiceError | undefined;
}
