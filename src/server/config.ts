import { isLoopback } from "./host-guard.ts";

/** One setting: where it can be given and what it means. The reference page is made from this list. */
export interface Setting {
  /** Its name in `ServerConfig`. */
  readonly name: keyof ServerConfig;
  /** Without the two dashes. */
  readonly flag: string;
  readonly variable: string;
  readonly kind: "text" | "number" | "number or auto" | "switch" | "list";
  readonly fallback: string;
  readonly help: string;
}

/** What a server runs with. */
export interface ServerConfig {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly memory: boolean;
  readonly ballast: number;
  readonly region: string;
  readonly account: string;
  readonly credentials: string | undefined;
  readonly masterKey: string | undefined;
  readonly ignoreLostKeys: boolean;
  readonly insecureNoAuth: boolean;
  readonly metricsTokenFile: string | undefined;
  readonly publicUrl: string | undefined;
  readonly trustedProxy: readonly string[];
  readonly allowHost: readonly string[];
  readonly baseHost: readonly string[];
  readonly deliverTo: readonly string[];
  readonly coolDown: boolean;
  readonly httpThreads: number | "auto";
  readonly storageThread: "auto" | "on" | "off";
  readonly logLevel: "debug" | "info" | "warn" | "error";
}

export const SETTINGS: readonly Setting[] = [
  {
    name: "port",
    flag: "port",
    variable: "MILLRACE_PORT",
    kind: "number",
    fallback: "4566",
    help: "Port for all services; 0 takes a free one.",
  },
  {
    name: "host",
    flag: "host",
    variable: "MILLRACE_HOST",
    kind: "text",
    fallback: "127.0.0.1",
    help: "Address to listen on. Any other than a loopback address needs credentials.",
  },
  {
    name: "data",
    flag: "data",
    variable: "MILLRACE_DATA",
    kind: "text",
    fallback: ".millrace",
    help: "Directory that holds everything; made where it is missing.",
  },
  {
    name: "memory",
    flag: "memory",
    variable: "MILLRACE_MEMORY",
    kind: "switch",
    fallback: "false",
    help: "Keep everything in memory: for tests, nothing survives the process.",
  },
  {
    name: "ballast",
    flag: "ballast",
    variable: "MILLRACE_BALLAST",
    kind: "number",
    fallback: "64",
    help: "MiB that a file in the data directory holds back, so that messages can be received and deleted when the disk is full; 0 holds nothing back.",
  },
  {
    name: "region",
    flag: "region",
    variable: "MILLRACE_REGION",
    kind: "text",
    fallback: "us-east-1",
    help: "Region of requests whose signature names none.",
  },
  {
    name: "account",
    flag: "account",
    variable: "MILLRACE_ACCOUNT",
    kind: "text",
    fallback: "000000000000",
    help: "Account of callers without a configured one, twelve digits.",
  },
  {
    name: "credentials",
    flag: "credentials",
    variable: "MILLRACE_CREDENTIALS_FILE",
    kind: "text",
    fallback: "",
    help: "JSON file of access keys. With it every request must be signed.",
  },
  {
    name: "masterKey",
    flag: "master-key",
    variable: "MILLRACE_MASTER_KEY_FILE",
    kind: "text",
    fallback: "",
    help: "File of master keys, one a line; message bodies are then encrypted on disk. The first encrypts, all decrypt.",
  },
  {
    name: "ignoreLostKeys",
    flag: "ignore-lost-keys",
    variable: "MILLRACE_IGNORE_LOST_KEYS",
    kind: "switch",
    fallback: "false",
    help: "Start although messages are encrypted with a master key that is not given. They are never handed out.",
  },
  {
    name: "insecureNoAuth",
    flag: "insecure-no-auth",
    variable: "MILLRACE_INSECURE_NO_AUTH",
    kind: "switch",
    fallback: "false",
    help: "Listen beyond loopback without credentials. Anybody who reaches the port owns the data.",
  },
  {
    name: "metricsTokenFile",
    flag: "metrics-token-file",
    variable: "MILLRACE_METRICS_TOKEN_FILE",
    kind: "text",
    fallback: "",
    help: "File with a token that opens the figures of all queues at /metrics, as Authorization: Bearer. Needed only with credentials.",
  },
  {
    name: "publicUrl",
    flag: "public-url",
    variable: "MILLRACE_PUBLIC_URL",
    kind: "text",
    fallback: "",
    help: "Base of the URLs handed out, where clients reach the server under another address.",
  },
  {
    name: "trustedProxy",
    flag: "trusted-proxy",
    variable: "MILLRACE_TRUSTED_PROXY",
    kind: "list",
    fallback: "",
    help: "Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, separated by commas: 10.0.0.7,10.1.0.0/16.",
  },
  {
    name: "allowHost",
    flag: "allow-host",
    variable: "MILLRACE_ALLOW_HOST",
    kind: "list",
    fallback: "",
    help: "Further Host names to answer to in dev mode, separated by commas.",
  },
  {
    name: "baseHost",
    flag: "base-host",
    variable: "MILLRACE_BASE_HOST",
    kind: "list",
    fallback: "localhost,s3.localhost",
    help: "Names under which a bucket may stand as a subdomain.",
  },
  {
    name: "deliverTo",
    flag: "deliver-to",
    variable: "MILLRACE_DELIVER_TO",
    kind: "list",
    fallback: "",
    help: "Addresses of this machine and of private networks that subscriptions of topics may have messages posted to, separated by commas: 127.0.0.1,10.1.0.0/16. All others there are refused.",
  },
  {
    name: "coolDown",
    flag: "cool-down",
    variable: "MILLRACE_COOL_DOWN",
    kind: "switch",
    fallback: "true",
    help: "Let the name of a deleted queue rest, and allow one purge, a minute each, as AWS does.",
  },
  {
    name: "httpThreads",
    flag: "http-threads",
    variable: "MILLRACE_HTTP_THREADS",
    kind: "number or auto",
    fallback: "auto",
    help: "Threads that answer requests, 1 to 64, or auto: 1 on up to two processors, else up to 2 on three and 3 on more, each started when those before it are busy. They share one storage engine.",
  },
  {
    name: "storageThread",
    flag: "storage-thread",
    variable: "MILLRACE_STORAGE_THREAD",
    kind: "text",
    fallback: "auto",
    help: "Run the storage engine on a thread of its own: on, off, or auto, which is on where there are more than two processors or HTTP threads are asked for.",
  },
  {
    name: "logLevel",
    flag: "log-level",
    variable: "MILLRACE_LOG_LEVEL",
    kind: "text",
    fallback: "warn",
    help: "debug, info, warn or error; JSON lines on standard error.",
  },
];

/** Of one process; beyond them a thread would be idle, or its processor busy with something else. */
const HTTP_THREADS_MAX = 64;

/** A setting that cannot be taken; the message names it and says what would do. */
export class BadSetting extends Error {
  override readonly name = "BadSetting";
}

/**
 * The configuration from flags, then environment variables, then defaults.
 * @param flags values by setting name, as the command line gave them.
 * @throws {BadSetting}
 */
export function readConfig(
  flags: Readonly<Record<string, string | boolean | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
): ServerConfig {
  const values: Record<string, unknown> = {};
  for (const setting of SETTINGS) {
    const fromFlag = flags[setting.name];
    const source = fromFlag === undefined ? setting.variable : `--${setting.flag}`;
    values[setting.name] = parse(setting, String(fromFlag ?? environment[setting.variable] ?? setting.fallback), source);
  }
  return checkConfig(values as unknown as ServerConfig);
}

/** The defaults with what a program changes of them. @throws {BadSetting} */
export function configWith(changes: Partial<ServerConfig>): ServerConfig {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return checkConfig({ ...readConfig({}, {}), ...given });
}

function checkConfig(config: ServerConfig): ServerConfig {
  if (!Number.isInteger(config.port) || config.port < 0 || config.port > 65_535)
    throw new BadSetting(`port must be a whole number from 0 to 65535, not ${config.port}.`);
  if (!/^\d{12}$/.test(config.account)) throw new BadSetting(`account must be twelve digits, not "${config.account}".`);
  if (!["debug", "info", "warn", "error"].includes(config.logLevel))
    throw new BadSetting(`log-level must be debug, info, warn or error, not "${config.logLevel}".`);
  if (!["auto", "on", "off"].includes(config.storageThread))
    throw new BadSetting(`storage-thread must be auto, on or off, not "${config.storageThread}".`);
  const { httpThreads } = config;
  if (httpThreads !== "auto" && !(Number.isInteger(httpThreads) && httpThreads >= 1 && httpThreads <= HTTP_THREADS_MAX))
    throw new BadSetting(`http-threads must be auto or a whole number from 1 to ${HTTP_THREADS_MAX}, not "${httpThreads}".`);
  if (config.memory && httpThreads !== "auto" && httpThreads > 1)
    throw new BadSetting("http-threads must be 1 or auto with --memory: what is in the memory of one thread no other can read.");
  if (config.publicUrl !== undefined && !/^https?:\/\/[^/?#]+$/.test(config.publicUrl))
    throw new BadSetting(`public-url must be like https://queue.example.com, without a path, not "${config.publicUrl}".`);
  if (config.credentials === undefined && !config.insecureNoAuth && !isLoopback(config.host))
    throw new BadSetting(
      `Refusing to listen on ${config.host} without credentials: anybody on the network could read and delete everything. ` +
        "Give access keys with --credentials FILE, listen on 127.0.0.1, or, on a network that you trust, say --insecure-no-auth.",
    );
  return config;
}

function parse(setting: Setting, text: string, source: string): unknown {
  switch (setting.kind) {
    case "text":
      return text === "" ? undefined : text;
    case "number":
      if (!/^\d+$/.test(text)) throw new BadSetting(`${source} must be a whole number, not "${text}".`);
      return Number(text);
    case "number or auto":
      if (!/^(\d+|auto)$/.test(text)) throw new BadSetting(`${source} must be a whole number or auto, not "${text}".`);
      return text === "auto" ? text : Number(text);
    case "switch":
      if (!/^(true|false|1|0)$/.test(text)) throw new BadSetting(`${source} must be true or false, not "${text}".`);
      return text === "true" || text === "1";
    case "list":
      return text
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
  }
}
