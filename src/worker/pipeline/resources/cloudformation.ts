import { Labels } from "./labels.ts";
import { subscriptionName, type WantedResources } from "./wanted.ts";

/** A template of AWS CloudFormation, which CDK includes as it is (`CfnInclude`). */
export interface CloudFormationTemplate {
  readonly AWSTemplateFormatVersion: "2010-09-09";
  readonly Description: string;
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>>;
}

/** What a pipeline needs as a template, under the names that the pipeline knows. */
export function cloudFormationOf(wanted: WantedResources): CloudFormationTemplate {
  const ids = new Labels(logicalId);
  const arnOf = (kind: string, name: string) => ({ "Fn::GetAtt": [ids.of(kind, name), "Arn"] });
  const topicArn = (name: string) => ({ Ref: ids.of("Topic", name) });
  const Resources: Record<string, { Type: string; Properties: Record<string, unknown> }> = {};
  Resources[ids.of("Bucket", wanted.bucket)] = { Type: "AWS::S3::Bucket", Properties: { BucketName: wanted.bucket } };
  for (const { name, isFifo, retentionSeconds, redrive } of wanted.queues) {
    const Properties: Record<string, unknown> = { QueueName: name };
    if (isFifo) Properties["FifoQueue"] = true;
    if (retentionSeconds !== undefined) Properties["MessageRetentionPeriod"] = retentionSeconds;
    if (redrive !== undefined)
      Properties["RedrivePolicy"] = {
        deadLetterTargetArn: arnOf("Queue", redrive.deadLetterQueue),
        maxReceiveCount: redrive.receivesMax,
      };
    Resources[ids.of("Queue", name)] = { Type: "AWS::SQS::Queue", Properties };
  }
  for (const { name, isFifo } of wanted.topics)
    Resources[ids.of("Topic", name)] = { Type: "AWS::SNS::Topic", Properties: { TopicName: name, ...(isFifo ? { FifoTopic: true } : {}) } };
  for (const { name, senders } of wanted.queues.filter(({ senders }) => senders.length > 0)) {
    const Statement = {
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arnOf("Queue", name),
      Condition: { ArnEquals: { "aws:SourceArn": senders.map(topicArn) } },
    };
    const PolicyDocument = { Version: "2012-10-17", Statement: [Statement] };
    Resources[ids.of("Policy", name)] = {
      Type: "AWS::SQS::QueuePolicy",
      Properties: { Queues: [{ Ref: ids.of("Queue", name) }], PolicyDocument },
    };
  }
  for (const { topic, queue, filter } of wanted.subscriptions) {
    const Properties = { TopicArn: topicArn(topic), Protocol: "sqs", Endpoint: arnOf("Queue", queue), RawMessageDelivery: true };
    Resources[ids.of("Subscription", subscriptionName({ topic, queue }))] = {
      Type: "AWS::SNS::Subscription",
      Properties: filter === undefined ? Properties : { ...Properties, FilterPolicy: filter },
    };
  }
  return { AWSTemplateFormatVersion: "2010-09-09", Description: `What the pipeline ${wanted.pipeline} needs`, Resources };
}

/** Letters and digits alone, as in `PhotosResizeDlqQueue`: the kind is their end, so that those of two kinds differ. */
function logicalId(name: string, kind: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}${kind}`;
}
