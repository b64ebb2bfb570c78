import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import type { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import { systemClock, systemWallMs, type Clock } from "../../kernel/clock.ts";
import { jsonLogger, type Logger } from "../../kernel/logger.ts";
import { systemRandom, type Random } from "../../kernel/random.ts";
import type { Objects } from "../objects.ts";
import type { PublishBatch } from "../aws.ts";
import type { PlainParts } from "../plain-requests.ts";

/** What all AWS SDK clients of a pipeline are given, besides what the environment says. */
export interface AwsConfig {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  readonly maxAttempts?: number;
  /** Buckets in the path of URLs; default wherever an endpoint is given, by option or by environment. */
  readonly forcePathStyle?: boolean;
}

/** Connections for calls besides long polls: leases, deletes, sends, objects. */
const SOCKETS = 50;

/** The AWS clients of one pipeline, each made when it is first needed. */
export class Clients {
  readonly #config: AwsConfig;
  readonly #parts: PlainParts;
  #sqs: SQSClient | undefined;
  #sns: Promise<SNSClient> | undefined;
  #s3: Promise<S3Client> | undefined;
  readonly #objects = new Map<string, Promise<Objects>>();

  constructor(config: AwsConfig, parts: PlainParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** For everything but long polls. */
  get sqs(): SQSClient {
    this.#sqs ??= this.newSqs(SOCKETS);
    return this.#sqs;
  }

  /** A client of its own, which whoever asked for it destroys. @param sockets as many calls can be under way. */
  newSqs(sockets: number): SQSClient {
    return new SQSClient({ ...(this.#config satisfies SQSClientConfig), ...agentsOf(sockets) });
  }

  async sns(): Promise<SNSClient> {
    this.#sns ??= import("@aws-sdk/client-sns").then(({ SNSClient }) => new SNSClient({ ...this.#config, ...agentsOf(SOCKETS) }));
    return await this.#sns;
  }

  async s3(): Promise<S3Client> {
    this.#s3 ??= import("@aws-sdk/client-s3").then(({ S3Client }) => new S3Client({ ...this.#s3Config(), ...agentsOf(SOCKETS) }));
    return await this.#s3;
  }

  async objects(bucket: string): Promise<Objects> {
    let objects = this.#objects.get(bucket);
    if (objects === undefined) {
      objects = Promise.all([import("../aws-objects.ts"), this.s3()]).then(([{ awsObjects }, client]) =>
        awsObjects(client, bucket, this.#parts),
      );
      this.#objects.set(bucket, objects);
    }
    return await objects;
  }

  /** As `awsSqs` needs it. */
  get publish(): PublishBatch {
    return async (topicArn, messages, signal) => {
      const [{ publishBatch }, client] = await Promise.all([import("../aws-topics.ts"), this.sns()]);
      return await publishBatch(client, { topicArn, messages }, signal);
    };
  }

  async destroy(): Promise<void> {
    this.#sqs?.destroy();
    (await this.#sns)?.destroy();
    (await this.#s3)?.destroy();
  }

  #s3Config(): S3ClientConfig {
    const isElsewhere =
      this.#config.endpoint !== undefined || (process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"] ?? "") !== "";
    return { forcePathStyle: isElsewhere, ...this.#config };
  }
}

function agentsOf(maxSockets: number): Pick<SQSClientConfig, "requestHandler"> {
  const agent = { keepAlive: true, maxSockets };
  return { requestHandler: { httpAgent: agent, httpsAgent: agent } };
}

/** Everything that the parts of a pipeline need of the world. */
export interface PipelineParts {
  readonly clients: Clients;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The calendar's time, epoch milliseconds, which may jump: schedules follow it. */
  readonly wallMs: () => number;
}

/** What a pipeline is run with; everything has a default. */
export interface PipelineConnection {
  /** Default: the environment; `AWS_ENDPOINT_URL` decides whether it is Millrace or AWS. */
  readonly aws?: AwsConfig;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A connection with its defaults. Nothing is asked for yet. */
export function connected(connection: PipelineConnection): PipelineParts {
  const { aws = {}, clock = systemClock(), random = systemRandom, logger } = connection;
  const wallMs = connection.clock === undefined ? systemWallMs : () => clock.nowMs();
  return { clients: new Clients(aws, { clock, random }), clock, random, wallMs, log: logger ?? jsonLogger(clock, "info") };
}
