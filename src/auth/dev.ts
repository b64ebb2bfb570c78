import type { Principal } from "../wire/api.ts";
import type { Verified, Verifier, VerifierOptions } from "./auth.ts";
import { ANONYMOUS, rootOf } from "./credentials.ts";
import { S3_ERRORS, SERVICE_ERRORS } from "./errors.ts";
import { bodilyOf, looksLikeS3, parseRequest } from "./mechanism.ts";
import { isHexDigest } from "./hmac.ts";
import { NO_CHECK, s3BodyCheck } from "./payload.ts";
import { type Parameter, parseParameters } from "./percent.ts";
import { accessKeyOfForm, formFields } from "./post-policy.ts";
import { checkBody } from "./settle.ts";
import type { Parsed } from "./signature-v4-header.ts";

/** What a request says of itself, unverified. */
interface Claimed {
  readonly accessKeyId: string;
  readonly region: string | undefined;
  readonly service: string | undefined;
}

const CREDENTIAL = /Credential=([^,\s]+)/;
const VERSION_TWO = /^AWS +([^\s:]+):/;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const NOBODY: Claimed = { accessKeyId: "", region: undefined, service: undefined };

/**
 * The verifier of `dev` mode, for loopback only: whoever names an access key is believed, whoever names none is the
 * default account. The body's framing and hash still count: they keep bytes whole, which has nothing to do with trust.
 */
export function devVerifier(options: VerifierOptions): Verifier {
  const principalOf = rememberingLast((accessKeyId): Principal =>
    rootOf(/^\d{12}$/.test(accessKeyId) ? accessKeyId : options.defaultAccount, accessKeyId),
  );
  const verifiedOf = (claimed: Claimed, payload: Verified["payload"]): Verified => ({
    principal: principalOf(claimed.accessKeyId),
    region: claimed.region ?? options.defaultRegion,
    signingName: claimed.service,
    payload,
  });
  const verifier: Verifier = {
    verify(request) {
      // A query string that cannot be decoded is the service's to refuse.
      const parsed = parseRequest(request) ?? { request, path: request.target, parameters: [] };
      const claimed = claimedIn(parsed);
      const bodily = claimed === NOBODY ? bodilyOf(request) : "no";
      if (bodily === "form") return verifiedOf(claimed, { kind: "form" });
      if (bodily === "postPolicy") return verifiedOf(claimed, { kind: "postPolicy", refusal: undefined });
      const s3 = claimed.service === undefined ? looksLikeS3(parsed) : claimed.service === "s3";
      if (!s3) return verifiedOf(claimed, serviceCheck(request.headers["x-amz-content-sha256"]));
      return verifiedOf(claimed, s3BodyCheck(request, { declared: declaredIn(parsed), signing: undefined, errors: S3_ERRORS }));
    },
    anonymous: () => ({ principal: ANONYMOUS, region: options.defaultRegion, signingName: undefined, payload: NO_CHECK }),
    verifyBody: (request, verified, body) => checkBody(verifier, { request, verified, body }),
    verifyQueryForm(_request, body) {
      const parameters = parseParameters(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1")) ?? [];
      return verifiedOf(claimedInParameters(parameters), NO_CHECK);
    },
    verifyPostPolicy: (fields) => principalOf(accessKeyOfForm(formFields(fields))),
  };
  return verifier;
}

function serviceCheck(declared: string | undefined): Verified["payload"] {
  return declared !== undefined && isHexDigest(declared) ? { kind: "sha256", hex: declared, errors: SERVICE_ERRORS } : NO_CHECK;
}

function declaredIn({ request, parameters }: Parsed): string | undefined {
  return request.headers["x-amz-content-sha256"] ?? parameters.find(({ name }) => name.toLowerCase() === "x-amz-content-sha256")?.value;
}

function claimedIn({ request, parameters }: Parsed): Claimed {
  const authorization = request.headers["authorization"];
  if (authorization === undefined) return claimedInParameters(parameters);
  const credential = CREDENTIAL.exec(authorization)?.[1];
  if (credential !== undefined) return claimedOf(credential);
  const versionTwo = VERSION_TWO.exec(authorization)?.[1];
  return versionTwo === undefined ? { ...NOBODY } : { accessKeyId: versionTwo, region: undefined, service: undefined };
}

function claimedInParameters(parameters: readonly Parameter[]): Claimed {
  if (parameters.length === 0) return NOBODY;
  const credential = parameters.find(({ name }) => name === "X-Amz-Credential")?.value;
  if (credential !== undefined) return claimedOf(credential);
  const accessKeyId = parameters.find(({ name }) => name === "AWSAccessKeyId")?.value;
  return accessKeyId === undefined ? NOBODY : { accessKeyId, region: undefined, service: undefined };
}

/** Whatever parts of a scope make sense; an access key may hold anything here, a slash included. */
const claimedOf = rememberingLast((credential): Claimed => {
  const parts = credential.split("/");
  const [region, service] = [parts.at(-3), parts.at(-2)].map((part) => (part !== undefined && NAME.test(part) ? part : undefined));
  return { accessKeyId: parts.length > 5 ? parts.slice(0, -4).join("/") : (parts[0] ?? ""), region, service };
});

/** Most requests say the same as the one before. */
function rememberingLast<Made>(make: (text: string) => Made): (text: string) => Made {
  let last: { readonly text: string; readonly made: Made } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, made: make(text) };
    return last.made;
  };
}
