import type { Verified } from "../auth/index.ts";
import type { Departure } from "../kernel/departure.ts";
import type { Call, Principal } from "../wire/api.ts";
import type { HttpRequest } from "../wire/http.ts";
import type { Origin, TrustedProxies } from "./origin.ts";

/** One request on its way through the steps, and what they found out about it. */
export class Exchange implements Call {
  readonly request: HttpRequest;
  readonly #newId: () => string;
  #requestId: string | undefined;
  readonly #publicUrl: string | undefined;
  /** For counting and logging: `queues`, `SendMessage`. */
  service = "none";
  action = "none";
  #verified: Verified | undefined;
  #origin: Origin | undefined;
  readonly #proxies: TrustedProxies;

  constructor(request: HttpRequest, options: { newId: () => string; publicUrl: string | undefined; proxies: TrustedProxies }) {
    this.request = request;
    this.#proxies = options.proxies;
    this.#newId = options.newId;
    this.#publicUrl = options.publicUrl;
  }

  /** Made when it is asked for, which is with the answer: a request that waits has none yet. */
  get requestId(): string {
    this.#requestId ??= this.#newId();
    return this.#requestId;
  }

  /** Set by the verifier's step; nothing that needs a caller runs before it. */
  verifiedAs(verified: Verified): void {
    this.#verified = verified;
  }

  get principal(): Principal {
    if (this.#verified === undefined) throw new TypeError("the request was not verified");
    return this.#verified.principal;
  }

  get region(): string {
    if (this.#verified === undefined) throw new TypeError("the request was not verified");
    return this.#verified.region;
  }

  /** From the configuration, else from the Host header, which the guard or the signature has vouched for. */
  get baseUrl(): string {
    return this.#publicUrl ?? `http://${this.request.headers["host"] ?? "localhost"}`;
  }

  get target(): string {
    return this.request.target;
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    return this.request.headers;
  }

  get remoteAddress(): string {
    return this.#from.address;
  }

  get secure(): boolean {
    return this.#from.secure;
  }

  /** Found out when somebody asks for it. */
  get #from(): Origin {
    this.#origin ??= this.#proxies.originOf(this.request);
    return this.#origin;
  }

  forgetRequest(): void {
    this.#verified = undefined;
    this.#origin = undefined;
    this.request.forget?.();
  }

  get signal(): Departure {
    return this.request.signal;
  }
}
