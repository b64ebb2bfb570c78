import type { Server } from "./server.ts";

/** What AWS SDK clients need to reach a server in dev mode. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** For S3 clients: buckets in the path, since an address has no subdomains. */
  readonly forcePathStyle: true;
}

export function clientConfigOf({ endpoint, config }: Pick<Server, "endpoint" | "config">): ClientConfig {
  return { endpoint, region: config.region, credentials: { accessKeyId: "test", secretAccessKey: "test" }, forcePathStyle: true };
}
