import type { HttpRequest } from "../wire/http.ts";
import type { Verified, Verifier } from "./auth.ts";
import { checkSha256 } from "./body.ts";
import { SERVICE_ERRORS } from "./errors.ts";
import { sha256Hex } from "./hmac.ts";

/**
 * What `verify` left open, with the body in memory.
 * @throws {ServiceError} where the body is not what the signature covers, or holds no right one itself.
 */
export function checkBody(verifier: Verifier, of: { request: HttpRequest; verified: Verified; body: Uint8Array }): Verified {
  const { request, verified, body } = of;
  const { payload } = verified;
  switch (payload.kind) {
    case "none":
      return verified;
    case "sha256":
      checkSha256(body, payload);
      return verified;
    case "unproven":
      return payload.prove(sha256Hex(body));
    case "form":
      return verifier.verifyQueryForm(request, body);
    case "postPolicy":
      if (payload.refusal !== undefined) throw payload.refusal;
      return verified;
    case "chunked":
      // S3 alone takes framed bodies, and reads them through `streamBody` or `readBody`.
      throw SERVICE_ERRORS.wrongContentSha256(undefined);
  }
}
