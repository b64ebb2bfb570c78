import { S3_ERRORS, streamBody, type Verified, type Verifier } from "../auth/index.ts";
import type { ObjectService } from "../services/objects/index.ts";
import type { IncomingBody } from "../services/objects/index.ts";
import type { HttpResponse } from "../wire/http.ts";
import type { Exchange } from "./exchange.ts";
import type { RestService } from "./pipeline.ts";

/** The steps of S3 requests: verify, hand the body over as a checked stream, let the object service answer. */
export function restService(objects: ObjectService, verifier: Verifier, exactScope: boolean): RestService {
  return {
    async answer(exchange) {
      const { request } = exchange;
      exchange.action = objects.actionOf(request) ?? "unknown";
      // A browser's preflight never carries credentials; a bucket's CORS rules alone decide.
      if (request.method === "OPTIONS") return objects.handle(request, exchange, streamBody(request.body, { kind: "none" }));
      const verified = verifier.verify(request);
      if (exactScope && verified.signingName !== undefined && verified.signingName !== "s3")
        throw S3_ERRORS.malformedHeader("Credential should be scoped to correct service: 's3'.");
      exchange.verifiedAs(verified);
      return objects.handle(request, exchange, incomingBody(exchange, { verified, verifier }));
    },
    // A page whose upload was refused must be able to read why.
    error: (error, exchange): Promise<HttpResponse> =>
      objects.withCors(exchange.request, objects.error(error, { requestId: exchange.requestId, method: exchange.request.method })),
    allowsOrigin: (request) => objects.allowsOrigin(request),
  };
}

function incomingBody({ request }: Exchange, { verified, verifier }: { verified: Verified; verifier: Verifier }): IncomingBody {
  const { payload } = verified;
  const body = streamBody(request.body, payload);
  if (payload.kind !== "postPolicy") return body;
  return { ...body, form: { principalOf: (fields) => verifier.verifyPostPolicy(fields), refusal: payload.refusal } };
}
