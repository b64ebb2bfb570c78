import { blob, list, map, required, string, structure } from "../../../wire/shapes.ts";

/** Shapes that several actions share. */

export const attributes = map(string);
export const tags = list(structure({ Key: required(string), Value: required(string) }));

const messageAttribute = structure({
  // The model requires it; AWS refuses its absence in words of its own (`rules/message-attributes.ts`).
  DataType: string,
  StringValue: string,
  BinaryValue: blob,
});

export const messageAttributes = map(messageAttribute, { keyName: "Name", valueName: "Value" });

export const subscriptions = list(
  structure({ SubscriptionArn: string, Owner: string, Protocol: string, Endpoint: string, TopicArn: string }),
);
