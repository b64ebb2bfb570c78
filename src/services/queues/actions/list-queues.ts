import { action } from "../../../wire/api.ts";
import { integer, operation, optional, string, structure } from "../../../wire/shapes.ts";
import { decodeNextToken, encodeNextToken, pageSize } from "../rules/listing.ts";
import { queueUrl } from "../rules/queue-url.ts";
import type { Context } from "./context.ts";
import { names } from "./shapes.ts";

const listQueuesOperation = operation("ListQueues", {
  input: structure({ QueueNamePrefix: string, NextToken: string, MaxResults: integer }),
  output: structure({ QueueUrls: optional(names, { wireName: "QueueUrl" }), NextToken: string }),
});

/** The caller's queues in the region, by name; in pages where MaxResults asks for them. */
export const listQueues = ({ store }: Context) =>
  action(listQueuesOperation, async (input, call) => {
    const { accountId: account } = call.principal;
    const { region } = call;
    const request = { prefix: input.QueueNamePrefix ?? "", maxResults: input.MaxResults };
    const limit = pageSize(request.maxResults);
    const after = decodeNextToken(input.NextToken, request);
    const { names, more } = await store.listQueues({ account, region, prefix: request.prefix, after, limit });
    const last = names.at(-1);
    return {
      QueueUrls: names.map((name) => queueUrl(call.baseUrl, { account, region, name })),
      // Without MaxResults AWS answers the first thousand and says nothing of the rest.
      NextToken: more && last !== undefined && request.maxResults !== undefined ? encodeNextToken(request, last) : undefined,
    };
  });
