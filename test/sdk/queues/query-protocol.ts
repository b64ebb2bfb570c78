import assert from "node:assert/strict";
import { SaxesParser } from "saxes";
import type { Actions, Output } from "./protocols.ts";

// Without the AWS SDK, which takes longer to load than most of what asks without a socket takes to run.

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

export interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

export function parseXml(xml: string): Element {
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
