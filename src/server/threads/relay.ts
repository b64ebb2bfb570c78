import { BodyTooLarge, BodyTooSlow, type HttpRequest, type HttpResponse } from "../../wire/http.ts";
import type { ByteStream } from "../../wire/shapes.ts";
import { isSnapshotPage } from "../snapshot-pages.ts";
import type { Handler } from "../http.ts";
import type { Calls } from "./calls.ts";
import type { OnFirst, OnThread } from "./messages.ts";

/**
 * Requests for pages that tell of the whole server, on the thread that they came to: they are handed to the first thread,
 * which has all of it, and the answer is handed back. Nothing of them is looked at, checked or counted here.
 */
export class Relay {
  readonly #first: Calls<OnThread, OnFirst>;
  readonly #requests = new Map<number, HttpRequest>();
  #lastId = 0;

  constructor(first: Calls<OnThread, OnFirst>) {
    this.#first = first;
  }

  /** Whether a request is the first thread's to answer. */
  concerns({ target }: HttpRequest): boolean {
    return target === "/metrics" || target.startsWith("/metrics?") || /^\/_millrace\/health(\?|$)/.test(target) || isSnapshotPage(target);
  }

  async answer(request: HttpRequest): Promise<HttpResponse> {
    const { method, target, rawHeaders, headers, remoteAddress, signal } = request;
    this.#lastId += 1;
    const relay = this.#lastId;
    const gone = () => this.#first.tell("relayGone", { relay });
    this.#requests.set(relay, request);
    signal.addEventListener("abort", gone);
    const over = () => {
      signal.removeEventListener("abort", gone);
      this.#requests.delete(relay);
    };
    try {
      const plain = { method, target, rawHeaders: [...rawHeaders], headers: { ...headers }, remoteAddress };
      const { streamed, ...response } = await this.#first.ask("relay", { relay, request: plain });
      return streamed ? { ...response, body: this.#stream(relay) } : response;
    } finally {
      over();
    }
  }

  /** The bytes of a request's body, for the first thread. */
  bytes(relay: number, bytesMax: number): Promise<Uint8Array> {
    return this.#requests.get(relay)?.body.bytes(bytesMax) ?? Promise.resolve(new Uint8Array());
  }

  async *#stream(relay: number): ByteStream {
    try {
      for (;;) {
        const bytes = await this.#first.ask("relayNext", { relay });
        if (bytes === undefined) return;
        yield bytes;
      }
    } finally {
      this.#first.tell("relayGone", { relay });
    }
  }
}

/** The first thread's side: answers what the others hand over. */
export class Relayed {
  readonly #handle: Handler;
  readonly #thread: Calls<OnFirst, OnThread>;
  readonly #under = new Map<number, { readonly abort: AbortController; stream?: AsyncIterator<Uint8Array> }>();

  constructor(handle: Handler, thread: Calls<OnFirst, OnThread>) {
    this.#handle = handle;
    this.#thread = thread;
  }

  async relay({ relay, request }: Parameters<OnFirst["relay"]>[0]): ReturnType<OnFirst["relay"]> {
    const abort = new AbortController();
    this.#under.set(relay, { abort }); // Its caller may go before it is answered.
    const wanted = {
      bytes: (bytesMax: number) => this.#bodyOf(relay, bytesMax),
      // oxlint-disable-next-line require-yield -- No page that is handed over takes a body as it comes.
      async *stream() {
        throw new Error(`${request.method} ${request.target} was handed over and wants its body as a stream`);
      },
    };
    const response = await this.#handle({ ...request, body: wanted, signal: abort.signal });
    const { status, headers, body } = response;
    if (body === undefined || typeof body === "string" || body instanceof Uint8Array) {
      this.#under.delete(relay);
      return { status, headers, body, streamed: false };
    }
    this.#under.set(relay, { abort, stream: body[Symbol.asyncIterator]() });
    return { status, headers, body: undefined, streamed: true };
  }

  async next(relay: number): Promise<Uint8Array | undefined> {
    const result = await this.#under.get(relay)?.stream?.next();
    return result === undefined || result.done === true ? undefined : result.value;
  }

  async #bodyOf(relay: number, bytesMax: number): Promise<Buffer> {
    try {
      return Buffer.from(await this.#thread.ask("relayedBody", { relay, bytesMax }));
    } catch (error) {
      const { name, message } = error as Error;
      throw name === "BodyTooLarge" ? new BodyTooLarge(message) : name === "BodyTooSlow" ? new BodyTooSlow(message) : error;
    }
  }

  /** Its caller has gone, or has all of it. */
  async gone(relay: number): Promise<void> {
    const request = this.#under.get(relay);
    this.#under.delete(relay);
    request?.abort.abort();
    await request?.stream?.return?.();
  }
}
