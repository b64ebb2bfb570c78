import { Sha256 } from "@aws-crypto/sha256-js";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { randomUUID } from "node:crypto";
import type { Keys } from "../job.ts";

const NO_KEYS: Keys = { accessKeyId: "AKIABENCHNOTCHECKED0", secretAccessKey: "nobody-checks-this-one" };
const USER_AGENT = "aws-sdk-js/3.1169.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#26.10.0 api/sqs#3.1169.0 m/E,n";

export function signerFor(service: "sqs" | "sns", keys: Keys = NO_KEYS): SignatureV4 {
  return new SignatureV4({ credentials: keys, region: "us-east-1", service, sha256: Sha256 });
}

/**
 * A POST with the headers of an AWS SDK, signed by its own signer, as bytes.
 * @param request `path` stands in the request line and is not what was signed; `headers` beside those of every request.
 */
export async function signedRequest(
  signer: SignatureV4,
  port: number,
  { path, headers, body }: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<Buffer> {
  const request = new HttpRequest({
    method: "POST",
    protocol: "http:",
    hostname: "127.0.0.1",
    port,
    path: "/",
    headers: {
      host: `127.0.0.1:${port}`,
      ...headers,
      "x-amz-user-agent": USER_AGENT,
      "user-agent": USER_AGENT,
      "amz-sdk-invocation-id": randomUUID(),
      "amz-sdk-request": "attempt=1; max=3",
    },
    body,
  });
  const signed = await signer.sign(request);
  const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, "latin1");
}
