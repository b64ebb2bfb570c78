import { SERVICE_ERRORS, type Verifier } from "../auth/index.ts";
import { ServiceError } from "../kernel/service-error.ts";
import type { HttpResponse } from "../wire/http.ts";
import type { CompiledApi } from "../wire/protocols.ts";
import { parseQuery, queryOf } from "../wire/query-parameters.ts";
import type { ByteStream } from "../wire/shapes.ts";
import type { Exchange } from "./exchange.ts";
import type { Snapshots } from "./snapshots.ts";

const PAGES = "/_millrace/snapshots";
const BLOBS_LISTED_MAX = 1000;

/** Whether a request is for one of these pages. */
export function isSnapshotPage(target: string): boolean {
  if (!target.startsWith(PAGES)) return false;
  const path = target.split("?", 1)[0] ?? "";
  return path === PAGES || path.startsWith(`${PAGES}/`);
}

export interface SnapshotPagesOptions {
  readonly snapshots: Snapshots;
  /** For the form of errors. */
  readonly api: CompiledApi;
  readonly verifier: Verifier;
  readonly exactScope: boolean;
  /** Whose root may take everything that the server holds. */
  readonly account: string;
  readonly version: string;
}

/**
 * What a backup is made from:
 *
 *     POST   /_millrace/snapshots                       begins one
 *     GET    /_millrace/snapshots/<id>                  how far it is, and what it is
 *     GET    /_millrace/snapshots/<id>/database?start=…&bytes=…       some of the database file; without them all of it
 *     GET    /_millrace/snapshots/<id>/blobs?after=…    which blobs it refers to, a page at a time
 *     GET    /_millrace/snapshots/<id>/blobs/<blob>?start=…&bytes=…   some bytes of one
 *     DELETE /_millrace/snapshots/<id>                  ends it
 *
 * Whoever may ask gets the data of all accounts, so with credentials it must be the root of the server's own account.
 */
export class SnapshotPages {
  readonly #options: SnapshotPagesOptions;

  constructor(options: SnapshotPagesOptions) {
    this.#options = options;
  }

  owns(target: string): boolean {
    return isSnapshotPage(target);
  }

  async answer(exchange: Exchange): Promise<HttpResponse> {
    exchange.service = "own";
    exchange.action = "Snapshot";
    await this.#verify(exchange);
    const { snapshots } = this.#options;
    const { method } = exchange.request;
    const [id, part, blob, ...rest] = (exchange.target.split("?", 1)[0] ?? "").slice(PAGES.length + 1).split("/");
    if (rest.length > 0) return notFound();
    if (id === undefined || id === "") return method === "POST" ? this.#told(201, snapshots.begin().state()) : notFound();
    const snapshot = snapshots.find(id);
    if (method === "DELETE" && part === undefined) {
      await snapshot.end();
      return { status: 204, headers: {}, body: undefined };
    }
    if (method !== "GET") return notFound();
    if (part === undefined) return this.#told(200, snapshot.state());
    const parameters = parseQuery(queryOf(exchange.target));
    const range = { start: numberOf(parameters.get("start"), 0), bytes: numberOf(parameters.get("bytes"), Infinity) };
    if (part === "database" && blob === undefined) return bytes(snapshot.database(range));
    if (part !== "blobs") return notFound();
    if (blob !== undefined) return bytes(await snapshot.blob(blob, range));
    const after = parameters.get("after") ?? "";
    return this.#told(200, { blobs: await snapshot.listBlobs(/^[0-9a-f]*$/.test(after) ? after : "", BLOBS_LISTED_MAX) });
  }

  error(error: ServiceError, exchange: Exchange): HttpResponse {
    return this.#options.api.error(error, "json", exchange.requestId);
  }

  async #verify(exchange: Exchange): Promise<void> {
    const { verifier, api, exactScope, account } = this.#options;
    const { request } = exchange;
    const verified = verifier.verifyBody(request, verifier.verify(request), await request.body.bytes(0));
    const { signingName } = api.api;
    if (exactScope && verified.signingName !== undefined && verified.signingName !== signingName)
      throw SERVICE_ERRORS.malformedHeader(`Credential should be scoped to correct service: '${signingName}'.`);
    exchange.verifiedAs(verified);
    if (verified.principal.verified && verified.principal.arn !== `arn:aws:iam::${account}:root`)
      throw notAllowed(verified.principal.arn, account);
  }

  #told(status: number, value: object): HttpResponse {
    return {
      status,
      headers: { ...NOT_KEPT, "content-type": "application/json" },
      body: JSON.stringify({ ...value, version: this.#options.version }),
    };
  }
}

const NOT_KEPT = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function bytes({ bytes, stream }: { bytes: number; stream: ByteStream }): HttpResponse {
  return {
    status: 200,
    headers: { ...NOT_KEPT, "content-type": "application/octet-stream", "content-length": String(bytes) },
    body: stream,
  };
}

function numberOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}

function notFound(): HttpResponse {
  return { status: 404, headers: { "content-type": "text/plain" }, body: "Not found.\n" };
}

function notAllowed(arn: string, account: string): ServiceError {
  return new ServiceError({
    code: "AccessDeniedException",
    queryCode: "AccessDenied",
    httpStatus: 403,
    fault: "client",
    namespace: "com.amazon.coral.service",
    message: `${arn} may not take a snapshot: it holds the data of all accounts. Only the root of this server's own account, ${account} (--account), may.`,
  });
}
