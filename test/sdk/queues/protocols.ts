import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-sqs";
import { SaxesParser } from "saxes";

/** The inputs and outputs of the actions, by the types of the current AWS SDK. */
export interface Actions {
  CreateQueue: [sdk.CreateQueueCommandInput, sdk.CreateQueueCommandOutput];
  DeleteQueue: [sdk.DeleteQueueCommandInput, sdk.DeleteQueueCommandOutput];
  GetQueueUrl: [sdk.GetQueueUrlCommandInput, sdk.GetQueueUrlCommandOutput];
  ListQueues: [sdk.ListQueuesCommandInput, sdk.ListQueuesCommandOutput];
  GetQueueAttributes: [sdk.GetQueueAttributesCommandInput, sdk.GetQueueAttributesCommandOutput];
  SetQueueAttributes: [sdk.SetQueueAttributesCommandInput, sdk.SetQueueAttributesCommandOutput];
  PurgeQueue: [sdk.PurgeQueueCommandInput, sdk.PurgeQueueCommandOutput];
  TagQueue: [sdk.TagQueueCommandInput, sdk.TagQueueCommandOutput];
  UntagQueue: [sdk.UntagQueueCommandInput, sdk.UntagQueueCommandOutput];
  ListQueueTags: [sdk.ListQueueTagsCommandInput, sdk.ListQueueTagsCommandOutput];
  SendMessage: [sdk.SendMessageCommandInput, sdk.SendMessageCommandOutput];
  SendMessageBatch: [sdk.SendMessageBatchCommandInput, sdk.SendMessageBatchCommandOutput];
  ReceiveMessage: [sdk.ReceiveMessageCommandInput, sdk.ReceiveMessageCommandOutput];
  DeleteMessage: [sdk.DeleteMessageCommandInput, sdk.DeleteMessageCommandOutput];
  DeleteMessageBatch: [sdk.DeleteMessageBatchCommandInput, sdk.DeleteMessageBatchCommandOutput];
  ChangeMessageVisibility: [sdk.ChangeMessageVisibilityCommandInput, sdk.ChangeMessageVisibilityCommandOutput];
  ChangeMessageVisibilityBatch: [sdk.ChangeMessageVisibilityBatchCommandInput, sdk.ChangeMessageVisibilityBatchCommandOutput];
  AddPermission: [sdk.AddPermissionCommandInput, sdk.AddPermissionCommandOutput];
  RemovePermission: [sdk.RemovePermissionCommandInput, sdk.RemovePermissionCommandOutput];
  ListDeadLetterSourceQueues: [sdk.ListDeadLetterSourceQueuesCommandInput, sdk.ListDeadLetterSourceQueuesCommandOutput];
  StartMessageMoveTask: [sdk.StartMessageMoveTaskCommandInput, sdk.StartMessageMoveTaskCommandOutput];
  CancelMessageMoveTask: [sdk.CancelMessageMoveTaskCommandInput, sdk.CancelMessageMoveTaskCommandOutput];
  ListMessageMoveTasks: [sdk.ListMessageMoveTasksCommandInput, sdk.ListMessageMoveTasksCommandOutput];
}

export type Output<A extends keyof Actions> = Omit<Actions[A][1], "$metadata">;

/** One way to ask: the same actions, whatever is sent. */
export interface Protocol {
  readonly name: "JSON" | "Query";
  readonly call: <A extends keyof Actions>(action: A, input: Actions[A][0], options?: { signal?: AbortSignal }) => Promise<Output<A>>;
  close(): void;
}

/** What a caller is told instead of a result, as both protocols tell it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: string;
  readonly status: number;

  constructor(answer: { code: string; status: number; message: string }) {
    super(answer.message);
    this.code = answer.code;
    this.status = answer.status;
  }
}

/** The AWS SDK, which speaks AWS JSON 1.0 and compares every MD5 of a body with its own. */
export function jsonProtocol(endpoint: string): Protocol {
  const client = new sdk.SQSClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  return {
    name: "JSON",
    async call(action, input, { signal } = {}) {
      // A table of 23 constructors with inputs of their own; `Actions` says which belongs to which.
      const Command = (sdk as unknown as Record<string, new (input: unknown) => Parameters<typeof client.send>[0]>)[`${action}Command`];
      assert.ok(Command !== undefined);
      try {
        const { $metadata: _, ...output } = await client.send(new Command(input), signal === undefined ? {} : { abortSignal: signal });
        return output as never;
      } catch (failure) {
        if (!(failure instanceof sdk.SQSServiceException)) throw failure;
        const { Code } = failure as unknown as { Code: string };
        throw new Refused({ code: Code, status: failure.$metadata.httpStatusCode ?? 0, message: failure.message });
      }
    },
    close: () => client.destroy(),
  };
}

/** A client of the Query protocol, written from its documentation: forms out, XML in. */
export function queryProtocol(endpoint: string): Protocol {
  return {
    name: "Query",
    async call(action, input, { signal } = {}) {
      const response = await fetch(endpoint, { method: "POST", body: formOf(action, input), ...(signal === undefined ? {} : { signal }) });
      return readQueryAnswer(action, response.status, await response.text());
    },
    close: () => {},
  };
}

/** The form that asks for an action in the Query protocol. */
export function formOf(action: string, input: object): URLSearchParams {
  return new URLSearchParams([["Action", action], ["Version", "2012-11-05"], ...parametersOf(action, input)]);
}

/** What the Query protocol answered. @throws {Refused} */
export function readQueryAnswer<A extends keyof Actions>(action: A, status: number, xml: string): Output<A> {
  const root = parseXml(xml);
  if (status === 200) return outputOf(root.children.find(({ name }) => name === `${action}Result`)) as never;
  const error = root.children.find(({ name }) => name === "Error") ?? root;
  throw new Refused({ code: textOf(error, "Code"), status, message: textOf(error, "Message") });
}
const PARAMETER_NAMES: Readonly<Record<string, string>> = {
  Attributes: "Attribute",
  tags: "Tag",
  Tags: "Tag",
  TagKeys: "TagKey",
  AttributeNames: "AttributeName",
  MessageSystemAttributeNames: "AttributeName",
  MessageAttributeNames: "MessageAttributeName",
  MessageAttributes: "MessageAttribute",
  MessageSystemAttributes: "MessageSystemAttribute",
  AWSAccountIds: "AWSAccountId",
  Actions: "ActionName",
};

export type FormFields = [name: string, value: string][];

export function parametersOf(action: string, value: object, prefix = ""): FormFields {
  return Object.entries(value).flatMap(([member, content]: [string, unknown]): FormFields => {
    const name = prefix + (member === "Entries" ? `${action}RequestEntry` : (PARAMETER_NAMES[member] ?? member));
    if (content === undefined) return [];
    if (content instanceof Uint8Array) return [[name, Buffer.from(content).toString("base64")]];
    if (Array.isArray(content))
      return content.length === 0 ? [[name, ""]] : content.flatMap((item: unknown, index) => itemOf(action, `${name}.${index + 1}`, item));
    if (typeof content !== "object" || content === null) return [[name, `${content as string | number}`]];
    if (PARAMETER_NAMES[member] === undefined) return parametersOf(action, content, `${name}.`);
    const key = name.endsWith("Tag") ? "Key" : "Name";
    return Object.entries(content).flatMap(([entry, item]: [string, unknown], index) =>
      parametersOf(action, { [key]: entry, Value: item }, `${name}.${index + 1}.`),
    );
  });
}

function itemOf(action: string, name: string, item: unknown): FormFields {
  return typeof item === "object" && item !== null ? parametersOf(action, item, `${name}.`) : [[name, `${item as string | number}`]];
}

interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

function parseXml(xml: string): Element {
  const document: Element = { name: "", children: [], text: "" };
  const open = [document];
  const parser = new SaxesParser();
  parser.on("opentag", ({ name }) => {
    const element = { name, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(xml).close();
  const [root] = document.children;
  assert.ok(root !== undefined, xml);
  return root;
}

function textOf(element: Element, name: string): string {
  return element.children.find((child) => child.name === name)?.text ?? "";
}

const LISTS: Readonly<Record<string, string>> = {
  QueueUrl: "QueueUrls",
  Message: "Messages",
  SendMessageBatchResultEntry: "Successful",
  DeleteMessageBatchResultEntry: "Successful",
  ChangeMessageVisibilityBatchResultEntry: "Successful",
  BatchResultErrorEntry: "Failed",
  ListMessageMoveTasksResultEntry: "Results",
};
const NUMBERS: ReadonlySet<string> = new Set([
  "MaxNumberOfMessagesPerSecond",
  "ApproximateNumberOfMessagesMoved",
  "ApproximateNumberOfMessagesToMove",
  "StartedTimestamp",
]);
const MAPS: Readonly<Record<string, [member: string, key: string]>> = {
  Attribute: ["Attributes", "Name"],
  MessageAttribute: ["MessageAttributes", "Name"],
  Tag: ["Tags", "Key"],
};

/** A single QueueUrl, and the Message of a failed entry, are no lists. */
function isListIn(element: Element | undefined, name: string): boolean {
  if (name === "QueueUrl") return element?.name === "ListQueuesResult" || element?.name === "ListDeadLetterSourceQueuesResult";
  return name !== "Message" || element?.name === "ReceiveMessageResult";
}

/** The members of a result as the SDK shows them. */
function outputOf(element: Element | undefined, isEntry = false): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  for (const child of element?.children ?? []) {
    const { name } = child;
    const map = MAPS[name];
    const list = LISTS[name];
    if (map !== undefined) {
      const [member, key] = map;
      const entry = outputOf(child, true);
      output[member] = { ...(output[member] as object | undefined), [String(entry[key])]: entry["Value"] };
    } else if (list !== undefined && isListIn(element, name)) {
      const item = child.children.length > 0 ? outputOf(child) : child.text;
      // The SDK has this one member with a small letter.
      const member = element?.name === "ListDeadLetterSourceQueuesResult" ? "queueUrls" : list;
      output[member] = [...((output[member] as unknown[] | undefined) ?? []), item];
    } else if (NUMBERS.has(name)) {
      output[name] = Number(child.text);
    } else if (name === "SenderFault") output[name] = child.text === "true";
    else if (name === "BinaryValue") output[name] = Uint8Array.from(Buffer.from(child.text, "base64"));
    else output[name] = isEntry && child.children.length > 0 ? outputOf(child) : child.text;
  }
  return output;
}
