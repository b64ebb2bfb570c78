import { createHmac, hash } from "node:crypto";

const ALGORITHM = "AWS4-HMAC-SHA256";

/** As AWS clients hold them. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Whom a signature is for. */
interface Scope {
  readonly region: string;
  readonly service: string;
}

/** A request whose header names are lower case, and whose path needs no escapes; see `isPlainPath`. */
interface SignableRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The scope of a request that an AWS client has signed; `undefined` where that is by another algorithm, or not at all. */
export function scopeOf(authorization: string | undefined): Scope | undefined {
  const [, region, service] =
    /^AWS4-HMAC-SHA256 Credential=[^,]+\/\d{8}\/([\w-]+)\/([\w-]+)\/aws4_request,/.exec(authorization ?? "") ?? [];
  return region === undefined || service === undefined ? undefined : { region, service };
}

/** Whether a path is the same before and after any service's rules for escapes and for dots. */
export function isPlainPath(path: string): boolean {
  return /^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*\/?$/.test(path) && path !== "";
}

/** Signs requests of one scope (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). */
export class PlainSigner {
  readonly #scope: Scope;
  /** The key of a day, which takes four digests to make. */
  #key: { readonly day: string; readonly secret: string; readonly bytes: Buffer } | undefined;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** @param nowMs the time of day in epoch milliseconds. @returns all headers that the request is to be sent with. */
  headers({ method, path, headers, body }: SignableRequest, credentials: Credentials, nowMs: number): Record<string, string> {
    const time = new Date(nowMs).toISOString().replace(/-|:|\.\d+/g, "");
    const day = time.slice(0, 8);
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const digest = hash("sha256", body);
    const signed: Record<string, string> = { ...headers, "x-amz-content-sha256": digest, "x-amz-date": time };
    if (sessionToken !== undefined) signed["x-amz-security-token"] = sessionToken;
    const names = Object.keys(signed).sort();
    const list = names.join(";");
    const canonical = `${method}\n${path}\n\n${names.map((name) => `${name}:${signed[name]}\n`).join("")}\n${list}\n${digest}`;
    const scope = `${day}/${this.#scope.region}/${this.#scope.service}/aws4_request`;
    const signature = createHmac("sha256", this.#keyOf(day, secretAccessKey))
      .update(`${ALGORITHM}\n${time}\n${scope}\n${hash("sha256", canonical)}`)
      .digest("hex");
    signed["authorization"] = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${list}, Signature=${signature}`;
    return signed;
  }

  #keyOf(day: string, secret: string): Buffer {
    if (this.#key?.day === day && this.#key.secret === secret) return this.#key.bytes;
    const { region, service } = this.#scope;
    let bytes: Buffer = Buffer.from(`AWS4${secret}`);
    for (const part of [day, region, service, "aws4_request"]) bytes = createHmac("sha256", bytes).update(part).digest();
    this.#key = { day, secret, bytes };
    return bytes;
  }
}
