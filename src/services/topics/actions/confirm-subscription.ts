import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { invalidParameter } from "../rules/errors.ts";
import { subscriptionArn } from "../rules/topic-arn.ts";
import { checkToken } from "../rules/token.ts";
import { regionOf, type Context } from "./context.ts";

const confirmSubscriptionOperation = operation("ConfirmSubscription", {
  input: structure({ TopicArn: required(string), Token: required(string), AuthenticateOnUnsubscribe: string }),
  output: structure({ SubscriptionArn: string }),
});

/** Confirms a subscription by the token that its endpoint was sent: whoever has it may do so. */
export const confirmSubscription = ({ store }: Context) =>
  action(confirmSubscriptionOperation, async ({ TopicArn, Token: token, AuthenticateOnUnsubscribe }, call) => {
    checkToken(token, TopicArn, regionOf(call));
    const signedEnd = AuthenticateOnUnsubscribe?.toLowerCase() === "true";
    const subscription = await store.confirmSubscription({ token, authenticated: call.principal.authenticated, signedEnd });
    if (subscription === undefined) throw invalidParameter("Token");
    return { SubscriptionArn: subscriptionArn(subscription) };
  });
