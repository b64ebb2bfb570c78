import { CreateBucketCommand, PutBucketCorsCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import type { Clients } from "./aws.ts";
import type { Settings } from "./settings.ts";

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Creates what is missing: four queues and two buckets. Every process calls it at its start, in any order; what is there
 * already stays as it is.
 */
export async function setUp(settings: Settings, clients: Clients): Promise<void> {
  const { requests, long, responses, dead, uploads, results } = settings.names;
  for (const QueueName of [requests, long, responses]) await clients.sqs.send(new CreateQueueCommand({ QueueName }));
  // A dead message waits for a person, who may be on holiday.
  const Attributes = { MessageRetentionPeriod: String(14 * DAY_SECONDS) };
  await clients.sqs.send(new CreateQueueCommand({ QueueName: dead, Attributes }));
  for (const bucket of [uploads, results]) await createBucket(clients, bucket);
}

async function createBucket({ s3 }: Clients, Bucket: string): Promise<void> {
  try {
    await s3.send(new CreateBucketCommand({ Bucket }));
  } catch (failure) {
    const ours = failure instanceof S3ServiceException && failure.name === "BucketAlreadyOwnedByYou";
    if (!ours) throw failure;
  }
}

/** Lets the page, and no other, upload from a browser. Only the web tier knows under which names it is reached. */
export async function allowUploadsFrom(origins: readonly string[], settings: Settings, { s3 }: Clients): Promise<void> {
  const rule = {
    AllowedOrigins: [...origins],
    AllowedMethods: ["PUT"],
    AllowedHeaders: ["*"],
    ExposeHeaders: ["ETag"],
    MaxAgeSeconds: 3600,
  };
  await s3.send(new PutBucketCorsCommand({ Bucket: settings.names.uploads, CORSConfiguration: { CORSRules: [rule] } }));
}
