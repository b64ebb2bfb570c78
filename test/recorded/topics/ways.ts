import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-sns";
import { startTestServer } from "../../../src/testing/index.ts";
import { jsonProtocol, type Actions, type Protocol } from "../../sdk/queues/protocols.ts";
import { parseXml, type Element } from "../../sdk/queues/query-protocol.ts";
import { comparable, escaped, filledIn } from "../ways.ts";
import { MESSAGE, SEQUENCE, SUBSCRIPTION, type Asked, type RecordedCase, type Refusal } from "./case.ts";

/** One way to put a case to the server, and to read all that its refusal says. */
interface Way {
  readonly name: string;
  /** @throws where it is refused. */
  answered(endpoint: string, asked: Asked): Promise<unknown>;
  /** Checks the whole refusal: status, headers and body. */
  refused(endpoint: string, asked: Asked, expected: Refusal): Promise<void>;
}

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";

/** Bytes as the Query protocol puts them on the wire. */
const queryBytes: Way = {
  name: "Query",
  async answered(endpoint, asked) {
    const response = await fetch(endpoint, { method: "POST", body: formOf(asked) });
    const xml = await response.text();
    assert.equal(response.status, 200, xml);
    const [action] = asked;
    assert.ok(xml.startsWith(`<?xml version="1.0"?><${action}Response xmlns="${NAMESPACE}">`), xml);
    const { children } = parseXml(xml);
    assert.equal(children.at(-1)?.name, "ResponseMetadata");
    const result = children.find(({ name }) => name === `${action}Result`);
    return result === undefined ? {} : membersOf(result);
  },
  async refused(endpoint, asked, { code, status, message }) {
    const response = await fetch(endpoint, { method: "POST", body: formOf(asked) });
    const xml = (await response.text()).replace(/<RequestId>[0-9a-f-]{36}<\/RequestId>/, "<RequestId/>");
    assert.equal(
      xml,
      `<?xml version="1.0"?><ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${code}</Code>` +
        `<Message>${escaped(message)}</Message></Error><RequestId/></ErrorResponse>`,
    );
    assert.equal(response.status, status);
    assert.equal(response.headers.get("content-type"), "text/xml");
  },
};

/** What a program sees: answers as the SDK reads them, and exceptions of the shape's class. */
const throughSdk: Way = {
  name: "SDK",
  answered: sendThroughSdk,
  async refused(endpoint, asked, { type, code, status, message }) {
    const failure: unknown = await sendThroughSdk(endpoint, asked).catch((reason: unknown) => reason);
    assert.ok(failure instanceof sdk.SNSServiceException, String(failure));
    const Class = (sdk as unknown as Record<string, typeof sdk.SNSServiceException | undefined>)[type];
    if (Class !== undefined) assert.ok(failure instanceof Class, `${failure.name} is no ${type}`);
    assert.equal((failure as unknown as { Code: string }).Code, code);
    assert.equal(failure.message, message);
    assert.equal(failure.$metadata.httpStatusCode, status);
  },
};

/** The ways in which a case can be put: bytes are sent without a signature. */
export function waysOf({ signed }: RecordedCase): readonly Way[] {
  return signed === true ? [throughSdk] : [queryBytes, throughSdk];
}

async function sendThroughSdk(endpoint: string, [action, input]: Asked): Promise<unknown> {
  const credentials = { accessKeyId: "t", secretAccessKey: "t" };
  const client = new sdk.SNSClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  // A table of constructors with inputs of their own; `Asked` says which belongs to which.
  const Command = (sdk as unknown as Record<string, new (input: unknown) => sdk.ListTopicsCommand>)[`${action}Command`];
  assert.ok(Command !== undefined, action);
  try {
    const { $metadata: _, ...output } = await client.send(new Command(input));
    return output;
  } finally {
    client.destroy();
  }
}

const OF_QUEUES: ReadonlySet<string> = new Set(["CreateQueue", "SetQueueAttributes"]);

/** Puts a case to a server of its own. */
export async function hold(given: RecordedCase, way: Way): Promise<void> {
  await using server = await startTestServer({ coolDown: true });
  const queues = jsonProtocol(server.endpoint);
  const words: Record<string, string | undefined> = {};
  const complete = ([action, input]: Asked): Asked => [action, filledIn(input, words) as Asked[1]];
  try {
    for (const step of given.given ?? []) {
      if (typeof step === "number") server.clock.advance(step);
      else if (OF_QUEUES.has(step[0])) await queues.call(...(step as never as Parameters<Protocol["call"]>));
      else note(words, (await way.answered(server.endpoint, complete(step))) as Noted);
    }
    const asked = complete(given.ask);
    if (given.refused !== undefined) await way.refused(server.endpoint, asked, given.refused);
    else {
      const expected = filledIn(given.answer, words);
      const answer = await way.answered(server.endpoint, asked);
      assert.deepEqual(comparable(answer, expected), expected);
    }
    if (given.received !== undefined) {
      const expected = filledIn(given.received.messages, words);
      assert.deepEqual(comparable(await messagesOf(queues, given.received), expected), expected);
    }
  } finally {
    queues.close();
  }
}

interface Noted {
  readonly SubscriptionArn?: string;
  readonly MessageId?: string;
  readonly SequenceNumber?: string;
}

function note(words: Record<string, string | undefined>, { SubscriptionArn, MessageId, SequenceNumber }: Noted): void {
  words[SUBSCRIPTION] = SubscriptionArn ?? words[SUBSCRIPTION];
  words[MESSAGE] ??= MessageId;
  words[SEQUENCE] ??= SequenceNumber;
}

async function messagesOf(queues: Protocol, { queue, attributes = [] }: NonNullable<RecordedCase["received"]>): Promise<object[]> {
  const asked: Actions["ReceiveMessage"][0] = {
    QueueUrl: queue,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: attributes as NonNullable<Actions["ReceiveMessage"][0]["MessageSystemAttributeNames"]>,
  };
  const { Messages = [] } = await queues.call("ReceiveMessage", asked);
  return Messages.map(({ Body, MessageAttributes, MD5OfMessageAttributes, Attributes }) =>
    Object.fromEntries(Object.entries({ Body, MessageAttributes, MD5OfMessageAttributes, Attributes }).filter(([, value]) => value !== undefined)),
  );
}

function formOf([action, input]: Asked): URLSearchParams {
  return new URLSearchParams([["Action", action], ["Version", "2010-03-31"], ...parametersOf(input, "")]);
}

/** Maps that go as entries, by what their entries' parts are called. */
const ENTRIES: Readonly<Record<string, readonly [key: string, value: string]>> = {
  Attributes: ["key", "value"],
  MessageAttributes: ["Name", "Value"],
};

function parametersOf(input: object, prefix: string): [string, string][] {
  return Object.entries(input).flatMap(([member, value]: [string, unknown]): [string, string][] => {
    const name = prefix + member;
    if (Array.isArray(value)) return value.flatMap((item: unknown, index) => parameterOf(item, `${name}.member.${index + 1}`));
    const entry = ENTRIES[member];
    if (entry === undefined || typeof value !== "object" || value === null) return parameterOf(value, name);
    return Object.entries(value).flatMap(([key, item]: [string, unknown], index) => [
      [`${name}.entry.${index + 1}.${entry[0]}`, key] as [string, string],
      ...parameterOf(item, `${name}.entry.${index + 1}.${entry[1]}`),
    ]);
  });
}

function parameterOf(value: unknown, name: string): [string, string][] {
  if (value instanceof Uint8Array) return [[name, Buffer.from(value).toString("base64")]];
  if (typeof value === "object" && value !== null) return parametersOf(value, `${name}.`);
  return value === undefined ? [] : [[name, `${value as string | number}`]];
}

/** The members of a result as the SDK shows them. */
function membersOf({ children }: Element): Record<string, unknown> {
  return Object.fromEntries(children.map((child) => [child.name, valueOf(child)]));
}

const LISTS: ReadonlySet<string> = new Set(["Topics", "Subscriptions", "Tags", "Successful", "Failed"]);

function valueOf(element: Element): unknown {
  const { name, children, text } = element;
  if (LISTS.has(name)) return children.map(valueOf);
  if (name === "Attributes") return Object.fromEntries(children.map(({ children: [key, value] }) => [key?.text, value?.text]));
  return children.length === 0 ? text : membersOf(element);
}
