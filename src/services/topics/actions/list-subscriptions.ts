import { action } from "../../../wire/api.ts";
import { operation, string, structure } from "../../../wire/shapes.ts";
import { PAGE_SIZE } from "../rules/limits.ts";
import { decodeNextNumber } from "../rules/listing.ts";
import type { Context } from "./context.ts";
import { listed } from "./listed.ts";
import { subscriptions } from "./shapes.ts";

const listSubscriptionsOperation = operation("ListSubscriptions", {
  input: structure({ NextToken: string }),
  output: structure({ Subscriptions: subscriptions, NextToken: string }),
});

/** Subscriptions to the caller's topics in the region, in the order of their making. */
export const listSubscriptions = ({ store }: Context) =>
  action(listSubscriptionsOperation, async ({ NextToken }, { principal, region }) =>
    listed(await store.listSubscriptions({ account: principal.accountId, region, after: decodeNextNumber(NextToken), limit: PAGE_SIZE })),
  );
