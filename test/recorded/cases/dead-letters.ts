import { ANY, invalidParameter, modelled, noQueue, type Asked, type RecordedCase } from "../case.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000";
const createDead: Asked = ["CreateQueue", { QueueName: "dead" }];
const policyOf = (deadLetterTargetArn: string, maxReceiveCount: number | string) => JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
const redrive = (policy: string): Asked => ["SetQueueAttributes", { Attributes: { RedrivePolicy: policy } }];
const refusedPolicy = (policy: string, reason: string) => ({
  ask: redrive(policy),
  refused: invalidParameter(`Value ${policy} for parameter RedrivePolicy is invalid. Reason: ${reason}`),
});
const send: Asked = ["SendMessage", { MessageBody: "b" }];
const receive: Asked = ["ReceiveMessage", {}];
const notFound = modelled("ResourceNotFoundException", "ResourceNotFoundException", 404);
const taskHandle = (taskId: string, sourceArn: string) => Buffer.from(JSON.stringify({ taskId, sourceArn })).toString("base64");
/** One message that was given up after its first receive. */
const givenUp: readonly (Asked | number)[] = [createDead, redrive(policyOf(`${ARN}:dead`, 1)), send, receive, 30_000, receive];

/** Dead-letter queues and message move tasks. */
export const DEAD_LETTERS: readonly RecordedCase[] = [
  {
    name: "a count given as a string",
    rows: ["sqs/7.1-count-form"],
    queue: {},
    given: [createDead, redrive(policyOf(`${ARN}:dead`, "5"))],
    ask: ["GetQueueAttributes", { AttributeNames: ["RedrivePolicy"] }],
    answer: { Attributes: { RedrivePolicy: `{"deadLetterTargetArn":"${ARN}:dead","maxReceiveCount":5}` } },
  },
  {
    name: "an empty RedrivePolicy takes away the one that is there",
    rows: ["sqs/3.7-empty-removes"],
    queue: {},
    given: [createDead, redrive(policyOf(`${ARN}:dead`, 5)), redrive("")],
    ask: ["GetQueueAttributes", { AttributeNames: ["RedrivePolicy"] }],
    answer: {},
  },
  {
    name: "a dead-letter queue that does not exist",
    rows: ["sqs/7.1-target-missing"],
    queue: {},
    ...refusedPolicy(policyOf(`${ARN}:nowhere`, 5), "Dead letter target does not exist."),
  },
  {
    name: "a policy without a target",
    rows: ["sqs/7.1-mandatory", "sqs/7.1-code"],
    queue: {},
    ...refusedPolicy('{"maxReceiveCount":5}', "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
  },
  {
    name: "a policy without a count",
    rows: ["sqs/7.1-mandatory", "sqs/7.1-code"],
    queue: {},
    ...refusedPolicy(`{"deadLetterTargetArn":"${ARN}:dead"}`, "Redrive policy does not contain mandatory attribute: maxReceiveCount."),
  },
  {
    name: "a count of 0",
    rows: ["sqs/7.1-count-range", "sqs/7.1-code"],
    queue: {},
    given: [createDead],
    ...refusedPolicy(policyOf(`${ARN}:dead`, 0), "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive."),
  },
  {
    name: "a message that was received once too often is not delivered",
    rows: ["sqs/7.2-moves-on-receive"],
    queue: {},
    given: givenUp.slice(0, -1),
    ask: receive,
    answer: {},
  },
  {
    name: "a message in the dead-letter queue goes on counting, and names where it came from",
    rows: ["sqs/7.2-count-continues", "sqs/7.2-kept", "sqs/5.1-dead-letter-source"],
    queue: {},
    given: givenUp,
    ask: ["ReceiveMessage", { QueueUrl: "dead", MessageSystemAttributeNames: ["ApproximateReceiveCount", "DeadLetterQueueSourceArn", "SentTimestamp"] }],
    answer: {
      Messages: [
        {
          MessageId: ANY,
          ReceiptHandle: ANY,
          Body: "b",
          MD5OfBody: ANY,
          Attributes: { ApproximateReceiveCount: "2", DeadLetterQueueSourceArn: `${ARN}:orders`, SentTimestamp: "1767225600000" },
        },
      ],
    },
  },
  {
    name: "the sources of a queue that is no dead-letter queue",
    rows: ["sqs/3.5-none"],
    queue: {},
    ask: ["ListDeadLetterSourceQueues", {}],
    answer: {},
  },
  {
    name: "the sources of no queue",
    rows: ["sqs/3.5-lists-sources"],
    ask: ["ListDeadLetterSourceQueues", { QueueUrl: "nowhere" }],
    refused: noQueue,
  },
  {
    name: "a move task from a queue that does not exist",
    rows: ["sqs/7.4-source-missing", "sqs/2-resource-not-found"],
    ask: ["StartMessageMoveTask", { SourceArn: `${ARN}:nowhere` }],
    refused: notFound("The resource that you specified for the SourceArn parameter doesn't exist."),
  },
  {
    name: "a move task to a queue that does not exist",
    rows: ["sqs/7.4-destination-missing"],
    queue: {},
    given: givenUp,
    ask: ["StartMessageMoveTask", { SourceArn: `${ARN}:dead`, DestinationArn: `${ARN}:nowhere` }],
    refused: notFound("The resource that you specified for the DestinationArn parameter doesn't exist."),
  },
  {
    name: "a move task from a queue that is no dead-letter queue",
    rows: ["sqs/7.4-source-no-dead-letter-queue"],
    queue: {},
    ask: ["StartMessageMoveTask", { SourceArn: `${ARN}:orders` }],
    refused: invalidParameter("Source queue must be configured as a Dead Letter Queue."),
  },
  {
    name: "cancelling with a handle that is none",
    rows: ["sqs/7.4-cancel-bad-handle"],
    ask: ["CancelMessageMoveTask", { TaskHandle: "garbage" }],
    refused: invalidParameter("Value for parameter TaskHandle is invalid."),
  },
  {
    name: "cancelling a task of a queue that does not exist",
    rows: ["sqs/7.4-cancel-unknown"],
    ask: ["CancelMessageMoveTask", { TaskHandle: taskHandle("5c9e4b2e-1b1d-4b8e-9d0f-0c5b8f7a2b11", `${ARN}:nowhere`) }],
    refused: notFound("The resource that you specified for the SourceArn parameter doesn't exist."),
  },
  {
    name: "cancelling a task that there is not",
    rows: ["sqs/7.4-cancel-unknown"],
    queue: {},
    given: givenUp,
    ask: ["CancelMessageMoveTask", { TaskHandle: taskHandle("5c9e4b2e-1b1d-4b8e-9d0f-0c5b8f7a2b11", `${ARN}:dead`) }],
    refused: notFound("Task does not exist."),
  },
  {
    name: "the move tasks of a queue that had none",
    rows: ["sqs/7.4-list", "sqs/1.1-empty-left-out"],
    queue: {},
    given: givenUp,
    ask: ["ListMessageMoveTasks", { SourceArn: `${ARN}:dead` }],
    answer: {},
  },
];
