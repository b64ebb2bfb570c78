import { Labels } from "./labels.ts";
import { subscriptionName, type WantedResources } from "./wanted.ts";

/** A configuration in Terraform's JSON syntax, a `.tf.json` file: resources by type and label. */
export interface TerraformConfiguration {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
}

/** What a pipeline needs as resources of Terraform's AWS provider, which is configured elsewhere. Labels begin with a letter; names may not. */
export function terraformOf(wanted: WantedResources): TerraformConfiguration {
  const resource: Record<string, Record<string, Record<string, unknown>>> = {};
  const labels = new Labels((name) => `p_${name.replace(/[^A-Za-z0-9-]+/g, "_")}`);
  const add = (type: string, name: string, properties: Record<string, unknown>) => {
    resource[type] = { ...resource[type], [labels.of(type, name)]: properties };
  };
  const arnOf = (type: string, name: string) => `\${${type}.${labels.of(type, name)}.arn}`;
  add("aws_s3_bucket", wanted.bucket, { bucket: wanted.bucket });
  for (const { name, isFifo, retentionSeconds, redrive } of wanted.queues)
    add("aws_sqs_queue", name, {
      name,
      ...(isFifo ? { fifo_queue: true } : {}),
      ...(retentionSeconds === undefined ? {} : { message_retention_seconds: retentionSeconds }),
      ...(redrive === undefined
        ? {}
        : {
            redrive_policy: JSON.stringify({
              deadLetterTargetArn: arnOf("aws_sqs_queue", redrive.deadLetterQueue),
              maxReceiveCount: redrive.receivesMax,
            }),
          }),
    });
  for (const { name, isFifo } of wanted.topics) add("aws_sns_topic", name, { name, ...(isFifo ? { fifo_topic: true } : {}) });
  for (const { name, senders } of wanted.queues.filter(({ senders }) => senders.length > 0)) {
    const statement = {
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arnOf("aws_sqs_queue", name),
      Condition: { ArnEquals: { "aws:SourceArn": senders.map((sender) => arnOf("aws_sns_topic", sender)) } },
    };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    add("aws_sqs_queue_policy", name, { queue_url: `\${aws_sqs_queue.${labels.of("aws_sqs_queue", name)}.id}`, policy });
  }
  for (const { topic, queue, filter } of wanted.subscriptions)
    add("aws_sns_topic_subscription", subscriptionName({ topic, queue }), {
      topic_arn: arnOf("aws_sns_topic", topic),
      protocol: "sqs",
      endpoint: arnOf("aws_sqs_queue", queue),
      raw_message_delivery: true,
      ...(filter === undefined ? {} : { filter_policy: literal(JSON.stringify(filter)) }),
    });
  return { resource };
}

/** A text that is no template, whatever is in it. */
function literal(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => `${opening.charAt(0)}${opening}`);
}
