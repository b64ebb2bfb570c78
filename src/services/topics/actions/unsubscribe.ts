import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { newToken, subscriptionOf, type Context } from "./context.ts";

const unsubscribeOperation = operation("Unsubscribe", {
  input: structure({ SubscriptionArn: required(string) }),
  output: nothing,
});

/** Ends a subscription; it need not be there. */
export const unsubscribe = (context: Context) =>
  action(unsubscribeOperation, async ({ SubscriptionArn }, call) => {
    const { authenticated } = call.principal;
    const subscription = subscriptionOf(SubscriptionArn, call);
    await context.store.unsubscribe({ subscription, authenticated, token: newToken(context) });
    context.wake();
    return {};
  });
