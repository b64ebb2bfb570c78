import { documented, guess, model, recorded, type Behaviours } from "../row.ts";

/** Sections 1 and 2: the wire protocol, errors, ARNs. */
export const PROTOCOL = {
  "1-query": model("Requests are forms of the Query protocol, version 2010-03-31; answers are XML in the namespace of that version."),
  "1-in-url": recorded("All parameters may stand in the query string of a POST without a body."),
  "1-unsigned-get": recorded(
    "ConfirmSubscription and Unsubscribe work as a plain GET without a signature.",
    "ConfirmSubscription",
    "Unsubscribe",
  ),
  "1-entries": model("Maps are entry.N.key and entry.N.value, message attributes entry.N.Name and entry.N.Value, lists member.N."),
  "1-plus": model("In a form a plus is a space, and %2B is a plus."),
  "1-gaps": model("Entries are ordered by their numbers, which may leave some out."),
  "1-attribute-maps": model("Attributes are answered as entries of key and value."),
  "1-empty-lists": recorded("A list without members is answered as an empty element, so that SDKs make an empty list of it."),
  "1-empty-result": model("TagResource and UntagResource answer an empty result.", "TagResource", "UntagResource"),
  "1-request-id": model("Every answer has a RequestId in its ResponseMetadata."),
  "1-error": model("An error has Type, Code and Message inside Error, and a RequestId beside it; Code is the short form."),
  "1-statuses": model("InvalidParameter is 400, NotFound 404, AuthorizationError 403; SDKs make their own exceptions of them."),
  "1-bad-signature": guess("A wrong signature, key or time is refused with 403 in the same envelope."),
  "1-unknown-action": guess("An action that does not exist is an InvalidAction, 400."),
  "1-not-offered": guess("An action of AWS that is not offered is refused by its name."),

  "2-elements": recorded("An ARN of less than six parts is told how many it has; an empty one has 1. The parameter is named."),
  "2-region": recorded("A topic's ARN of another region is an InvalidParameter of TopicArn, in every action."),
  "2-absent": recorded("A topic that does not exist is a NotFound, 404: Topic does not exist."),
  "2-unsubscribe-topic": recorded("Unsubscribe with a topic's ARN is an InvalidParameter of SubscriptionId.", "Unsubscribe"),
  "2-unsubscribe-missing": recorded("Unsubscribe without an ARN says that there is no value for a required parameter.", "Unsubscribe"),
  "2-unsubscribe-pending": recorded("Unsubscribe with the words PendingConfirmation is told of the six parts of an ARN.", "Unsubscribe"),

  "11-topics": documented("An account has up to 100,000 standard and 1,000 FIFO topics.", "CreateTopic"),
  "11-subscriptions": documented("A FIFO topic has up to 100 subscriptions.", "Subscribe"),
  "11-policy": documented("A topic's policy has up to 30 KiB.", "SetTopicAttributes"),
  "11-page": model("A page of a list has 100 members."),
} satisfies Behaviours;
