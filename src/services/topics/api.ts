import type { Api } from "../../wire/api.ts";
import { addPermission } from "./actions/add-permission.ts";
import { confirmSubscription } from "./actions/confirm-subscription.ts";
import type { Context } from "./actions/context.ts";
import { createTopic } from "./actions/create-topic.ts";
import { deleteTopic } from "./actions/delete-topic.ts";
import { getSubscriptionAttributes } from "./actions/get-subscription-attributes.ts";
import { getTopicAttributes } from "./actions/get-topic-attributes.ts";
import { listSubscriptionsByTopic } from "./actions/list-subscriptions-by-topic.ts";
import { listSubscriptions } from "./actions/list-subscriptions.ts";
import { listTagsForResource } from "./actions/list-tags-for-resource.ts";
import { listTopics } from "./actions/list-topics.ts";
import { publishBatch } from "./actions/publish-batch.ts";
import { publish } from "./actions/publish.ts";
import { removePermission } from "./actions/remove-permission.ts";
import { setSubscriptionAttributes } from "./actions/set-subscription-attributes.ts";
import { setTopicAttributes } from "./actions/set-topic-attributes.ts";
import { subscribe } from "./actions/subscribe.ts";
import { tagResource } from "./actions/tag-resource.ts";
import { unsubscribe } from "./actions/unsubscribe.ts";
import { untagResource } from "./actions/untag-resource.ts";
import { malformedInput, missingParameter, notOffered, unknownAction } from "./rules/errors.ts";

/** Of AWS's actions those about text messages, phones' push services, and what looks into messages. */
const NOT_OFFERED = [
  "CheckIfPhoneNumberIsOptedOut",
  "CreatePlatformApplication",
  "CreatePlatformEndpoint",
  "CreateSMSSandboxPhoneNumber",
  "DeleteEndpoint",
  "DeletePlatformApplication",
  "DeleteSMSSandboxPhoneNumber",
  "GetDataProtectionPolicy",
  "GetEndpointAttributes",
  "GetPlatformApplicationAttributes",
  "GetSMSAttributes",
  "GetSMSSandboxAccountStatus",
  "ListEndpointsByPlatformApplication",
  "ListOriginationNumbers",
  "ListPhoneNumbersOptedOut",
  "ListPlatformApplications",
  "ListSMSSandboxPhoneNumbers",
  "OptInPhoneNumber",
  "PutDataProtectionPolicy",
  "SetEndpointAttributes",
  "SetPlatformApplicationAttributes",
  "SetSMSAttributes",
  "VerifySMSSandboxPhoneNumber",
];

/** The contents page of the topic service: every action of Amazon SNS. */
export function topicsApi(context: Context): Api {
  return {
    service: "topics",
    signingName: "sns",
    errorNamespace: "com.amazonaws.sns",
    query: { version: "2010-03-31", xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/" },
    actions: {
      CreateTopic: createTopic(context),
      DeleteTopic: deleteTopic(context),
      GetTopicAttributes: getTopicAttributes(context),
      SetTopicAttributes: setTopicAttributes(context),
      ListTopics: listTopics(context),
      TagResource: tagResource(context),
      UntagResource: untagResource(context),
      ListTagsForResource: listTagsForResource(context),
      AddPermission: addPermission(context),
      RemovePermission: removePermission(context),
      Subscribe: subscribe(context),
      ConfirmSubscription: confirmSubscription(context),
      Unsubscribe: unsubscribe(context),
      GetSubscriptionAttributes: getSubscriptionAttributes(context),
      SetSubscriptionAttributes: setSubscriptionAttributes(context),
      ListSubscriptions: listSubscriptions(context),
      ListSubscriptionsByTopic: listSubscriptionsByTopic(context),
      Publish: publish(context),
      PublishBatch: publishBatch(context),
    },
    notOffered: NOT_OFFERED,
    unsignedActions: ["ConfirmSubscription", "Unsubscribe"],
    errors: { missingParameter, malformedInput, unknownAction, notOffered },
  };
}
