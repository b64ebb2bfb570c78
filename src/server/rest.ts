import { streamBody, type Verified, type Verifier } from "../auth/index.ts";
import type { ObjectService } from "../services/objects/index.ts";
import type { IncomingBody } from "../services/objects/index.ts";
import type { HttpResponse } from "../wire/http.ts";
import type { Exchange } from "./exchange.ts";
import type { RestService } from "./pipeline.ts";

/** The steps of S3 requests: verify, hand the body over as a checked stream, let the object service answer. */
export function restService(objects: ObjectService, verifier: Verifier): RestService {
  return {
    async answer(exchange) {
      const { request } = exchange;
      exchange.action = objects.actionOf(request) ?? "unknown";
      const verified = verifier.verify(request);
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
