import { action } from "../../../wire/api.ts";
import { list, operation, string, structure } from "../../../wire/shapes.ts";
import { PAGE_SIZE } from "../rules/limits.ts";
import { decodeNextToken, encodeNextToken } from "../rules/listing.ts";
import { topicArn } from "../rules/topic-arn.ts";
import type { Context } from "./context.ts";

const listTopicsOperation = operation("ListTopics", {
  input: structure({ NextToken: string }),
  output: structure({ Topics: list(structure({ TopicArn: string })), NextToken: string }),
});

/** The caller's topics in the region, by name. */
export const listTopics = ({ store }: Context) =>
  action(listTopicsOperation, async ({ NextToken }, call) => {
    const { accountId: account } = call.principal;
    const { region } = call;
    const { names, more } = await store.listTopics({ account, region, after: decodeNextToken(NextToken), limit: PAGE_SIZE });
    const last = names.at(-1);
    return {
      Topics: names.map((name) => ({ TopicArn: topicArn({ account, region, name }) })),
      NextToken: more && last !== undefined ? encodeNextToken(last) : undefined,
    };
  });
