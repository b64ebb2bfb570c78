import { ServiceError } from "../../../kernel/service-error.ts";
import { BATCH_ENTRIES_MAX, IN_FLIGHT_MAX, MESSAGE_BYTES_MAX, MOVE_TASKS_MAX, POLICY_ACTIONS_MAX } from "./limits.ts";

/**
 * Everything that the queue service may answer instead of a result: the name of the error's shape, its HTTP status,
 * and the code that the Query protocol uses where it is another one. Source: the AWS service model of SQS.
 */
export const QUEUE_ERRORS = {
  QueueDoesNotExist: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.NonExistentQueue" },
  QueueNameExists: { httpStatus: 400, queryCode: "QueueAlreadyExists" },
  QueueDeletedRecently: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.QueueDeletedRecently" },
  PurgeQueueInProgress: { httpStatus: 403, queryCode: "AWS.SimpleQueueService.PurgeQueueInProgress" },
  UnsupportedOperation: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.UnsupportedOperation" },
  MessageNotInflight: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.MessageNotInflight" },
  EmptyBatchRequest: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.EmptyBatchRequest" },
  TooManyEntriesInBatchRequest: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest" },
  BatchEntryIdsNotDistinct: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct" },
  InvalidBatchEntryId: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.InvalidBatchEntryId" },
  BatchRequestTooLong: { httpStatus: 400, queryCode: "AWS.SimpleQueueService.BatchRequestTooLong" },
  ReceiptHandleIsInvalid: { httpStatus: 404 },
  InvalidAddress: { httpStatus: 404 },
  ResourceNotFoundException: { httpStatus: 404 },
  OverLimit: { httpStatus: 403 },
  RequestThrottled: { httpStatus: 403 },
  InvalidSecurity: { httpStatus: 403 },
  InvalidAttributeName: { httpStatus: 400 },
  InvalidAttributeValue: { httpStatus: 400 },
  InvalidMessageContents: { httpStatus: 400 },
  InvalidIdFormat: { httpStatus: 400 },
  KmsAccessDenied: { httpStatus: 400, queryCode: "KMS.AccessDeniedException" },
  KmsDisabled: { httpStatus: 400, queryCode: "KMS.DisabledException" },
  KmsInvalidKeyUsage: { httpStatus: 400, queryCode: "KMS.InvalidKeyUsageException" },
  KmsInvalidState: { httpStatus: 400, queryCode: "KMS.InvalidStateException" },
  KmsNotFound: { httpStatus: 400, queryCode: "KMS.NotFoundException" },
  KmsOptInRequired: { httpStatus: 403, queryCode: "KMS.OptInRequired" },
  KmsThrottled: { httpStatus: 400, queryCode: "KMS.ThrottlingException" },
} as const satisfies Record<string, ErrorKind>;

/** What AWS answers although its model does not name it; these carry a namespace of their own. */
const COMMON_ERRORS = {
  AccessDeniedException: { httpStatus: 403, queryCode: "AccessDenied" },
  InvalidParameterValueException: { httpStatus: 400, queryCode: "InvalidParameterValue" },
  MissingRequiredParameterException: { httpStatus: 400, queryCode: "MissingParameter" },
  SerializationException: { httpStatus: 400, queryCode: "MalformedInput" },
  UnknownOperationException: { httpStatus: 400, queryCode: "InvalidAction" },
} as const satisfies Record<string, ErrorKind>;

const COMMON_NAMESPACE = "com.amazon.coral.service";

interface ErrorKind {
  readonly httpStatus: number;
  readonly queryCode?: string;
}

function queueError(code: keyof typeof QUEUE_ERRORS, message: string): ServiceError {
  return new ServiceError({ code, fault: "client", message, ...QUEUE_ERRORS[code] });
}

function commonError(code: keyof typeof COMMON_ERRORS, message: string): ServiceError {
  return new ServiceError({ code, fault: "client", message, namespace: COMMON_NAMESPACE, ...COMMON_ERRORS[code] });
}

// Queues

export function queueDoesNotExist(): ServiceError {
  return new ServiceError({
    code: "QueueDoesNotExist",
    fault: "client",
    message: "The specified queue does not exist.",
    queryMessage: "The specified queue does not exist for this wsdl version.",
    ...QUEUE_ERRORS.QueueDoesNotExist,
  });
}

/** @param attribute the first attribute whose value differs from that of the queue that exists. */
export function queueNameExists(attribute: string): ServiceError {
  return queueError("QueueNameExists", `A queue already exists with the same name and a different value for attribute ${attribute}`);
}

export function queueDeletedRecently(): ServiceError {
  return queueError(
    "QueueDeletedRecently",
    "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
  );
}

export function purgeQueueInProgress(queueName: string): ServiceError {
  return queueError("PurgeQueueInProgress", `Only one PurgeQueue operation on ${queueName} is allowed every 60 seconds.`);
}

/**
 * The asker may not.
 * @param refused `who`: an ARN, or the name of a service; `explicitly`: by a Deny, not for want of an Allow.
 */
export function accessDenied(refused: { who: string; action: string; queueArn: string; explicitly: boolean }): ServiceError {
  const { who, queueArn, explicitly } = refused;
  const action = `sqs:${refused.action.toLowerCase()}`;
  const reason = explicitly
    ? "with an explicit deny in a resource-based policy"
    : `because no resource-based policy allows the ${action} action`;
  return commonError("AccessDeniedException", `User: ${who} is not authorized to perform: ${action} on resource: ${queueArn} ${reason}`);
}

// Attributes

export function unknownAttribute(name: string): ServiceError {
  return queueError("InvalidAttributeName", `Unknown Attribute ${name}.`);
}

export function invalidAttributeName(message: string): ServiceError {
  return queueError("InvalidAttributeName", message);
}

export function invalidAttributeValue(name: string): ServiceError {
  return queueError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
}

/** The words of AWS where it says what is wrong with the value. */
export function invalidAttributeValueBecause(name: string, reason: string): ServiceError {
  return queueError("InvalidAttributeValue", `Invalid value for the parameter ${name}. Reason: ${reason}`);
}

/** @param reason what is wrong with it; absent where it is no JSON object at all. */
export function invalidPolicy(reason?: string): ServiceError {
  const text = "Invalid value for the parameter Policy.";
  return queueError("InvalidAttributeValue", reason === undefined ? text : `${text} Reason: ${reason}`);
}

// Permissions

export function labelInvalid(label: string): ServiceError {
  return invalidValue(label, "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
}

/** More actions in one AddPermission than a statement takes. */
export function tooManyActions(count: number): ServiceError {
  return queueError("OverLimit", `${count} Actions were found, maximum allowed is ${POLICY_ACTIONS_MAX}.`);
}

/** @param limit what the queue's policy would have too much of: `20 statements`. */
export function permissionsOverLimit(limit: string): ServiceError {
  return queueError("OverLimit", `The policy of the queue cannot take this permission; it may have at most ${limit}.`);
}

// Parameters

export function missingParameter(name: string): ServiceError {
  return commonError("MissingRequiredParameterException", `The request must contain the parameter ${name}.`);
}

/** An InvalidParameterValue in words of its own. */
export function invalidParameter(message: string): ServiceError {
  return commonError("InvalidParameterValueException", message);
}

/** An InvalidParameterValue in the words that most share. */
export function invalidValue(value: string | number, parameter: string, reason: string): ServiceError {
  return invalidParameter(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function malformedInput(message: string): ServiceError {
  return commonError("SerializationException", message);
}

/** @param onPath whether a Query request named the action on the path of a queue. */
export function unknownAction(name: string, onPath: boolean): ServiceError {
  const place = onPath ? "endpoint" : "web service";
  return commonError("UnknownOperationException", `The action ${name} is not valid for this ${place}.`);
}

/** AWS has it, this release does not. The text says what is missing, so that nobody takes silence for support. */
export function unsupportedOperation(message: string): ServiceError {
  return queueError("UnsupportedOperation", message);
}

// Messages

/** @param limitBytes the queue's MaximumMessageSize. */
export function messageTooLong(limitBytes: number): ServiceError {
  return invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${limitBytes} bytes.`);
}

/** AWS words it differently when the message is an entry of a batch. */
export function messageTooLongInBatch(limitBytes: number): ServiceError {
  return invalidParameter(`One or more parameters cannot be validated. Reason: Message must be shorter than ${limitBytes} bytes.`);
}

export function invalidMessageContents(): ServiceError {
  return queueError(
    "InvalidMessageContents",
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
  );
}

export function receiptHandleIsInvalid(handle: string): ServiceError {
  return queueError("ReceiptHandleIsInvalid", `The input receipt handle "${handle}" is not a valid receipt handle.`);
}

/** Of a FIFO queue: another may have received the message since. */
export function receiptHandleHasExpired(handle: string): ServiceError {
  return invalidValue(handle, "ReceiptHandle", "The receipt handle has expired.");
}

/** AWS codes and words it differently when the handle is that of an entry. */
export function receiptHandleHasExpiredInBatch(): ServiceError {
  return queueError("ReceiptHandleIsInvalid", "The receipt handle has expired");
}

/** The message was deleted, or its retention has ended. */
export function visibilityChangeTooLate(handle: string): ServiceError {
  return invalidValue(handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.");
}

export function visibilityOverLimit(visibilitySeconds: number): ServiceError {
  const reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].";
  return invalidValue(visibilitySeconds, "VisibilityTimeout", reason);
}

/** So many messages are in flight that a receive without waiting is refused; one that waits is answered with none. */
export function overLimit(): ServiceError {
  return queueError("OverLimit", `Too many messages are in flight in this queue; at most ${IN_FLIGHT_MAX} can be.`);
}

// Batches

/** @param entryName the name of the entry's shape: `SendMessageBatchRequestEntry`. */
export function emptyBatchRequest(entryName: string): ServiceError {
  return queueError("EmptyBatchRequest", `There should be at least one ${entryName} in the request.`);
}

export function tooManyEntriesInBatchRequest(count: number): ServiceError {
  return queueError(
    "TooManyEntriesInBatchRequest",
    `Maximum number of entries per request are ${BATCH_ENTRIES_MAX}. You have sent ${count}.`,
  );
}

export function invalidBatchEntryId(): ServiceError {
  return queueError(
    "InvalidBatchEntryId",
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
  );
}

export function batchEntryIdsNotDistinct(id: string): ServiceError {
  return queueError("BatchEntryIdsNotDistinct", `Id ${id} repeated.`);
}

export function batchRequestTooLong(bytes: number): ServiceError {
  return queueError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${MESSAGE_BYTES_MAX} bytes. You have sent ${bytes} bytes.`,
  );
}

// Message move tasks

/** @param parameter which of the ARNs names no queue. */
export function resourceDoesNotExist(parameter: "SourceArn" | "DestinationArn"): ServiceError {
  return queueError("ResourceNotFoundException", `The resource that you specified for the ${parameter} parameter doesn't exist.`);
}

export function moveTaskDoesNotExist(): ServiceError {
  return queueError("ResourceNotFoundException", "Task does not exist.");
}

export function sourceIsNoDeadLetterQueue(): ServiceError {
  return invalidParameter("Source queue must be configured as a Dead Letter Queue.");
}

export function moveTaskIsRunning(): ServiceError {
  return invalidParameter("There is already a task running. Only one active task is allowed for a source queue arn at a given time.");
}

export function tooManyMoveTasks(): ServiceError {
  return queueError("OverLimit", `Too many message move tasks are active in this account; at most ${MOVE_TASKS_MAX} can be.`);
}

export function onlyActiveTasksCanBeCancelled(): ServiceError {
  return invalidParameter("Only active tasks can be cancelled.");
}
