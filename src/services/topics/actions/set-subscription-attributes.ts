import { action } from "../../../wire/api.ts";
import { nothing, operation, required, string, structure } from "../../../wire/shapes.ts";
import { subscriptionOf, type Context } from "./context.ts";

const setSubscriptionAttributesOperation = operation("SetSubscriptionAttributes", {
  input: structure({ SubscriptionArn: required(string), AttributeName: required(string), AttributeValue: string }),
  output: nothing,
});

/** Sets one attribute of a subscription; an empty value removes it. */
export const setSubscriptionAttributes = ({ store }: Context) =>
  action(setSubscriptionAttributesOperation, async ({ SubscriptionArn, AttributeName: name, AttributeValue: value = "" }, call) => {
    await store.setSubscriptionAttribute({ subscription: subscriptionOf(SubscriptionArn, call), name, value });
    return {};
  });
