import { EMPTY_SHA256, HmacSha256 } from "./hmac.ts";

/** Where and when a Version 4 signing key is good: `<access key>/<date>/<region>/<service>/aws4_request`. */
export interface Scope {
  readonly accessKeyId: string;
  /** `20130524` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** Without the access key, as it is signed. */
  readonly text: string;
}

const TERMINATOR = "aws4_request";
const ACCESS_KEY = /^[\x21-\x2e\x30-\x7e]{1,128}$/;
const DATE = /^\d{8}$/;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @returns what is wrong with the credential, in words, where it is not a scope. */
export function parseScope(credential: string): Scope | string {
  const [accessKeyId = "", date = "", region = "", service = "", terminator, ...rest] = credential.split("/");
  if (terminator === undefined || rest.length > 0) {
    return 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".';
  }
  if (!ACCESS_KEY.test(accessKeyId)) return "the Credential's access key is missing or too long.";
  if (!DATE.test(date)) return `incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`;
  if (!NAME.test(region)) return `the region '${region}' is wrong; expecting a region such as 'us-east-1'.`;
  if (!NAME.test(service)) return `incorrect service "${service}".`;
  if (terminator !== TERMINATOR) return `incorrect terminal "${terminator}". This endpoint uses "${TERMINATOR}".`;
  return { accessKeyId, date, region, service, text: `${date}/${region}/${service}/${TERMINATOR}` };
}

/** The key that signs everything in a scope, derived from the secret by four steps of HMAC. */
export function signingKey(secretAccessKey: string, scope: Scope): HmacSha256 {
  let key = new HmacSha256(Buffer.from(`AWS4${secretAccessKey}`));
  for (const step of [scope.date, scope.region, scope.service, TERMINATOR]) key = new HmacSha256(Buffer.from(key.hex(step), "hex"));
  return key;
}

/** What is signed of a request. */
export function stringToSign(date: string, scope: string, requestSha256: string): string {
  return `AWS4-HMAC-SHA256\n${date}\n${scope}\n${requestSha256}`;
}

/** What is signed of a chunk of a body. @param previous the signature before it. */
export function chunkStringToSign(signed: { date: string; scope: string }, previous: string, chunkSha256: string): string {
  return `AWS4-HMAC-SHA256-PAYLOAD\n${signed.date}\n${signed.scope}\n${previous}\n${EMPTY_SHA256}\n${chunkSha256}`;
}

/** What is signed of the trailers of a body. */
export function trailerStringToSign(signed: { date: string; scope: string }, previous: string, trailersSha256: string): string {
  return `AWS4-HMAC-SHA256-TRAILER\n${signed.date}\n${signed.scope}\n${previous}\n${trailersSha256}`;
}
