/** Who asks for something to be done with a queue or topic, and by which way the request came: all that a policy may look at. */
export type Asker = CallerAsking | ServiceAsking;

/** An identity of an account that has sent a request. */
export interface CallerAsking {
  readonly kind: "caller";
  /** As policies name it: `SendMessage`, also for a batch. */
  readonly action: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** `arn:aws:iam::<account>:root` or `…:user/<name>`. */
  readonly arn: string;
  readonly uniqueId: string;
  /** The address that the request came from; empty where it is not known. */
  readonly sourceIp: string;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** What the request says that condition keys of the one service look at, by their names in lower case: `sns:protocol`. */
  readonly said?: Readonly<Record<string, string>>;
}

/** A service that brings something on an account's behalf: an event of a bucket, a notification of a topic. */
export interface ServiceAsking {
  readonly kind: "service";
  readonly action: string;
  /** The account whose bucket or topic it is. */
  readonly accountId: string;
  /** `s3.amazonaws.com` */
  readonly service: string;
  /** `arn:aws:s3:::photos` */
  readonly sourceArn: string;
}

/** The root of an account: it answers to nobody within. */
export function isRoot(asker: Asker): boolean {
  return asker.kind === "caller" && asker.arn.endsWith(":root");
}

/** The user's name without its path; undefined for a root and for a service. */
export function userName(asker: Asker): string | undefined {
  if (asker.kind === "service") return undefined;
  return /:user\/(?:.*\/)?([^/]+)$/.exec(asker.arn)?.[1];
}
