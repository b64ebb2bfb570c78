import type { Verifier } from "../auth/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { ServiceError } from "../kernel/service-error.ts";
import { StorageStopped } from "../storage/storage.ts";
import { unknownOperationPage } from "../wire/envelopes.ts";
import { BodyTooLarge, BodyTooSlow, type HttpRequest, type HttpResponse } from "../wire/http.ts";
import { identify, isSignedForS3, type CompiledApi, type Identified } from "../wire/protocols.ts";
import { asServiceError, WireError } from "../wire/wire-error.ts";
import { Exchange } from "./exchange.ts";
import { foreignOrigin, type HostGuard } from "./host-guard.ts";
import type { Meter } from "./meter.ts";
import type { TrustedProxies } from "./origin.ts";
import type { OwnPages } from "./own-pages.ts";
import type { QueuePageSteps } from "./queue-pages.ts";
import { Rpc } from "./rpc.ts";
import type { SnapshotPages } from "./snapshot-pages.ts";

/** A service that is asked by method and path: S3. */
export interface RestService {
  /** Answers everything, its own errors included. */
  answer(exchange: Exchange): Promise<HttpResponse>;
  /** Tells an error that came up before the service was reached. */
  error(error: ServiceError, exchange: Exchange): Promise<HttpResponse>;
  /** Whether a bucket's rules let pages of this origin in. */
  allowsOrigin(request: HttpRequest): Promise<boolean>;
}

export interface PipelineOptions {
  readonly apis: readonly CompiledApi[];
  readonly objects: RestService;
  readonly verifier: Verifier;
  /** Whether a signature must have been made for the very service that is asked. */
  readonly exactScope: boolean;
  /** Absent where every request must be signed: then a signature says more than a Host. */
  readonly guard: HostGuard | undefined;
  readonly ownPages: OwnPages;
  readonly queuePages: QueuePageSteps;
  /** Absent where nothing is kept that a backup could be made of. */
  readonly snapshotPages?: SnapshotPages;
  readonly publicUrl: string | undefined;
  readonly proxies: TrustedProxies;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly meter: Meter;
}

/**
 * The steps of a request, in order: id → own pages → protocol → guard → verify → read → decode → handle → encode →
 * count → log. The steps from verify to encode are in `rpc.ts` for the protocols that name an action, and in the object
 * service for S3. Nothing here knows a socket.
 */
export function createPipeline(options: PipelineOptions): (request: HttpRequest) => Promise<HttpResponse> {
  const { random, clock, meter } = options;
  const steps = new Steps(options);
  const newId = () => random.uuid();
  // Without `await`: its frames would wait with every long poll, and there may be ten thousand.
  return (request) => {
    const startedMs = clock.monotonicMs();
    const exchange = new Exchange(request, { newId, publicUrl: options.publicUrl, proxies: options.proxies });
    meter.began();
    const answered = (response: HttpResponse) => {
      meter.ended();
      meter.count(exchange, response.status, clock.monotonicMs() - startedMs);
      return response;
    };
    const failed = (reason: unknown) => {
      meter.ended();
      throw reason;
    };
    return steps.answer(exchange).then(answered, failed);
  };
}

class Steps {
  readonly #options: PipelineOptions;
  readonly #rpc: Rpc;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#rpc = new Rpc(options);
  }

  async answer(exchange: Exchange): Promise<HttpResponse> {
    const { request } = exchange;
    const identified = identify(request);
    try {
      this.#options.guard?.checkHost(request);
      const verified = this.#verifiedPages(request.target);
      if (verified !== undefined) {
        this.#refuseForeign(request);
        return await verified.answer(exchange);
      }
      if (identified.protocol !== "rest-xml") {
        this.#refuseForeign(request);
        return await this.#rpc.answer(exchange, identified);
      }
      if (/^\/metrics(\?|$)/.test(request.target)) this.#refuseForeign(request);
      const page = await this.#options.ownPages.answer(exchange);
      if (page !== undefined) return page;
      if (asksQueueUrl(request)) return unknownOperationPage(exchange.requestId);
      exchange.service = "objects";
      await this.#refuseForeignPost(request);
      return await this.#options.objects.answer(exchange);
    } catch (failure) {
      return await this.#explain(exchange, identified, failure);
    }
  }

  /** Pages of our own that are asked like actions: by callers whom the verifier knows. */
  #verifiedPages(target: string): QueuePageSteps | SnapshotPages | undefined {
    if (!target.startsWith("/_")) return undefined;
    return [this.#options.queuePages, this.#options.snapshotPages].find((pages) => pages?.owns(target));
  }

  #refuseForeign(request: HttpRequest): void {
    if (this.#options.guard?.isForeign(request) === true) throw foreignOrigin(request);
  }

  /** A browser asks before it sends anything else than GET, HEAD and POST elsewhere; a form it just posts. */
  async #refuseForeignPost(request: HttpRequest): Promise<void> {
    const { guard, objects } = this.#options;
    if (request.method !== "POST" || guard?.isForeign(request) !== true) return;
    if (!(await objects.allowsOrigin(request))) throw foreignOrigin(request);
  }

  async #explain(exchange: Exchange, identified: Identified, failure: unknown): Promise<HttpResponse> {
    const { errors } = this.#rpc.speaker(identified, exchange).api.api;
    const error = failure instanceof WireError ? asServiceError(failure, errors) : this.#toServiceError(exchange, failure);
    const pages = this.#verifiedPages(exchange.target);
    if (pages !== undefined) return pages.error(error, exchange);
    if (identified.protocol === "rest-xml") return this.#options.objects.error(error, exchange);
    const { api, protocol } = this.#rpc.speaker(identified, exchange);
    return api.error(error, protocol, exchange.requestId);
  }

  #toServiceError(exchange: Exchange, failure: unknown): ServiceError {
    if (failure instanceof ServiceError) return failure;
    if (failure instanceof BodyTooLarge) return commonError("RequestEntityTooLarge", 413, { fault: "client", message: failure.message });
    if (failure instanceof BodyTooSlow) return commonError("RequestTimeout", 400, { fault: "client", message: failure.message });
    const gone = failure instanceof DOMException && failure.name === "AbortError";
    if (failure instanceof StorageStopped || gone)
      return commonError("ServiceUnavailable", 503, { fault: "server", message: "The server is stopping. Try again in a moment." });
    const { requestId, service, action } = exchange;
    this.#options.logger.error("request failed", {
      requestId,
      service,
      action,
      error: failure instanceof Error ? failure.stack : String(failure),
    });
    return commonError("InternalFailure", 500, {
      fault: "server",
      message: `Something went wrong inside; the log says what, under request ${requestId}.`,
    });
  }
}

function commonError(code: string, httpStatus: number, told: { fault: "client" | "server"; message: string }): ServiceError {
  return new ServiceError({ code, httpStatus, namespace: "com.amazon.coral.service", ...told });
}

/** A GET of a queue's own URL without an action, which is no request for an object: S3's are signed for S3. */
function asksQueueUrl({ method, target, headers }: HttpRequest): boolean {
  if (method !== "GET" || !/^\/\d{12}\/[^/?]+(\?|$)/.test(target)) return false;
  // A query signed by Version 2 names no service; those of SQS say the version.
  const presigned = /[?&]AWSAccessKeyId=/.test(target) && !/[?&]SignatureVersion=/.test(target);
  return !presigned && !isSignedForS3(headers["authorization"], target);
}
