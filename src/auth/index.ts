export type { BodyCheck, Credential, PayloadCheck, Verified, Verifier, VerifierOptions } from "./auth.ts";
export { type CheckedBody, readBody, streamBody } from "./body.ts";
export { type AuthErrors, S3_ERRORS, SERVICE_ERRORS } from "./errors.ts";
export { createVerifier } from "./verifier.ts";
