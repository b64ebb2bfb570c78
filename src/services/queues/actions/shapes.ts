import { blob, boolean, list, map, optional, required, string, structure } from "../../../wire/shapes.ts";

/** Shapes that several actions share. Names after the shape are those of Query parameters and XML elements. */

const AS_ATTRIBUTE = { flattened: true, keyName: "Name", valueName: "Value" } as const;
const AS_TAG = { flattened: true, keyName: "Key", valueName: "Value" } as const;
const FLATTENED = { flattened: true } as const;

export const queueAttributes = map(string, AS_ATTRIBUTE);
export const tags = map(string, AS_TAG);
export const names = list(string, FLATTENED);

const messageAttribute = structure({
  StringValue: string,
  BinaryValue: blob,
  StringListValues: optional(list(string, FLATTENED), { wireName: "StringListValue" }),
  BinaryListValues: optional(list(blob, FLATTENED), { wireName: "BinaryListValue" }),
  // The model requires it; AWS refuses its absence in words of its own (`rules/message-attributes.ts`).
  DataType: string,
});

export const messageAttributes = map(messageAttribute, AS_ATTRIBUTE);

export const failedEntries = list(
  structure({ Id: required(string), SenderFault: required(boolean), Code: required(string), Message: string }),
  FLATTENED,
);
