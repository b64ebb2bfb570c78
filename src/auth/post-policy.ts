import type { Principal } from "../wire/api.ts";
import { ANONYMOUS, DECOY_SECRET, type Keyring } from "./credentials.ts";
import { POST_ERRORS, S3_ERRORS } from "./errors.ts";
import { decodeBase64, hmacVersionTwo, matchesBase64 } from "./hmac.ts";
import { parseScope, signingKey } from "./scope.ts";
import { checkToken } from "./signature-v4.ts";
import { parseAmzDate } from "./times.ts";

const errors = S3_ERRORS;

/** Fields that show that a form is signed, or means to be. */
const VERSION_FOUR = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"] as const;
const VERSION_TWO = ["AWSAccessKeyId", "Signature"] as const;

type Fields = ReadonlyMap<string, string>;

/** Form fields by lower-case name. @throws {ServiceError} where two differ only in case. */
export function formFields(fields: Readonly<Record<string, string>>): Fields {
  const lower = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (lower.has(name.toLowerCase())) throw POST_ERRORS.invalidField(name, value, "given once");
    lower.set(name.toLowerCase(), value);
  }
  return lower;
}

/**
 * Who signed the policy of a form upload: a signature over the policy field as it stands, in base64, by Version 4 or 2.
 * Source: Amazon S3 API Reference, "Authenticating Requests: Browser-Based Uploads Using POST".
 * @throws {ServiceError} where there is no signature, or not a right one.
 */
export function verifyPolicySignature(fields: Fields, of: { keyring: Keyring; signatureV2: boolean }): Principal {
  const has = (name: string) => fields.has(name.toLowerCase());
  const four = VERSION_FOUR.some(has);
  const two = VERSION_TWO.some(has);
  if (four && two) throw errors.severalMechanisms();
  if (!four && !two && !has("policy")) throw errors.missingCredentials();
  const policy = need(fields, "policy");
  if (decodeBase64(policy) === undefined) throw POST_ERRORS.invalidPolicy();
  if (!two) return verifyVersionFour(fields, policy, of.keyring);
  if (!of.signatureV2) throw errors.versionTwoOff();
  return verifyVersionTwo(fields, policy, of.keyring);
}

/** The access key that a form names, for `dev` mode. */
export function accessKeyOfForm(fields: Fields): string {
  return fields.get("x-amz-credential")?.split("/")[0] ?? fields.get("awsaccesskeyid") ?? ANONYMOUS.accessKeyId;
}

function verifyVersionFour(fields: Fields, policy: string, keyring: Keyring): Principal {
  const signature = need(fields, "X-Amz-Signature");
  const [algorithm, credential, date] = [need(fields, "X-Amz-Algorithm"), need(fields, "X-Amz-Credential"), need(fields, "X-Amz-Date")];
  if (algorithm !== "AWS4-HMAC-SHA256") throw POST_ERRORS.invalidField("X-Amz-Algorithm", algorithm, "AWS4-HMAC-SHA256");
  const scope = parseScope(credential);
  if (typeof scope === "string")
    throw POST_ERRORS.invalidField("X-Amz-Credential", credential, "<access key>/<date>/<region>/s3/aws4_request");
  if (scope.service !== "s3") throw POST_ERRORS.invalidField("X-Amz-Credential", credential, "scoped to the service s3");
  if (parseAmzDate(date) === undefined || !date.startsWith(scope.date)) {
    throw POST_ERRORS.invalidField("X-Amz-Date", date, "in ISO 8601 basic format, on the day of the credential");
  }
  const identity = keyring.find(scope.accessKeyId);
  const key = signingKey(identity?.credential.secretAccessKey ?? DECOY_SECRET, scope);
  const matches = key.matches(policy, signature);
  if (identity === undefined) throw errors.unknownAccessKey(scope.accessKeyId);
  if (!matches) throw errors.wrongSignature({ accessKeyId: scope.accessKeyId, signature, stringToSign: policy });
  checkToken(identity.credential, fields.get("x-amz-security-token"), errors);
  return identity.principal;
}

function verifyVersionTwo(fields: Fields, policy: string, keyring: Keyring): Principal {
  const [signature, accessKeyId] = [need(fields, "Signature"), need(fields, "AWSAccessKeyId")];
  const identity = keyring.find(accessKeyId);
  const digest = hmacVersionTwo("sha1", identity?.credential.secretAccessKey ?? DECOY_SECRET, policy);
  const matches = matchesBase64(digest, signature);
  if (identity === undefined) throw errors.unknownAccessKey(accessKeyId);
  if (!matches) throw errors.wrongSignature({ accessKeyId, signature, stringToSign: policy });
  checkToken(identity.credential, fields.get("x-amz-security-token"), errors);
  return identity.principal;
}

function need(fields: Fields, name: string): string {
  const value = fields.get(name.toLowerCase());
  if (value === undefined || value === "") throw POST_ERRORS.missingField(name);
  return value;
}
