import type { StoreClient } from "../../../storage/storage.ts";
import type { HttpRequest } from "../../../wire/http.ts";
import { corsHeaders, type CorsQuestion, type CorsRule } from "../rules/cors.ts";
import { badRequest, corsForbidden } from "../rules/errors.ts";
import type { ObjectOperations } from "../store/store.ts";

/** Which pages of other origins may do what with a bucket. */
export class Cors {
  readonly #store: StoreClient<ObjectOperations>;

  constructor(store: StoreClient<ObjectOperations>) {
    this.#store = store;
  }

  /** What a browser's question before the request is answered with. @throws {ServiceError} BadRequest, AccessForbidden */
  async preflight(
    { headers }: HttpRequest,
    { bucket, key }: { bucket: string | undefined; key: string | undefined },
  ): Promise<Record<string, string>> {
    const origin = headers["origin"];
    if (origin === undefined) throw badRequest("Insufficient information. Origin request header needed.");
    const method = headers["access-control-request-method"];
    if (method === undefined) throw badRequest("Invalid Access-Control-Request-Method: null");
    const rules = await this.#rules(bucket);
    const about = { method, resourceType: key === undefined ? "BUCKET" : "OBJECT" } as const;
    if (rules === undefined) throw corsForbidden("CORSResponse: CORS is not enabled for this bucket.", about);
    const allowed = corsHeaders(rules, { origin, method, headers: namesOf(headers["access-control-request-headers"]) });
    if (allowed !== undefined) return allowed;
    const message =
      "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / " +
      "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";
    throw corsForbidden(message, about);
  }

  /** What lets the page read the answer to a real request; undefined: nothing does. */
  async headers({ method, headers }: HttpRequest, bucket: string | undefined): Promise<Record<string, string> | undefined> {
    const origin = headers["origin"];
    const rules = origin === undefined ? undefined : await this.#rules(bucket);
    if (origin === undefined || rules === undefined) return undefined;
    return corsHeaders(rules, { origin, method, headers: [] } satisfies CorsQuestion);
  }

  async #rules(name: string | undefined): Promise<readonly CorsRule[] | undefined> {
    const bucket = name === undefined ? undefined : await this.#store.findBucket({ name });
    return bucket?.settings.cors === undefined ? undefined : (JSON.parse(bucket.settings.cors) as CorsRule[]);
  }
}

function namesOf(header: string | undefined): string[] {
  return (header ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
