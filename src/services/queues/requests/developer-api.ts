import { action, type Api } from "../../../wire/api.ts";
import { list, operation, optional, required, string, structure } from "../../../wire/shapes.ts";
import { selectAttributes } from "../rules/attribute-filter.ts";
import type { Context } from "../actions/context.ts";
import { messageAttributes, queueAttributes } from "../actions/shapes.ts";
import { shownAttribute } from "../actions/shown-message.ts";
import { missingParameter, queueDoesNotExist } from "../rules/errors.ts";
import { PEEK_MESSAGES_MAX, PEEK_SCAN_MAX } from "../rules/limits.ts";
import { attributesFromJson, attributesMd5 } from "../rules/message-attributes.ts";
import { EVERY_MESSAGE, type MessageState } from "../rules/message-search.ts";
import { decodeCursor, encodeCursor } from "../rules/peek-request.ts";
import { parseQueueUrl } from "../rules/queue-url.ts";
import { systemAttributes, wantedSystemAttributes } from "../rules/system-attributes.ts";
import type { PeekedMessage } from "../store/store.ts";
import { ownQueue } from "./pages.ts";

const message = structure({
  MessageId: string,
  MD5OfBody: string,
  Body: string,
  Attributes: optional(queueAttributes, { wireName: "Attribute", queryJsonName: "Attribute" }),
  MD5OfMessageAttributes: string,
  MessageAttributes: optional(messageAttributes, { wireName: "MessageAttribute", queryJsonName: "MessageAttribute" }),
});

/** Named after the action whose answer it looks like, so that a client's ReceiveMessage can be pointed here. */
const peekOperation = operation("ReceiveMessage", {
  input: structure({
    QueueUrl: required(string),
    /** Where the path names one; else that of the signature. */
    Region: string,
    ShowInvisible: string,
    ShowDelayed: string,
    NextToken: string,
  }),
  output: structure({
    Messages: optional(list(message, { flattened: true }), { wireName: "Message", queryJsonName: "Message" }),
    NextToken: string,
  }),
});

const EVERYTHING = wantedSystemAttributes([], ["All"]);

/**
 * `/_aws/sqs/messages`, as tools for emulators of AWS know it: the messages of a queue in the form of a ReceiveMessage
 * that leaves everything as it was. How many are asked for does not matter; what does not fit follows with NextToken.
 */
export function developerApi(api: Api, { store }: Context): Api {
  const peek = action(peekOperation, async (input, call) => {
    const { account = call.principal.accountId, name } = parseQueueUrl(input.QueueUrl) ?? {};
    if (name === undefined) throw queueDoesNotExist();
    const queue = ownQueue({ account, region: input.Region ?? call.region, name }, call);
    const search = { ...EVERY_MESSAGE, states: statesOf(input) };
    const { after, scannedBefore } = decodeCursor(input.NextToken);
    const limits = { messagesMax: PEEK_MESSAGES_MAX, scanMax: PEEK_SCAN_MAX };
    const { messages, next, scanned } = await store.peek({ queue, search, after, ...limits });
    return {
      Messages: messages.map(shown),
      NextToken: next === undefined ? undefined : encodeCursor(next, scannedBefore + scanned),
    };
  });
  return {
    ...api,
    actions: { ReceiveMessage: peek },
    notOffered: [],
    errors: {
      ...api.errors,
      missingParameter: (name) => (name === "QueueUrl" ? queueDoesNotExist() : missingParameter(name)),
      unknownAction: (name) => api.errors.unknownAction(name, true),
    },
  };
}

function statesOf({
  ShowInvisible,
  ShowDelayed,
}: {
  ShowInvisible?: string | undefined;
  ShowDelayed?: string | undefined;
}): MessageState[] {
  const says = (text: string | undefined) => text?.toLowerCase() === "true";
  return ["visible", ...(says(ShowInvisible) ? ["in-flight" as const] : []), ...(says(ShowDelayed) ? ["delayed" as const] : [])];
}

function shown(peeked: PeekedMessage) {
  const attributes = selectAttributes(attributesFromJson(peeked.attributes), ["All"]);
  const facts = { ...peeked, firstReceivedMs: peeked.firstReceivedMs ?? 0, receipt: peeked };
  return {
    MessageId: peeked.id,
    MD5OfBody: peeked.bodyMd5,
    Body: peeked.body,
    Attributes: {
      ...systemAttributes(facts, EVERYTHING),
      IsVisible: String(peeked.state === "visible"),
      IsDelayed: String(peeked.state === "delayed"),
    },
    MD5OfMessageAttributes: attributes.length > 0 ? attributesMd5(attributes) : undefined,
    MessageAttributes: attributes.length > 0 ? Object.fromEntries(attributes.map(shownAttribute)) : undefined,
  };
}
