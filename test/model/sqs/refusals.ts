import type { Refusal } from "./answer.ts";

/** The errors of the contract, as it words them. */

const SQS = "AWS.SimpleQueueService";

export const NO_QUEUE: Refusal = { code: `${SQS}.NonExistentQueue`, message: "The specified queue does not exist." };

export const DELETED_RECENTLY: Refusal = {
  code: `${SQS}.QueueDeletedRecently`,
  message: "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
};

export const INVALID_CONTENTS: Refusal = {
  code: "InvalidMessageContents",
  message:
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
};

export function purgeInProgress(queue: string): Refusal {
  return { code: `${SQS}.PurgeQueueInProgress`, message: `Only one PurgeQueue operation on ${queue} is allowed every 60 seconds.` };
}

export function nameExists(attribute: string): Refusal {
  return {
    code: "QueueAlreadyExists",
    message: `A queue already exists with the same name and a different value for attribute ${attribute}`,
  };
}

export function missing(parameter: string): Refusal & { message: string } {
  return { code: "MissingParameter", message: `The request must contain the parameter ${parameter}.` };
}

export function invalid(message: string): Refusal {
  return { code: "InvalidParameterValue", message };
}

export function invalidValue(value: string | number, parameter: string, reason: string): Refusal {
  return invalid(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function unknownAttribute(name: string): Refusal {
  return { code: "InvalidAttributeName", message: `Unknown Attribute ${name}.` };
}

export function invalidAttribute(name: string): Refusal {
  return { code: "InvalidAttributeValue", message: `Invalid value for the parameter ${name}.` };
}

export function invalidAttributeBecause(name: string, reason: string): Refusal {
  return { code: "InvalidAttributeValue", message: `Invalid value for the parameter ${name}. Reason: ${reason}` };
}

export function badHandle(handle: string): Refusal {
  return { code: "ReceiptHandleIsInvalid", message: `The input receipt handle "${handle}" is not a valid receipt handle.` };
}

export function expiredHandle(handle: string): Refusal {
  return invalidValue(handle, "ReceiptHandle", "The receipt handle has expired.");
}

/** README: as an entry of a batch says it. */
export const EXPIRED_IN_BATCH: Refusal = { code: "ReceiptHandleIsInvalid", message: "The receipt handle has expired" };

/** A change of visibility of a message that was deleted, purged or kept long enough. */
export function goneMessage(handle: string): Refusal {
  return invalidValue(handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.");
}

export function beyondTwelveHours(seconds: number): Refusal {
  const reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].";
  return invalidValue(seconds, "VisibilityTimeout", reason);
}

/** What is wrong with the list of a batch as a whole. */
export function batchRefusal(ids: readonly string[], entry: string): Refusal | undefined {
  if (ids.length === 0) return { code: `${SQS}.EmptyBatchRequest`, message: `There should be at least one ${entry} in the request.` };
  if (ids.length > 10)
    return {
      code: `${SQS}.TooManyEntriesInBatchRequest`,
      message: `Maximum number of entries per request are 10. You have sent ${ids.length}.`,
    };
  if (!ids.every((id) => /^[A-Za-z0-9_-]{1,80}$/.test(id)))
    return {
      code: `${SQS}.InvalidBatchEntryId`,
      message: "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    };
  const repeated = ids.find((id, index) => ids.indexOf(id) < index);
  return repeated === undefined ? undefined : { code: `${SQS}.BatchEntryIdsNotDistinct`, message: `Id ${repeated} repeated.` };
}
