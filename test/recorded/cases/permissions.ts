import { invalidParameter, type Asked, type RecordedCase } from "../case.ts";

const add = (Label: string, AWSAccountIds: readonly string[], Actions: readonly string[]): Asked => ["AddPermission", { Label, AWSAccountIds, Actions }];
const label = (value: string, reason: string) => invalidParameter(`Value ${value} for parameter Label is invalid. Reason: ${reason}`);
const policy: Asked = ["GetQueueAttributes", { AttributeNames: ["Policy"] }];
const ARN = "arn:aws:sqs:us-east-1:000000000000:orders";
const WSDL = "Please refer to the appropriate WSDL for a list of valid actions.";

/** Permissions, which are a way to write the queue's policy. */
export const PERMISSIONS: readonly RecordedCase[] = [
  {
    name: "a first permission makes a policy",
    rows: ["sqs/3.10-policy-form", "sqs/3.10-policy-id", "sqs/3.10-one-or-many", "sqs/1.2-in-permission"],
    queue: {},
    given: [add("label", ["111111111111"], ["ReceiveMessage"])],
    ask: policy,
    answer: {
      Attributes: {
        Policy: `{"Version":"2008-10-17","Id":"${ARN}/SQSDefaultPolicy","Statement":[{"Sid":"label","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SQS:ReceiveMessage","Resource":"${ARN}"}]}`,
      },
    },
  },
  {
    name: "several accounts and actions are lists",
    rows: ["sqs/3.10-one-or-many"],
    queue: {},
    given: [add("label", ["111111111111", "222222222222"], ["ReceiveMessage", "SendMessage"])],
    ask: policy,
    answer: {
      Attributes: {
        Policy: `{"Version":"2008-10-17","Id":"${ARN}/SQSDefaultPolicy","Statement":[{"Sid":"label","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111111111111:root","arn:aws:iam::222222222222:root"]},"Action":["SQS:ReceiveMessage","SQS:SendMessage"],"Resource":"${ARN}"}]}`,
      },
    },
  },
  {
    name: "removing the last permission removes the policy",
    rows: ["sqs/3.10-last-removed"],
    queue: {},
    given: [add("label", ["111111111111"], ["ReceiveMessage"]), ["RemovePermission", { Label: "label" }]],
    ask: policy,
    answer: {},
  },
  {
    name: "a label that is there already",
    rows: ["sqs/3.10-label-exists"],
    queue: {},
    given: [add("label", ["111111111111"], ["ReceiveMessage"])],
    ask: add("label", ["111111111111"], ["SendMessage"]),
    refused: label("label", "Already exists."),
  },
  {
    name: "a label that is not there",
    rows: ["sqs/3.10-label-unknown"],
    queue: {},
    ask: ["RemovePermission", { Label: "label" }],
    refused: label("label", "can't find label."),
  },
  {
    name: "permission for an action that does not exist",
    rows: ["sqs/3.10-action-unknown"],
    queue: {},
    ask: add("label", ["111111111111"], ["Fly"]),
    refused: invalidParameter(`Value SQS:Fly for parameter ActionName is invalid. Reason: ${WSDL}`),
  },
  {
    name: "permission for a batch",
    rows: ["sqs/3.10-action-unknown"],
    queue: {},
    ask: add("label", ["111111111111"], ["SendMessageBatch"]),
    refused: invalidParameter(`Value SQS:SendMessageBatch for parameter ActionName is invalid. Reason: ${WSDL}`),
  },
];
