import type { SignatureVersion } from "../rules/signature.ts";

/** What the topic service does to the world, as interfaces; the door chooses who does it. */

/** Signs messages to subscribers with the installation's key, which is made when it is first needed and then stays. */
export interface Signer {
  sign(version: SignatureVersion, text: string): Promise<Signed>;
  /** The same at once, for what must not wait. */
  signNow(version: SignatureVersion, text: string): Signed;
  /** The certificate that subscribers fetch, in PEM. Undefined: the path is none of a certificate. */
  certificateAt(path: string): Promise<string | undefined>;
}

export interface Signed {
  /** Base64. */
  readonly signature: string;
  /** `/SimpleNotificationService-<hex>.pem`, where the certificate is fetched. */
  readonly certificatePath: string;
}
