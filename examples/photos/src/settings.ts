/** What a process is told by its environment. Everything has a default that fits `npm start`. */
export interface Settings {
  /** Where queues and buckets are; `undefined` means AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** The queues' and buckets' endpoint as a browser reaches it, where that differs. */
  readonly browserEndpoint: string;
  readonly host: string;
  readonly port: number;
  /** Further names under which the page is reached: `photos.example.com:8080`. */
  readonly hostsAllowed: readonly string[];
  /** Photos that one worker process works on at a time; each may take some 300 MB while it is decoded. */
  readonly concurrency: number;
  /** After how many seconds without a sign of life a photo is given to another worker. */
  readonly leaseSeconds: number;
  /** How often a photo is begun before it is given up: one whose workers die may be what kills them. */
  readonly receivesMax: number;
  readonly names: Names;
}

export interface Names {
  readonly requests: string;
  readonly long: string;
  readonly responses: string;
  readonly dead: string;
  readonly uploads: string;
  readonly results: string;
}

const DEFAULT_ENDPOINT = "http://127.0.0.1:4566";

/** A second installation on the same server takes another prefix. */
export function namesOf(prefix: string): Names {
  return {
    requests: `${prefix}-requests`,
    long: `${prefix}-long`,
    responses: `${prefix}-responses`,
    dead: `${prefix}-dead`,
    uploads: `${prefix}-uploads`,
    results: `${prefix}-results`,
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

function wholeNumber(env: Environment, name: string, { fallback, max }: { fallback: number; max: number }): number {
  const text = env[name] ?? "";
  if (text === "") return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new Error(`${name} must be a whole number from 0 to ${max}, not "${text}".`);
  return value;
}

/**
 * `AWS_ENDPOINT_URL` (set it to nothing for AWS itself), `AWS_REGION`, `BROWSER_ENDPOINT_URL`, `HOST`, `PORT`, `ALLOWED_HOSTS` (with commas), `CONCURRENCY`,
 * `LEASE_SECONDS`, `MAX_RECEIVES`, `PHOTOS_PREFIX`.
 * @throws when one of them cannot be understood; the text names it.
 */
export function settingsOf(env: Environment): Settings {
  const given = env["AWS_ENDPOINT_URL"] ?? DEFAULT_ENDPOINT;
  const endpoint = given === "" ? undefined : given;
  if (endpoint !== undefined && !URL.canParse(endpoint)) throw new Error(`AWS_ENDPOINT_URL is not a URL: "${endpoint}".`);
  const region = env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"] ?? "us-east-1";
  return {
    endpoint,
    region,
    browserEndpoint: env["BROWSER_ENDPOINT_URL"] ?? endpoint ?? `https://s3.${region}.amazonaws.com`,
    host: env["HOST"] ?? "127.0.0.1",
    port: wholeNumber(env, "PORT", { fallback: 8080, max: 65_535 }),
    hostsAllowed: (env["ALLOWED_HOSTS"] ?? "").split(",").flatMap((host) => (host.trim() === "" ? [] : [host.trim().toLowerCase()])),
    concurrency: Math.max(1, wholeNumber(env, "CONCURRENCY", { fallback: 2, max: 64 })),
    leaseSeconds: Math.max(1, wholeNumber(env, "LEASE_SECONDS", { fallback: 60, max: 3600 })),
    receivesMax: Math.max(1, wholeNumber(env, "MAX_RECEIVES", { fallback: 10, max: 1000 })),
    names: namesOf(env["PHOTOS_PREFIX"] ?? "photos"),
  };
}
