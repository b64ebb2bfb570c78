import type { HttpRequest } from "../wire/http.ts";
import type { BodyCheck, PayloadCheck, Verified, Verifier, VerifierOptions } from "./auth.ts";
import { ANONYMOUS, type Identity, Keyring } from "./credentials.ts";
import { devVerifier } from "./dev.ts";
import { type AuthErrors, S3_ERRORS, SERVICE_ERRORS } from "./errors.ts";
import { EMPTY_SHA256, isHexDigest } from "./hmac.ts";
import { bodilyOf, looksLikeS3, mechanismOf, parseRequest } from "./mechanism.ts";
import { announcesBody, isS3ContentSha256, isUnsignedPayload, NO_CHECK, s3BodyCheck } from "./payload.ts";
import { parseParameters, splitTarget } from "./percent.ts";
import { formFields, verifyPolicySignature } from "./post-policy.ts";
import { checkBody } from "./settle.ts";
import { hasVersionTwo, verifyVersionTwoQuery } from "./signature-v2-query.ts";
import { verifyVersionTwoHeader, verifyVersionTwoPresigned } from "./signature-v2-s3.ts";
import { claimOfHeader, parseAuthorization, type Parsed } from "./signature-v4-header.ts";
import { claimOfPresigned } from "./signature-v4-presigned.ts";
import { type Claim, type Proof, VersionFour } from "./signature-v4.ts";

const CONTENT_SHA256 = "x-amz-content-sha256";

/** Makes the one verifier that stands before all routing. `README.md` tells in which order it looks at what. */
export function createVerifier(options: VerifierOptions): Verifier {
  return options.mode === "dev" ? devVerifier(options) : new KeysVerifier(options);
}

/** The verifier of `keys` mode: every request proves itself, or is refused. */
class KeysVerifier implements Verifier {
  readonly #options: VerifierOptions;
  readonly #keyring: Keyring;
  readonly #four: VersionFour;
  readonly #signatureV2: boolean;

  constructor(options: VerifierOptions) {
    this.#options = options;
    this.#keyring = new Keyring(options.credentials);
    this.#four = new VersionFour(options.clock, this.#keyring);
    this.#signatureV2 = options.signatureV2 ?? true;
  }

  verify(request: HttpRequest): Verified {
    const parsed = parseRequest(request);
    if (parsed === undefined) throw errorsFor({ request, path: request.target, parameters: [] }).malformedTarget();
    switch (mechanismOf(parsed)) {
      case "header":
        return this.#verifyHeader(parsed);
      case "presigned":
        return this.#verifyPresigned(parsed);
      case "versionTwoQuery": {
        // All parameters are in the query string: a body could only add some that nobody signed.
        const verified = this.#verifyVersionTwoQuery(parsed);
        return { ...verified, payload: { kind: "sha256", hex: EMPTY_SHA256, errors: SERVICE_ERRORS } };
      }
      case "versionTwoPresigned":
        return this.#verifiedVersionTwoS3(parsed, () => verifyVersionTwoPresigned(this.#versionTwo(), parsed));
      case "several":
        throw errorsFor(parsed).severalMechanisms();
      case "none":
        return this.#withoutCredentials(parsed);
    }
  }

  anonymous(): Verified {
    return { principal: ANONYMOUS, region: this.#options.defaultRegion, signingName: undefined, payload: NO_CHECK };
  }

  verifyBody(request: HttpRequest, verified: Verified, body: Uint8Array): Verified {
    return checkBody(this, { request, verified, body });
  }

  verifyQueryForm(request: HttpRequest, body: Uint8Array): Verified {
    if (request.headers["authorization"] !== undefined) throw SERVICE_ERRORS.severalMechanisms();
    const { path, query } = splitTarget(request.target);
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1");
    if (request.method !== "POST" || !hasVersionTwo(parseParameters(text) ?? [])) {
      const parsed = parseRequest(request);
      if (parsed === undefined || mechanismOf(parsed) !== "versionTwoQuery") throw SERVICE_ERRORS.missingCredentials();
      if (body.length > 0) throw SERVICE_ERRORS.bodyMismatch(EMPTY_SHA256, "");
      return this.#verifyVersionTwoQuery(parsed);
    }
    // Parameters beside the signed ones would be taken together with them by whoever reads both.
    if (query !== "") throw SERVICE_ERRORS.malformedQuery("A request that is signed in its form must not have a query string.");
    return this.#verifyVersionTwoQuery({ request, path, parameters: parseParameters(text) ?? [] });
  }

  verifyPostPolicy(fields: Readonly<Record<string, string>>): Identity["principal"] {
    return verifyPolicySignature(formFields(fields), { keyring: this.#keyring, signatureV2: this.#signatureV2 });
  }

  #verifyHeader(parsed: Parsed): Verified {
    const { request } = parsed;
    const header = request.headers["authorization"] ?? "";
    if (header.startsWith("AWS "))
      return this.#verifiedVersionTwoS3(parsed, () => verifyVersionTwoHeader(this.#versionTwo(), parsed, header));
    if (!header.startsWith("AWS4-HMAC-SHA256 ")) throw errorsFor(parsed).unsupportedMechanism();
    const authorization = parseAuthorization(header);
    if (typeof authorization === "string") throw errorsFor(parsed).malformedHeader(authorization);
    const scope = this.#four.scope(authorization.credential);
    if (typeof scope === "string") throw errorsFor(parsed).malformedHeader(scope);
    const errors = errorsOf(scope.service);
    const claim = claimOfHeader(this.#four, parsed, { authorization, scope, errors });
    const declared = request.headers[CONTENT_SHA256];
    if (scope.service === "s3") return this.#verifiedS3(request, claim, this.#checkedS3Sha256(declared));
    return this.#verifiedService(request, claim, declared);
  }

  #verifyPresigned(parsed: Parsed): Verified {
    const { request } = parsed;
    const claim = claimOfPresigned(this.#four, parsed, (scope) => (scope === undefined ? errorsFor(parsed) : errorsOf(scope.service)));
    const signedHeader = claim.signedHeaders.includes(CONTENT_SHA256) ? request.headers[CONTENT_SHA256] : undefined;
    const named = parsed.parameters.filter(({ name }) => name.toLowerCase() === CONTENT_SHA256);
    if (named.length > 1 || (named.length > 0 && signedHeader !== undefined)) throw claim.errors.repeatedHeader(CONTENT_SHA256);
    const declared = signedHeader ?? named[0]?.value;
    if (claim.scope.service !== "s3") return this.#verifiedService(request, claim, declared);
    const word = declared ?? "UNSIGNED-PAYLOAD";
    if (!isS3ContentSha256(word)) throw claim.errors.wrongContentSha256(word);
    return this.#verifiedS3(request, claim, word);
  }

  /** @throws {ServiceError} where it is missing, says nothing that we know, or that the body is not signed while it must be. */
  #checkedS3Sha256(declared: string | undefined): string {
    if (declared === undefined || !isS3ContentSha256(declared)) throw S3_ERRORS.wrongContentSha256(declared);
    if (this.#options.unsignedPayload === false && isUnsignedPayload(declared)) throw S3_ERRORS.missingCredentials();
    return declared;
  }

  #verifiedS3(request: HttpRequest, claim: Claim, declared: string): Verified {
    const proof = this.#four.prove(claim, declared);
    const { accessKeyId, text } = claim.scope;
    const signing = { key: proof.key, seed: claim.signature, accessKeyId, date: claim.date, scope: text };
    return verified(proof, claim, s3BodyCheck(request, { declared, signing, errors: S3_ERRORS }));
  }

  /** JSON and Query: the body's hash is signed, but need not be announced (botocore does not). */
  #verifiedService(request: HttpRequest, claim: Claim, declared: string | undefined): Verified {
    if (declared !== undefined && !isHexDigest(declared)) throw claim.errors.wrongContentSha256(declared);
    const hex = declared ?? (announcesBody(request) ? undefined : EMPTY_SHA256);
    const check = (sha256: string): BodyCheck => ({ kind: "sha256", hex: sha256, errors: claim.errors });
    if (hex !== undefined) return verified(this.#four.prove(claim, hex), claim, check(hex));
    return unsettled(claim.scope.region, claim.scope.service, {
      kind: "unproven",
      prove: (sha256) => verified(this.#four.prove(claim, sha256), claim, check(sha256)),
    });
  }

  #verifyVersionTwoQuery(parsed: Parsed): Verified {
    if (!this.#signatureV2) throw SERVICE_ERRORS.versionTwoOff();
    const of = { path: parsed.path, parameters: parsed.parameters, keyring: this.#keyring, clock: this.#options.clock };
    const { principal } = verifyVersionTwoQuery(parsed.request, of);
    return { principal, region: this.#options.defaultRegion, signingName: undefined, payload: NO_CHECK };
  }

  #verifiedVersionTwoS3(parsed: Parsed, verify: () => Identity): Verified {
    if (!this.#signatureV2) throw errorsFor(parsed).versionTwoOff();
    const { principal } = verify();
    const payload = s3BodyCheck(parsed.request, { declared: undefined, signing: undefined, errors: S3_ERRORS });
    return { principal, region: this.#options.defaultRegion, signingName: "s3", payload };
  }

  #versionTwo() {
    return { keyring: this.#keyring, clock: this.#options.clock, bucketOfHost: this.#options.bucketOfHost ?? (() => undefined) };
  }

  /** Two kinds of requests may come without credentials in their head; neither of them gets anything done by that. */
  #withoutCredentials(parsed: Parsed): Verified {
    const { request } = parsed;
    const region = this.#options.defaultRegion;
    const bodily = bodilyOf(request);
    if (bodily === "form") return unsettled(region, undefined, { kind: "form" });
    if (bodily === "postPolicy") return unsettled(region, "s3", { kind: "postPolicy", refusal: S3_ERRORS.missingCredentials() });
    throw errorsFor(parsed).missingCredentials();
  }
}

function verified(proof: Proof, claim: Claim, payload: PayloadCheck): Verified {
  return { principal: proof.identity.principal, region: claim.scope.region, signingName: claim.scope.service, payload };
}

function unsettled(region: string, signingName: string | undefined, payload: PayloadCheck): Verified {
  return { principal: ANONYMOUS, region, signingName, payload };
}

function errorsOf(service: string): AuthErrors {
  return service === "s3" ? S3_ERRORS : SERVICE_ERRORS;
}

function errorsFor(parsed: Parsed): AuthErrors {
  return looksLikeS3(parsed) ? S3_ERRORS : SERVICE_ERRORS;
}
