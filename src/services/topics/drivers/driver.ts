import type { SignatureVersion } from "../rules/signature.ts";

/** What the topic service does to the world, as interfaces; the door chooses who does it. */

/** Signs messages to subscribers with the installation's key, which is made when it is first needed and then stays. */
export interface Signer {
  sign(version: SignatureVersion, text: string): Promise<Signed>;
  /** The same at once, for what must not wait. */
  signNow(version: SignatureVersion, text: string): Signed;
  /** The certificate that subscribers fetch, in PEM. Undefined: the path is none of a certificate. */
  certificateAt(path: string): Promise<string | undefined>;
  /** Whoever waits is still answered. */
  close(): void;
}

export interface Signed {
  /** Base64. */
  readonly signature: string;
  /** `/SimpleNotificationService-<hex>.pem`, where the certificate is fetched. */
  readonly certificatePath: string;
}

/** Sends requests to the endpoints of subscriptions: addresses that strangers have chosen. */
export interface HttpSender {
  /** Never throws. */
  send(request: { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string }): Promise<HttpAnswer>;
  close(): void;
}

/** The status of an answer, or why there was none; `forbidden`: the address is one that must not be reached from here. */
export type HttpAnswer =
  | { readonly status: number }
  | { readonly failure: "forbidden" | "timeout" | "connection"; readonly reason: string };
