import { ServiceError, type ServiceErrorOptions } from "../kernel/service-error.ts";
import { formatAmzDate, formatIso } from "./times.ts";

/** How far a request's time may be from ours, either way. */
export const SKEW_MS_MAX = 900_000;

/** What may be wrong with who asks. S3 and the other services have different codes and words for it. */
export interface AuthErrors {
  /** No credentials at all. */
  missingCredentials(): ServiceError;
  /** Credentials in two places: which of them counts must never be a matter of opinion. */
  severalMechanisms(): ServiceError;
  /** An Authorization header of a kind that we do not know. */
  unsupportedMechanism(): ServiceError;
  /** Signature Version 2 while it is switched off. */
  versionTwoOff(): ServiceError;
  /** The Authorization header, or what it depends on, cannot be read. */
  malformedHeader(detail: string): ServiceError;
  /** The same of credentials in the query string. */
  malformedQuery(detail: string): ServiceError;
  /** A path or query string that cannot be percent-decoded. */
  malformedTarget(): ServiceError;
  unknownAccessKey(accessKeyId: string): ServiceError;
  /** A session token that does not belong to the access key, or is missing. */
  wrongToken(): ServiceError;
  wrongSignature(found: SignatureMismatch): ServiceError;
  /** The request's time is more than 15 minutes from ours. */
  skewed(requestMs: number, nowMs: number): ServiceError;
  /** A presigned URL is used after its time. */
  expired(expiry: Expiry): ServiceError;
  /** Headers that act on the request but are not covered by its signature. */
  headersNotSigned(names: readonly string[]): ServiceError;
  /** A header came twice: signer and reader might each take another one. */
  repeatedHeader(name: string): ServiceError;
  /** `x-amz-content-sha256` is absent (`undefined`) where it must be, or has a value that means nothing here. */
  wrongContentSha256(value: string | undefined): ServiceError;
  /** The body is not the one that was signed. */
  bodyMismatch(claimedSha256: string, computedSha256: string): ServiceError;
}

/** What a caller needs to find the difference: all of it came from the caller. */
export interface SignatureMismatch {
  readonly accessKeyId: string;
  readonly signature: string;
  readonly stringToSign: string;
  readonly canonicalRequest?: string;
}

export interface Expiry {
  readonly expiresMs: number;
  readonly nowMs: number;
  /** `X-Amz-Expires`, where the URL has one. */
  readonly expiresSeconds?: string;
}

const CONTENT_SHA256_VALUES =
  "UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or the lower-case hex SHA-256 of the body";

function s3([code, httpStatus]: readonly [string, number], message: string, details?: Record<string, string>): ServiceError {
  return new ServiceError({ code, httpStatus, fault: "client", message, ...(details === undefined ? {} : { details }) });
}

function mismatchDetails(found: SignatureMismatch): Record<string, string> {
  const details: Record<string, string> = {
    AWSAccessKeyId: found.accessKeyId,
    StringToSign: found.stringToSign,
    SignatureProvided: found.signature,
  };
  if (found.canonicalRequest !== undefined) details["CanonicalRequest"] = found.canonicalRequest;
  return details;
}

/** S3's words (REST-XML). */
export const S3_ERRORS: AuthErrors = {
  missingCredentials: () => s3(["AccessDenied", 403], "Access Denied"),
  severalMechanisms: () =>
    s3(
      ["InvalidArgument", 400],
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
      { ArgumentName: "Authorization" },
    ),
  unsupportedMechanism: () => s3(["InvalidArgument", 400], "Unsupported Authorization Type", { ArgumentName: "Authorization" }),
  versionTwoOff: () =>
    s3(["InvalidRequest", 400], "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."),
  malformedHeader: (detail) => s3(["AuthorizationHeaderMalformed", 400], `The authorization header is malformed; ${detail}`),
  malformedQuery: (detail) => s3(["AuthorizationQueryParametersError", 400], detail),
  malformedTarget: () => s3(["InvalidURI", 400], "Couldn't parse the specified URI."),
  unknownAccessKey: (accessKeyId) =>
    s3(["InvalidAccessKeyId", 403], "The AWS Access Key Id you provided does not exist in our records.", { AWSAccessKeyId: accessKeyId }),
  wrongToken: () => s3(["InvalidToken", 400], "The provided token is malformed or otherwise invalid."),
  wrongSignature: (found) =>
    s3(
      ["SignatureDoesNotMatch", 403],
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      mismatchDetails(found),
    ),
  skewed: (requestMs, nowMs) =>
    s3(["RequestTimeTooSkewed", 403], "The difference between the request time and the current time is too large.", {
      RequestTime: formatAmzDate(requestMs),
      ServerTime: formatIso(nowMs),
      MaxAllowedSkewMilliseconds: String(SKEW_MS_MAX),
    }),
  expired: ({ expiresMs, nowMs, expiresSeconds }) =>
    s3(["AccessDenied", 403], "Request has expired", {
      ...(expiresSeconds === undefined ? {} : { "X-Amz-Expires": expiresSeconds }),
      Expires: formatIso(expiresMs),
      ServerTime: formatIso(nowMs),
    }),
  headersNotSigned: (names) =>
    s3(["AccessDenied", 403], "There were headers present in the request which were not signed", { HeadersNotSigned: names.join(", ") }),
  repeatedHeader: (name) => s3(["InvalidRequest", 400], `The header ${name} was sent more than once.`),
  wrongContentSha256: (value) =>
    value === undefined
      ? s3(["InvalidRequest", 400], "Missing required header for this request: x-amz-content-sha256")
      : s3(["InvalidArgument", 400], `x-amz-content-sha256 must be ${CONTENT_SHA256_VALUES}.`, {
          ArgumentName: "x-amz-content-sha256",
          ArgumentValue: value,
        }),
  bodyMismatch: (claimed, computed) =>
    s3(["XAmzContentSHA256Mismatch", 400], "The provided 'x-amz-content-sha256' header does not match what was computed.", {
      ClientComputedContentSHA256: claimed,
      S3ComputedContentSHA256: computed,
    }),
};

/** The JSON and the Query protocol share their errors, under two names each. */
function service(names: { code: string; queryCode?: string }, httpStatus: number, message: string): ServiceError {
  const options: ServiceErrorOptions = { ...names, httpStatus, fault: "client", message, namespace: "com.amazon.coral.service" };
  return new ServiceError(options);
}

const ACCESS_DENIED = { code: "AccessDeniedException", queryCode: "AccessDenied" };
const INCOMPLETE_SIGNATURE = { code: "IncompleteSignatureException", queryCode: "IncompleteSignature" };
const UNKNOWN_CLIENT = { code: "UnrecognizedClientException", queryCode: "InvalidClientTokenId" };
const WRONG_SIGNATURE = { code: "SignatureDoesNotMatch" };
const MISMATCH_TEXT =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/** The words of the services that speak JSON or Query. */
export const SERVICE_ERRORS: AuthErrors = {
  missingCredentials: () => service(ACCESS_DENIED, 403, "The request must be signed: it contains no credentials."),
  severalMechanisms: () =>
    service(INCOMPLETE_SIGNATURE, 400, "Credentials must be given in one place: the Authorization header, the query string or the form."),
  unsupportedMechanism: () =>
    service(INCOMPLETE_SIGNATURE, 400, "The Authorization header must begin with AWS4-HMAC-SHA256; no other kind is supported here."),
  versionTwoOff: () => service(INCOMPLETE_SIGNATURE, 400, "Signature Version 2 is switched off here. Please use AWS4-HMAC-SHA256."),
  malformedHeader: (detail) => service(INCOMPLETE_SIGNATURE, 400, `The authorization header is malformed; ${detail}`),
  malformedQuery: (detail) => service(INCOMPLETE_SIGNATURE, 400, detail),
  malformedTarget: () => service(INCOMPLETE_SIGNATURE, 400, "The path or query string is not validly percent-encoded."),
  unknownAccessKey: () => service(UNKNOWN_CLIENT, 403, "The security token included in the request is invalid."),
  wrongToken: () => service(UNKNOWN_CLIENT, 403, "The security token included in the request is invalid."),
  wrongSignature: () => service(WRONG_SIGNATURE, 403, MISMATCH_TEXT),
  skewed: (requestMs, nowMs) => {
    const edge = formatAmzDate(nowMs + (requestMs < nowMs ? -SKEW_MS_MAX : SKEW_MS_MAX));
    const text =
      requestMs < nowMs
        ? `expired: ${formatAmzDate(requestMs)} is now earlier`
        : `not yet current: ${formatAmzDate(requestMs)} is still later`;
    const sign = requestMs < nowMs ? "-" : "+";
    return service({ code: "RequestExpired" }, 400, `Signature ${text} than ${edge} (${formatAmzDate(nowMs)} ${sign} 15 min.)`);
  },
  expired: ({ expiresMs, nowMs }) =>
    service({ code: "RequestExpired" }, 400, `Request has expired. It was valid until ${formatIso(expiresMs)}; it is ${formatIso(nowMs)}.`),
  headersNotSigned: (names) =>
    service(WRONG_SIGNATURE, 403, `There were headers present in the request which were not signed: ${names.join(", ")}.`),
  repeatedHeader: (name) => service(INCOMPLETE_SIGNATURE, 400, `The header ${name} was sent more than once.`),
  wrongContentSha256: () => service(INCOMPLETE_SIGNATURE, 400, "x-amz-content-sha256 must be the lower-case hex SHA-256 of the body."),
  bodyMismatch: () => service(WRONG_SIGNATURE, 403, MISMATCH_TEXT),
};

/** What may be wrong with an aws-chunked body; only S3 takes such. */
export const CHUNK_ERRORS = {
  /** The framing breaks off, cannot be read, or holds more or less than was announced. */
  incompleteBody: (detail: string): ServiceError =>
    s3(
      ["IncompleteBody", 400],
      `You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header: ${detail}`,
    ),
  missingDecodedLength: (): ServiceError =>
    s3(["MissingContentLength", 411], "You must provide the x-amz-decoded-content-length HTTP header, a whole number of bytes."),
  malformedTrailer: (): ServiceError =>
    s3(
      ["MalformedTrailerError", 400],
      "The request contained trailing data that was not well-formed or did not conform to our published schema.",
    ),
  /** Trailers announced for a form of signing that cannot cover them. */
  unsignedTrailer: (): ServiceError =>
    s3(
      ["InvalidRequest", 400],
      "x-amz-trailer needs x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, so that the trailer is signed.",
    ),
};

/** What may be wrong with the signature of a form upload to S3. */
export const POST_ERRORS = {
  missingField: (name: string): ServiceError =>
    s3(
      ["InvalidArgument", 400],
      `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
      {
        ArgumentName: name,
        ArgumentValue: "",
      },
    ),
  invalidField: (name: string, value: string, expected: string): ServiceError =>
    s3(["InvalidArgument", 400], `The form field ${name} must be ${expected}.`, { ArgumentName: name, ArgumentValue: value }),
  invalidPolicy: (): ServiceError => s3(["InvalidPolicyDocument", 400], "Invalid Policy: the policy must be valid base64."),
};

/** What may be wrong with S3's Signature Version 2. */
export const V2_S3_ERRORS = {
  missingParameter: (): ServiceError =>
    s3(["AccessDenied", 403], "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"),
  invalidExpires: (value: string): ServiceError => s3(["AccessDenied", 403], `Invalid date (should be seconds since epoch): ${value}`),
  missingDate: (): ServiceError => s3(["AccessDenied", 403], "AWS authentication requires a valid Date or x-amz-date header"),
};
