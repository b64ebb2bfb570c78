import { action } from "../../../wire/api.ts";
import { integer, operation, required, string, structure } from "../../../wire/shapes.ts";
import { decodeNextToken, encodeNextToken, pageSize } from "../rules/listing.ts";
import { queueUrl } from "../rules/queue-url.ts";
import { queueFirst, queueOf, type Context } from "./context.ts";
import { names } from "./shapes.ts";

const listDeadLetterSourceQueuesOperation = operation("ListDeadLetterSourceQueues", {
  input: structure({ QueueUrl: required(string), NextToken: string, MaxResults: integer }),
  output: structure({ queueUrls: required(names, { wireName: "QueueUrl" }), NextToken: string }),
});

/** The queues that give messages up to this one, by name; in pages where MaxResults asks for them. */
export const listDeadLetterSourceQueues = (context: Context) =>
  action(listDeadLetterSourceQueuesOperation, async (input, call) => {
    const queue = queueOf(input.QueueUrl, call);
    const request = { prefix: queue.name, maxResults: input.MaxResults };
    const page = await queueFirst(context, queue, () => ({
      limit: pageSize(request.maxResults),
      after: decodeNextToken(input.NextToken, request),
    }));
    const { names, more } = await context.store.listDeadLetterSources({ queue, ...page });
    const last = names.at(-1);
    return {
      queueUrls: names.map((name) => queueUrl(call.baseUrl, { ...queue, name })),
      // As ListQueues does: without MaxResults the first thousand, and nothing of the rest.
      NextToken: more && last !== undefined && request.maxResults !== undefined ? encodeNextToken(request, last) : undefined,
    };
  });
