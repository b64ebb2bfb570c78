import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { subscriptionOf, type Context } from "./context.ts";

const unsubscribeOperation = operation("Unsubscribe", {
  input: structure({ SubscriptionArn: required(string) }),
  output: nothing,
});

/** Ends a subscription; it need not be there. */
export const unsubscribe = ({ store }: Context) =>
  action(unsubscribeOperation, async ({ SubscriptionArn }, call) => {
    const { authenticated } = call.principal;
    await store.unsubscribe({ subscription: subscriptionOf(SubscriptionArn, call), authenticated });
    return {};
  });
