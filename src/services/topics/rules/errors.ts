import { ServiceError } from "../../../kernel/service-error.ts";
import { BATCH_ENTRIES_MAX, FIFO_SUBSCRIPTIONS_MAX, FILTER_POLICIES_MAX, STANDARD_SUBSCRIPTIONS_MAX, TAGS_MAX } from "./limits.ts";

/**
 * Everything that the topic service may answer instead of a result: the name of the error's shape, its HTTP status, and
 * the code that stands on the wire. Source: the AWS service model of SNS.
 */
export const TOPIC_ERRORS = {
  NotFoundException: { httpStatus: 404, queryCode: "NotFound" },
  ResourceNotFoundException: { httpStatus: 404, queryCode: "ResourceNotFound" },
  InvalidParameterException: { httpStatus: 400, queryCode: "InvalidParameter" },
  InvalidParameterValueException: { httpStatus: 400, queryCode: "ParameterValueInvalid" },
  AuthorizationErrorException: { httpStatus: 403, queryCode: "AuthorizationError" },
  TopicLimitExceededException: { httpStatus: 403, queryCode: "TopicLimitExceeded" },
  SubscriptionLimitExceededException: { httpStatus: 403, queryCode: "SubscriptionLimitExceeded" },
  FilterPolicyLimitExceededException: { httpStatus: 403, queryCode: "FilterPolicyLimitExceeded" },
  TagLimitExceededException: { httpStatus: 400, queryCode: "TagLimitExceeded" },
  TooManyEntriesInBatchRequestException: { httpStatus: 400, queryCode: "TooManyEntriesInBatchRequest" },
  BatchEntryIdsNotDistinctException: { httpStatus: 400, queryCode: "BatchEntryIdsNotDistinct" },
  BatchRequestTooLongException: { httpStatus: 400, queryCode: "BatchRequestTooLong" },
  EmptyBatchRequestException: { httpStatus: 400, queryCode: "EmptyBatchRequest" },
  InvalidBatchEntryIdException: { httpStatus: 400, queryCode: "InvalidBatchEntryId" },
} as const satisfies Record<string, ErrorKind>;

/** What AWS answers although its model does not name it. */
const COMMON_ERRORS = {
  ValidationError: { httpStatus: 400, queryCode: "ValidationError" },
  MalformedQueryString: { httpStatus: 400, queryCode: "MalformedQueryString" },
  InvalidAction: { httpStatus: 400, queryCode: "InvalidAction" },
} as const satisfies Record<string, ErrorKind>;

interface ErrorKind {
  readonly httpStatus: number;
  readonly queryCode: string;
}

function topicError(code: keyof typeof TOPIC_ERRORS, message: string): ServiceError {
  return new ServiceError({ code, fault: "client", message, ...TOPIC_ERRORS[code] });
}

function commonError(code: keyof typeof COMMON_ERRORS, message: string): ServiceError {
  return new ServiceError({ code, fault: "client", message, ...COMMON_ERRORS[code] });
}

/** @param reason what stands behind `Invalid parameter: `, the parameter's name first. */
export function invalidParameter(reason: string): ServiceError {
  return topicError("InvalidParameterException", `Invalid parameter: ${reason}`);
}

/** For a token of a form that no token has; AWS puts nothing in front of this one. */
export function invalidToken(): ServiceError {
  return topicError("InvalidParameterException", "Invalid token");
}

export function missingParameter(name: string): ServiceError {
  return invalidParameter(name === "Message" ? "Empty message" : `${name} Reason: no value for required parameter`);
}

export function malformedInput(message: string): ServiceError {
  return commonError("MalformedQueryString", message);
}

export function unknownAction(name: string): ServiceError {
  return commonError("InvalidAction", `The action ${name} is not valid for this web service.`);
}

export function notOffered(name: string): ServiceError {
  return commonError("InvalidAction", `${name} is not supported by this release of Millrace.`);
}

export function topicNotFound(): ServiceError {
  return topicError("NotFoundException", "Topic does not exist");
}

/** What actions on tags answer for the same. */
export function resourceNotFound(): ServiceError {
  return topicError("ResourceNotFoundException", "Resource does not exist");
}

export function subscriptionNotFound(): ServiceError {
  return topicError("NotFoundException", "Subscription does not exist");
}

export function notAuthorised(refused: { who: string; action: string; resource: string; explicitly: boolean }): ServiceError {
  const { who, action, resource, explicitly } = refused;
  const reason = explicitly
    ? "with an explicit deny in a resource-based policy"
    : `because no resource-based policy allows the SNS:${action} action`;
  const told = `User: ${who} is not authorized to perform: SNS:${action} on resource: ${resource} ${reason}`;
  return topicError("AuthorizationErrorException", told);
}

/** What somebody is told who ends a subscription without saying who it is, where that is asked for. */
export function endNotAuthorised(): ServiceError {
  return topicError("AuthorizationErrorException", "The subscription can be ended by a signed request alone.");
}

/** @param told names the attribute of the message, and what is wrong with it. */
export function invalidMessageAttribute(told: string): ServiceError {
  return topicError("InvalidParameterValueException", told);
}

/** @param member where a value is missing: `messageAttributes.price.member.dataType`. */
export function nullValue(member: string): ServiceError {
  const told = `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`;
  return commonError("ValidationError", told);
}

export function tooManyTopics(max: number): ServiceError {
  return topicError(
    "TopicLimitExceededException",
    `This account has ${max} topics of this kind in this region already, which is the limit.`,
  );
}

export function tooManySubscriptions(fifo: boolean): ServiceError {
  const max = fifo ? FIFO_SUBSCRIPTIONS_MAX : STANDARD_SUBSCRIPTIONS_MAX;
  return topicError("SubscriptionLimitExceededException", `The topic has ${max} subscriptions already, which is the limit.`);
}

export function tooManyFilterPolicies(): ServiceError {
  return topicError(
    "FilterPolicyLimitExceededException",
    `The topic has ${FILTER_POLICIES_MAX} filter policies already, which is the limit.`,
  );
}

export function tooManyTags(): ServiceError {
  return topicError("TagLimitExceededException", `Could not complete request: a topic can have at most ${TAGS_MAX} tags.`);
}

export function tooManyEntries(): ServiceError {
  const told = "The batch request contains more entries than permissible.";
  return topicError("TooManyEntriesInBatchRequestException", told);
}

export function emptyBatch(): ServiceError {
  const told = `The batch request doesn't contain any entries; it must have 1 to ${BATCH_ENTRIES_MAX}.`;
  return topicError("EmptyBatchRequestException", told);
}

export function entryIdsNotDistinct(): ServiceError {
  return topicError("BatchEntryIdsNotDistinctException", "Two or more batch entries in the request have the same Id.");
}

export function entryIdTooLong(id: string): ServiceError {
  return topicError("InvalidBatchEntryIdException", `The Id of a batch entry in the batch request is too long: ${id}`);
}

export function entryIdImpermissible(id: string): ServiceError {
  const told = `The Id of a batch entry in the batch request contains an impermissible character: ${id}`;
  return topicError("InvalidBatchEntryIdException", told);
}

export function batchTooLong(): ServiceError {
  const told = "The length of all the messages put together is more than the limit.";
  return topicError("BatchRequestTooLongException", told);
}
